"""Folding: the facts of one dispatch, in order, give its state. For timelines, checks and the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from schemas.assignment import Role, WithdrawnReason
from schemas.case import LIVE, HoldingState, State
from schemas.fact import Actor, Fact, FactKind
from schemas.feedback import FeedbackKind


@dataclass(frozen=True, slots=True)
class Share:
    """What the facts say of one department."""

    role: Role
    state: HoldingState


@dataclass(slots=True)
class Folded:
    """What the facts say of the dispatch."""

    seq: int = 0
    state: State = State.RECEIVED
    round: int = 1
    version: int = 0
    bounces: int = 0
    first_receiver: str | None = None
    parked: bool = False
    shares: dict[str, Share] = field(default_factory=dict)

    @property
    def lead(self) -> str | None:
        """Who leads now."""
        live = (code for code, share in self.shares.items() if share.role is Role.LEAD and share.state in LIVE)
        return next(live, None)

    @property
    def assists(self) -> tuple[str, ...]:
        """Who assists now."""
        return tuple(code for code, one in self.shares.items() if one.role is Role.ASSIST and one.state in LIVE)


class GapError(ValueError):
    """A fact is missing, or comes twice, or belongs to another dispatch."""


_STATES: Final = {
    FactKind.SIGNED: HoldingState.SIGNED,
    FactKind.CONTACTED: HoldingState.WORKING,
    FactKind.PROGRESSED: HoldingState.WORKING,
    FactKind.EXTENSION_REQUESTED: HoldingState.WORKING,
    FactKind.ANSWERED: HoldingState.DONE,
}
_ENDED: Final = {
    WithdrawnReason.RETURNED: HoldingState.RETURNED,
    WithdrawnReason.TRANSFERRED: HoldingState.TRANSFERRED,
}


def fold(facts: Iterable[Fact]) -> Folded:
    """The state after these facts, which are all of one dispatch, from the first. Raises GapError."""
    folded = Folded()
    dispatch: str | None = None
    for fact in facts:
        if fact.seq != folded.seq + 1 or (dispatch is not None and fact.dispatch != dispatch):
            raise GapError(f"fact {fact.seq} after {folded.seq}")
        dispatch = fact.dispatch
        advance(folded, fact)
    return folded


def advance(folded: Folded, fact: Fact) -> None:
    """The state after one more fact, which is the next."""
    folded.seq, folded.round, folded.state = fact.seq, fact.round, State(fact.state)
    if isinstance(version := fact.details.get("version"), int):
        folded.version = version
    department = fact.department
    if fact.fact is FactKind.ROUTED:
        _routed(folded, fact)
    elif fact.fact in (FactKind.PARKED, FactKind.UNPARKED):
        folded.parked = fact.fact is FactKind.PARKED
    elif fact.fact is FactKind.REVIEWED and fact.details["passed"] is False:
        _lead_works(folded)
    elif fact.fact is FactKind.FEEDBACK_REJECTED:
        if fact.details["kind"] == FeedbackKind.RESULT and folded.state is State.HANDLING:
            _lead_works(folded)
    elif department is None:
        return
    elif fact.fact is FactKind.ASSIGNED:
        folded.shares.pop(department, None)
        folded.shares[department] = Share(Role(str(fact.details["role"])), HoldingState.OFFERED)
    elif fact.fact is FactKind.UNASSIGNED:
        reason = WithdrawnReason(str(fact.details["reason"]))
        given_back = fact.actor is Actor.DEPARTMENT
        _set(folded, department, _ENDED[reason] if given_back else HoldingState.WITHDRAWN)
    elif fact.fact in (FactKind.RETURNED, FactKind.TRANSFERRED):
        folded.bounces += folded.shares[department].role is Role.LEAD
    elif fact.fact in _STATES:
        _set(folded, department, _STATES[fact.fact])


def _set(folded: Folded, department: str, state: HoldingState) -> None:
    folded.shares[department] = replace(folded.shares[department], state=state)


def _lead_works(folded: Folded) -> None:
    if folded.lead is not None:
        _set(folded, folded.lead, HoldingState.WORKING)


def _routed(folded: Folded, fact: Fact) -> None:
    """Who stays may have another role, and then has another answer to give."""
    lead = str(fact.details["lead"])
    folded.first_receiver = folded.first_receiver or lead
    before = folded.lead
    if before is not None and folded.shares[before].state is HoldingState.DONE:
        _lead_works(folded)
    for code, share in folded.shares.items():
        role = Role.LEAD if code == lead else Role.ASSIST
        if share.state in LIVE and share.role is not role:
            state = HoldingState.OFFERED if share.state is HoldingState.DONE else share.state
            folded.shares[code] = Share(role, state)
