"""What a person of the county centre orders about a dispatch."""

from collections.abc import Callable
from typing import Final

from schemas.assignment import Action, Role, WithdrawnReason
from schemas.case import ClosedBy, Flag, HoldingState, SignState, State
from schemas.fact import Actor, FactKind
from schemas.feedback import FeedbackKind
from schemas.order import Order, OrderAction
from schemas.report import ReturnReason
from streams.domain.assigning import assign, barred, sign, unfinished, withdraw
from streams.domain.decision import IgnoredReason
from streams.domain.draft import Draft
from streams.domain.extending import grant, handling, may_extend
from streams.domain.lifecycle import FOLLOWS, ORDERS
from streams.domain.reports import pass_result
from streams.domain.routing import Routed, RouteReason
from streams.domain.supervision import supervise

_CODED: Final = frozenset(map(str, ReturnReason))

Obey = Callable[[Draft, Order], IgnoredReason | None]


def obey(draft: Draft, order: Order) -> IgnoredReason | None:
    """Apply an order."""
    if order.action is OrderAction.UNPARK:
        return IgnoredReason.NOT_PARKED
    if draft.state not in ORDERS[order.action]:
        return IgnoredReason.ILLEGAL
    return OBEYED[order.action](draft, order)


def _route(draft: Draft, order: Order) -> IgnoredReason | None:
    """To whom the order names, else as the rules say. An order outranks a lock, and who gave it back may be named.

    Where the city refused the signature, this is how a person signs again.
    """
    seats = [draft.rules.router.seats.of(code) for code in order.to]
    named = [code for code in dict.fromkeys(seats) if code is not None]
    if None in seats:
        return IgnoredReason.UNKNOWN_DEPARTMENT
    if named:
        routed = Routed(named[0], tuple(named[1:]), (), RouteReason.ORDERED)
    else:
        routed = draft.rules.router.route(draft.dispatch, barred(draft))
    now = {held.department: held.role for held in draft.live()}
    wanted = {routed.lead: Role.LEAD, **dict.fromkeys(routed.assists, Role.ASSIST)}
    if now == wanted and draft.sign is not SignState.REJECTED:
        return IgnoredReason.NO_CHANGE
    sign(draft, Actor.OPERATOR, order.by)
    draft.answer, draft.answered_by = None, None
    lead = draft.lead()
    if lead is not None and lead.state is HoldingState.DONE:
        draft.set(lead, HoldingState.WORKING)
    assign(draft, routed, Actor.OPERATOR, order.by)
    return None


def _return(draft: Draft, order: Order) -> IgnoredReason | None:
    """Ask the city to take it back: a signed dispatch only, and with a coded reason, or the city does not listen."""
    sign(draft, Actor.OPERATOR, order.by)
    draft.state = State.RETURN_UP_REQ
    draft.fact(FactKind.RETURNED, Actor.OPERATOR, {"to": "city", "feedback": FeedbackKind.RETURN}, by=order.by)
    coded = order.reason if order.reason in _CODED else ReturnReason.NOT_OURS
    draft.awaits = draft.feedback(FeedbackKind.RETURN, note=order.reason, reason=ReturnReason(coded))
    return None


def _close(draft: Draft, order: Order) -> IgnoredReason | None:
    draft.state, draft.closed_by, draft.answer = State.CLOSED, ClosedBy.COUNTY, None
    draft.fact(FactKind.CLOSED, Actor.OPERATOR, {"reason": order.reason}, by=order.by)
    withdraw(draft, unfinished(draft), WithdrawnReason.CLOSED, Actor.OPERATOR)
    return None


def _note(draft: Draft, order: Order) -> IgnoredReason | None:
    draft.fact(FactKind.NOTED, Actor.OPERATOR, {"text": order.reason}, by=order.by)
    return None


def _pass(draft: Draft, order: Order) -> IgnoredReason | None:
    pass_result(draft, Actor.OPERATOR, order.by)
    return None


def _fail(draft: Draft, order: Order) -> IgnoredReason | None:
    """The result does not do, the county says, or the city said: the lead does it again in the same round."""
    lead = draft.lead()
    if lead is None or (draft.state is State.HANDLING and FeedbackKind.RESULT not in draft.rejected):
        return IgnoredReason.ILLEGAL
    draft.answer, draft.answered_by = None, None
    draft.rejected = tuple(kind for kind in draft.rejected if kind is not FeedbackKind.RESULT)
    draft.flag(Flag.CITY_REJECTED, bool(draft.rejected))
    draft.state = State.HANDLING
    held = draft.set(lead, HoldingState.WORKING)
    draft.fact(FactKind.REVIEWED, Actor.OPERATOR, {"passed": False, "reason": order.reason}, by=order.by)
    draft.tell(held, Action.REDO)
    return None


def _ledger_open(draft: Draft, order: Order) -> IgnoredReason | None:
    draft.state = State.ON_LEDGER
    draft.fact(FactKind.LEDGER_OPENED, Actor.OPERATOR, {"reason": order.reason}, by=order.by)
    return None


def _ledger_close(draft: Draft, order: Order) -> IgnoredReason | None:
    lead = draft.lead()
    draft.state = FOLLOWS[lead.state] if lead is not None else State.SIGNED
    draft.fact(FactKind.LEDGER_CLOSED, Actor.OPERATOR, {"reason": order.reason}, by=order.by)
    return None


def _merge(draft: Draft, order: Order) -> IgnoredReason | None:
    if order.merged_into is None:
        return IgnoredReason.INCOMPLETE
    if order.merged_into == draft.id:
        return IgnoredReason.ILLEGAL
    draft.state, draft.closed_by, draft.answer = State.MERGED, ClosedBy.COUNTY, None
    draft.merged_into = order.merged_into
    draft.fact(FactKind.MERGED, Actor.OPERATOR, {"into": order.merged_into}, by=order.by)
    withdraw(draft, draft.live(), WithdrawnReason.MERGED, Actor.OPERATOR)
    return None


def _extend(draft: Draft, order: Order) -> IgnoredReason | None:
    """The city is told either way; where it has set the deadline, nothing moves before it agrees."""
    if order.days is None:
        return IgnoredReason.INCOMPLETE
    run = handling(draft)
    if reason := may_extend(draft, order.days):
        return reason
    if run is None or run.city is not None:
        draft.fact(FactKind.EXTENSION_REQUESTED, Actor.OPERATOR, {"days": order.days}, by=order.by)
        draft.asked_days = order.days
    else:
        grant(draft, order.days, Actor.OPERATOR, order.by)
    lead = draft.lead()
    department = None if lead is None else lead.department
    draft.feedback(FeedbackKind.EXTENSION, department=department, note=order.reason, extend_days=order.days)
    return None


def _pause(draft: Draft, order: Order) -> IgnoredReason | None:
    """To wait for the citizen, where the county's rule for it allows that."""
    run, timetable = handling(draft), draft.rules.timetable
    timed = None if run is None or timetable is None else timetable.of(run)
    if run is None or timed is None or not timed.rule.pausable:
        return IgnoredReason.ILLEGAL
    if run.paused:
        return IgnoredReason.NO_CHANGE
    draft.fact(FactKind.PAUSED, Actor.OPERATOR, {"clock": run.clock}, by=order.by)
    return None


def _resume(draft: Draft, order: Order) -> IgnoredReason | None:
    run = handling(draft)
    if run is None or not run.paused or draft.state is State.ON_LEDGER:
        return IgnoredReason.NO_CHANGE
    draft.fact(FactKind.RESUMED, Actor.OPERATOR, {"clock": run.clock}, by=order.by)
    draft.tell_all_amended()
    return None


OBEYED: Final[dict[OrderAction, Obey]] = {
    OrderAction.ROUTE: _route,
    OrderAction.RETURN: _return,
    OrderAction.CLOSE: _close,
    OrderAction.NOTE: _note,
    OrderAction.PASS: _pass,
    OrderAction.FAIL: _fail,
    OrderAction.LEDGER_OPEN: _ledger_open,
    OrderAction.LEDGER_CLOSE: _ledger_close,
    OrderAction.MERGE: _merge,
    OrderAction.SUPERVISE: supervise,
    OrderAction.EXTEND: _extend,
    OrderAction.PAUSE: _pause,
    OrderAction.RESUME: _resume,
}
