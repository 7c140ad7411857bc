"""The clocks of one dispatch as a fold over its facts: which fact starts, stops, pauses or moves which clock.

The same fold runs when a fact is made and when the journal is read again, so that a stored deadline can be replayed.
Which clock runs from what until what: domain study 9.1; pauses, returns and redo: 9.4 to 9.6.

    sign            the city's order           until the county signs
    route           the county's signature     until somebody leads
    department_sign a share is given           until that department signs, answers or gives it back
    contact         the city's order           until a citizen is contacted
    handling        the city's order           until the city has the result
    review          a result came in           until the city has it
    callback        the city has the result    until the city closes
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from schemas.assignment import Role, WithdrawnReason
from schemas.case import State
from schemas.clock import ClockName, ClockOutcome
from schemas.dispatch import UNKNOWN_CATEGORY, CityStatus, Kind, Urgency
from schemas.fact import Actor, Fact, FactKind
from schemas.feedback import FeedbackKind
from streams.domain.deadlines import Basis
from streams.domain.runs import Clocks

FROM_ORDER: Final = (ClockName.SIGN, ClockName.CONTACT, ClockName.HANDLING)
"""Clocks that run from the city's order."""

_URGENCIES: Final[dict[object, Urgency]] = {one: one for one in Urgency}
_KINDS: Final[dict[object, Kind]] = {one: one for one in Kind}

REACHED: Final = frozenset({ClockOutcome.MET, ClockOutcome.MET_LATE})


def take(clocks: Clocks, fact: Fact) -> None:
    """Fold one fact in."""
    if effect := EFFECTS.get(fact.fact):
        effect(clocks, fact)


def _ended(entry: str) -> tuple[str, str]:
    """Clock and outcome of an entry of `Case.ended`."""
    clock, _, _, outcome, *_ = entry.split("|")
    return clock, outcome


Effect = Callable[[Clocks, Fact], None]


def _received(clocks: Clocks, fact: Fact) -> None:
    clocks.basis = _basis(clocks, fact)
    if fact.details.get("status", CityStatus.OPEN) == CityStatus.OPEN:
        _begin(clocks, fact, _moment(fact, "issued_at"))


def _begin(clocks: Clocks, fact: Fact, start: datetime) -> None:
    shown_at, city = _moment(fact, "updated_at"), _city(fact)
    signed = any(clock == ClockName.SIGN and outcome in REACHED for clock, outcome in map(_ended, clocks.ended))
    for clock in FROM_ORDER:
        if clock is not ClockName.SIGN or not signed:
            clocks.start(clock, start, fact, city=city if clock is ClockName.HANDLING else None)
            clocks.arrived(clock, fact.occurred_at, shown_at)


def _amended(clocks: Clocks, fact: Fact) -> None:
    clocks.rebase(_basis(clocks, fact), _city(fact), why="amended", now=fact.occurred_at)


def _reopened(clocks: Clocks, fact: Fact) -> None:
    """A new round runs from the order to do it again; how the round before ended stays as it is."""
    clocks.end_all(ClockOutcome.CANCELLED, "reopened")
    clocks.basis = _basis(clocks, fact)
    _begin(clocks, fact, _moment(fact, "updated_at"))


def _signed(clocks: Clocks, fact: Fact) -> None:
    if fact.actor is Actor.DEPARTMENT:
        _heard(clocks, fact)
        return
    clocks.stop(ClockName.SIGN, fact.occurred_at)
    clocks.start(ClockName.ROUTE, fact.occurred_at, fact)


def _routed(clocks: Clocks, fact: Fact) -> None:
    clocks.stop(ClockName.ROUTE, fact.occurred_at)
    if not clocks.timetable.by_level:
        return
    level = clocks.timetable.levels.get(str(fact.details.get("lead")))
    if level is not clocks.basis.level:
        run = clocks.run(ClockName.HANDLING)
        city = None if run is None else run.city
        clocks.rebase(clocks.basis._replace(level=level), city, why="routed", now=fact.occurred_at)


def _assigned(clocks: Clocks, fact: Fact) -> None:
    clocks.start(ClockName.DEPARTMENT_SIGN, fact.occurred_at, fact, holder=fact.department)


def _heard(clocks: Clocks, fact: Fact) -> None:
    """A department that works has taken notice, whether it signed or not."""
    clocks.stop(ClockName.DEPARTMENT_SIGN, fact.occurred_at, holder=fact.department)


def _contacted(clocks: Clocks, fact: Fact) -> None:
    _heard(clocks, fact)
    clocks.stop(ClockName.CONTACT, fact.occurred_at)


def _answered(clocks: Clocks, fact: Fact) -> None:
    _heard(clocks, fact)
    if fact.details.get("contacted"):
        clocks.stop(ClockName.CONTACT, fact.occurred_at)
    if fact.details.get("role") == Role.LEAD:
        clocks.start(ClockName.REVIEW, fact.occurred_at, fact)


def _unassigned(clocks: Clocks, fact: Fact) -> None:
    """Giving it back in time is an answer; having it taken away is not. Handling neither stops nor starts again."""
    if fact.details.get("reason") in {WithdrawnReason.RETURNED, WithdrawnReason.TRANSFERRED}:
        _heard(clocks, fact)
    else:
        clocks.end(ClockName.DEPARTMENT_SIGN, ClockOutcome.CANCELLED, holder=fact.department)


def _reviewed(clocks: Clocks, fact: Fact) -> None:
    if not fact.details.get("passed"):
        clocks.end(ClockName.REVIEW, ClockOutcome.CANCELLED)


def _delivered(clocks: Clocks, fact: Fact) -> None:
    if fact.details.get("kind") == FeedbackKind.RESULT and fact.state == State.REPORTED:
        for clock in (ClockName.HANDLING, ClockName.REVIEW):
            clocks.stop(clock, fact.occurred_at)
        clocks.end(ClockName.CONTACT, ClockOutcome.CANCELLED)
        clocks.start(ClockName.CALLBACK, fact.occurred_at, fact)
    elif fact.state == State.RETURNED_UP:
        clocks.end_all(ClockOutcome.EXCLUDED, "returned_up")


def _rejected(clocks: Clocks, fact: Fact) -> None:
    if fact.details.get("kind") == FeedbackKind.RESULT:
        clocks.end(ClockName.REVIEW, ClockOutcome.CANCELLED)


def _closed(clocks: Clocks, fact: Fact) -> None:
    for clock in (ClockName.HANDLING, ClockName.CALLBACK):
        clocks.stop(clock, fact.occurred_at)
    clocks.end_all(ClockOutcome.CANCELLED)


def _withdrawn(clocks: Clocks, fact: Fact) -> None:
    clocks.end_all(ClockOutcome.CANCELLED)


def _merged(clocks: Clocks, fact: Fact) -> None:
    clocks.end_all(ClockOutcome.EXCLUDED, "merged")


def _paused(clocks: Clocks, fact: Fact) -> None:
    clocks.pause(ClockName.HANDLING, fact.occurred_at)


def _resumed(clocks: Clocks, fact: Fact) -> None:
    clocks.resume(ClockName.HANDLING, fact.occurred_at)


def _extended(clocks: Clocks, fact: Fact) -> None:
    clocks.extend(ClockName(str(fact.details["clock"])), int(fact.details["days"] or 0), fact.occurred_at)


def _marked(clocks: Clocks, fact: Fact) -> None:
    clocks.fire(ClockName(str(fact.details["clock"])), str(fact.details["mark"]), holder=fact.department)


EFFECTS: Final[dict[FactKind, Effect]] = {
    FactKind.RECEIVED: _received,
    FactKind.AMENDED: _amended,
    FactKind.REOPENED: _reopened,
    FactKind.SIGNED: _signed,
    FactKind.ROUTED: _routed,
    FactKind.ASSIGNED: _assigned,
    FactKind.CONTACTED: _contacted,
    FactKind.PROGRESSED: _heard,
    FactKind.EXTENSION_REQUESTED: _heard,
    FactKind.ANSWERED: _answered,
    FactKind.UNASSIGNED: _unassigned,
    FactKind.REVIEWED: _reviewed,
    FactKind.FEEDBACK_DELIVERED: _delivered,
    FactKind.FEEDBACK_REJECTED: _rejected,
    FactKind.CLOSED: _closed,
    FactKind.WITHDRAWN: _withdrawn,
    FactKind.MERGED: _merged,
    FactKind.LEDGER_OPENED: _paused,
    FactKind.LEDGER_CLOSED: _resumed,
    FactKind.PAUSED: _paused,
    FactKind.RESUMED: _resumed,
    FactKind.EXTENDED: _extended,
    FactKind.MARKED: _marked,
}
"""What each fact does to the clocks. A fact that is not here does nothing to any."""


def _basis(clocks: Clocks, fact: Fact) -> Basis:
    said = fact.details
    return Basis(
        _URGENCIES[said.get("urgency", Urgency.NORMAL)],
        _KINDS[said.get("kind", Kind.OTHER)],
        str(said.get("category", UNKNOWN_CATEGORY)),
        clocks.basis.level,
    )


def _moment(fact: Fact, name: str) -> datetime:
    """An instant among the details; that of the fact where a record of an earlier version has none."""
    said = fact.details.get(name)
    return datetime.fromisoformat(said) if isinstance(said, str) else fact.occurred_at


def _city(fact: Fact) -> datetime | None:
    said = fact.details.get("due_at")
    return datetime.fromisoformat(said) if isinstance(said, str) else None
