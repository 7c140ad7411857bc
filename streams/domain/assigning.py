"""Assigning (交办): shares are given, changed and taken back. Every department whose share changes is told."""

from collections.abc import Iterable

from schemas.assignment import Action, Role, WithdrawnReason
from schemas.case import Flag, Holding, HoldingState, SignState, State
from schemas.fact import Actor, FactKind
from schemas.feedback import FeedbackKind
from schemas.notice import NoticeKind
from streams.domain.built import built, changed
from streams.domain.draft import Draft
from streams.domain.lifecycle import FOLLOWS
from streams.domain.routing import Routed, RouteReason


def sign(draft: Draft, actor: Actor = Actor.BRIDGE, by: str | None = None) -> None:
    """The county signs the dispatch to the city (签收), once; nothing where it has."""
    if draft.sign in {SignState.SENT, SignState.ACCEPTED}:
        return
    draft.state, draft.sign = State.SIGNED, SignState.SENT
    draft.fact(FactKind.SIGNED, actor, {"feedback": FeedbackKind.SIGN}, by=by)
    draft.feedback(FeedbackKind.SIGN)


def waits(draft: Draft) -> bool:
    """Whether a person must sign first."""
    return draft.rules.policy.sign == "manual" and draft.sign in {SignState.NONE, SignState.REJECTED}


def open_up(draft: Draft) -> None:
    """Sign and route a case that nobody holds, unless it waits for the person who signs."""
    if waits(draft):
        return
    sign(draft)
    assign(draft, draft.rules.router.route(draft.dispatch, barred(draft)))


def barred(draft: Draft) -> frozenset[str]:
    """Departments that gave it back: they are not asked again by rule."""
    gone = {HoldingState.RETURNED, HoldingState.TRANSFERRED}
    return frozenset(held.department for held in draft.holdings if held.state in gone)


def assign(draft: Draft, routed: Routed, actor: Actor = Actor.BRIDGE, by: str | None = None) -> None:
    """Give the shares that `routed` names. Who held one and is not named is told that it ended; who stays hears too."""
    wanted = {routed.lead: Role.LEAD, **{code: Role.ASSIST for code in routed.assists if code != routed.lead}}
    before = {held.department: held for held in draft.live()}
    withdraw(draft, (held for code, held in before.items() if code not in wanted), WithdrawnReason.REROUTED)
    given = [_share(draft, code, role, before.get(code)) for code, role in wanted.items()]
    draft.first_receiver = draft.first_receiver or routed.lead
    draft.locked = draft.locked or routed.reason is RouteReason.ARBITER
    draft.flag(Flag.ABOUT_LEAD, routed.about_lead)
    draft.flag(Flag.LEAD_BY_UNKNOWN_CODE, routed.reason is RouteReason.UNKNOWN_CODE)
    draft.state = FOLLOWS[given[0].state]
    draft.fact(
        FactKind.ROUTED,
        actor,
        {
            "lead": routed.lead,
            "assists": ",".join(code for code, role in wanted.items() if role is Role.ASSIST),
            "reason": routed.reason,
            "path": " > ".join(routed.path),
        },
        by=by,
    )
    if before:
        for held in given:
            if held.department in before:
                draft.tell(held, Action.AMENDED)
    if routed.about_lead:
        draft.notice(NoticeKind.ARBITRATION, reason=Flag.ABOUT_LEAD)
    for held in given:
        if held.department not in before:
            draft.fact(FactKind.ASSIGNED, actor, {"role": held.role}, department=held.department, by=by)
            draft.tell(held, Action.ASSIGNED)


def _share(draft: Draft, code: str, role: Role, before: Holding | None) -> Holding:
    """A share that is kept keeps its state; but another role is another answer."""
    state = HoldingState.OFFERED
    if before is not None and before.role is role:
        return before
    if before is not None:
        kept = state if before.state is HoldingState.DONE else before.state
        return draft.put(changed(before, {"role": role, "state": kept}))
    return draft.put(
        built(Holding, {"department": code, "role": role, "state": state, "since": draft.when, "round": draft.round})
    )


def withdraw(draft: Draft, holdings: Iterable[Holding], reason: WithdrawnReason, actor: Actor = Actor.BRIDGE) -> None:
    """End these shares and tell their departments."""
    for held in holdings:
        end(draft, held, HoldingState.WITHDRAWN, reason, actor)


def end(draft: Draft, held: Holding, state: HoldingState, reason: WithdrawnReason, actor: Actor) -> None:
    """End one share and tell its department."""
    ended = draft.set(held, state)
    draft.fact(FactKind.UNASSIGNED, actor, {"role": held.role, "reason": reason}, department=held.department)
    draft.tell(ended, Action.WITHDRAWN, reason)


def unfinished(draft: Draft) -> tuple[Holding, ...]:
    """Live shares whose department has not answered yet."""
    return tuple(held for held in draft.live() if held.state is not HoldingState.DONE)
