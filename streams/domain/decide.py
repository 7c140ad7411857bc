"""The one step: a case and a message give the next case and what has to be sent. Pure, total, and repeatable.

Same case and same message: same bytes, whatever the time. Every state answers every message, with Moved, Ignored and
a reason of a closed list, or Parked.
"""

from datetime import datetime
from typing import Final, assert_never

from schemas.case import Case, State
from schemas.clock import DueMark
from schemas.dispatch import Dispatch
from schemas.fact import Actor, FactKind
from schemas.feedback import Outcome
from schemas.order import Order, OrderAction
from schemas.report import Report
from streams.domain.built import built, changed
from streams.domain.decision import (
    SILENT,
    Context,
    Decision,
    Ignored,
    IgnoredReason,
    Inbound,
    Moved,
    Parked,
)
from streams.domain.draft import REMEMBERED, Draft, position, short
from streams.domain.marking import act, settle
from streams.domain.orders import obey
from streams.domain.outcomes import learn
from streams.domain.parking import unpark
from streams.domain.reports import hear
from streams.domain.rules import Rules
from streams.domain.snapshots import same_or_stale, show

_MOVED: Final = Moved()


def decide(case: Case | None, message: Inbound, context: Context, rules: Rules, stored: bytes = b"") -> Decision:
    """What becomes of `message`.

    `case` is the row of the dispatch, or None; `stored` the snapshot that the row carries (unused where `message` is
    a snapshot). Raises UndecodableError where `stored` is needed and is no dispatch.
    """
    if case is not None and _repeated(case, context):
        return Decision(case, Ignored(IgnoredReason.REPEATED))
    if isinstance(message, DueMark):
        return _asked(case, message, context, rules, stored)
    if case is not None and case.parked is not None:
        if isinstance(message, Order) and message.action is OrderAction.UNPARK:
            return _done(unpark(Draft(case, context, rules, message.at, stored), message))
        return Decision(case, Parked(case.parked))
    if isinstance(message, Dispatch):
        return _shown(case, message, context, rules)
    if case is None or not case.version:
        return Decision(case, Ignored(IgnoredReason.UNKNOWN_DISPATCH))
    draft = Draft(case, context, rules, _told_at(message, context), stored)
    reason = _apply(draft, message)
    if reason is None:
        settle(draft, watch=isinstance(message, Order))
    return _done(draft) if reason is None else _refused(case, message, context, rules, reason)


def _repeated(case: Case, context: Context) -> bool:
    """By id; by origin where the case has forgotten ids, because only then has the id nothing to say."""
    if short(context.id) in case.seen:
        return True
    place = position(context.origin) if len(case.seen) == REMEMBERED else None
    return place is not None and place[1] <= case.positions.get(place[0], -1)


def _shown(case: Case | None, message: Dispatch, context: Context, rules: Rules) -> Decision:
    """A snapshot. The same content with a newer update time moves only the mark that tells old views from new ones."""
    if case is not None and case.version and (reason := same_or_stale(case, message)):
        if reason is IgnoredReason.SAME and case.updated_at is not None and message.updated_at > case.updated_at:
            touched = {"at": context.at, "updated_at": message.updated_at, "twins": ()}
            return Decision(changed(case, touched), Ignored(reason))
        return Decision(case, Ignored(reason))
    blank = case or built(
        Case,
        {"at": context.at, "seq": 0, "source": message.source, "number": message.number, "state": State.RECEIVED},
    )
    draft = Draft(blank, context, rules, _instant(message, context), b"")
    show(draft, message)
    settle(draft, watch=True)
    return Decision(draft.frozen(), _MOVED, tuple(draft.outputs), adopted=True)


def _asked(case: Case | None, message: DueMark, context: Context, rules: Rules, stored: bytes) -> Decision:
    """A question whether something is due. A parked case is watched all the same: its deadline does not wait."""
    if case is None or not case.version or rules.timetable is None:
        return Decision(case, Ignored(IgnoredReason.UNKNOWN_DISPATCH))
    if message.calendar is None:
        # Without a due of its own the case was silenced by this very question, which failed and is put again.
        if message.gen != case.gen or case.due not in {message.due, None}:
            return Decision(case, Ignored(IgnoredReason.OVERTAKEN))
        if message.at < message.due:
            return Decision(case, Ignored(IgnoredReason.EARLY))
    elif message.calendar == case.calendar or message.calendar != rules.timetable.calendar.version:
        return Decision(case, Ignored(IgnoredReason.OVERTAKEN))
    draft = Draft(case, context, rules, message.at, stored)
    act(draft, message.calendar)
    return Decision(draft.frozen(remember=False), _MOVED, tuple(draft.outputs))


def _instant(message: Dispatch, context: Context) -> datetime:
    """When the county came to know: the connector's reading, and never before the city's own update."""
    return message.updated_at if context.time is None else max(message.updated_at, context.time)


def _told_at(message: Report | Outcome | Order, context: Context) -> datetime:
    """A clock that runs ahead at a department would pass marks before their time."""
    ahead = isinstance(message, Report) and context.recorded is not None and message.at > context.recorded
    return context.recorded if ahead and context.recorded is not None else message.at


def _apply(draft: Draft, message: Report | Outcome | Order) -> IgnoredReason | None:
    match message:
        case Report():
            return hear(draft, message)
        case Outcome():
            return learn(draft, message)
        case Order():
            return obey(draft, message)
        case _:
            assert_never(message)


def _done(draft: Draft) -> Decision:
    return Decision(draft.frozen(), _MOVED, tuple(draft.outputs))


def _refused(
    case: Case, message: Report | Outcome | Order, context: Context, rules: Rules, reason: IgnoredReason
) -> Decision:
    """Nothing moves. Unless the reason is silent, the journal says who wanted what, and why not."""
    if reason in SILENT:
        return Decision(case, Ignored(reason))
    draft = Draft(case, context, rules, message.at, b"")
    match message:
        case Report():
            draft.fact(
                FactKind.IGNORED,
                Actor.DEPARTMENT,
                {"report": message.kind, "reason": reason},
                department=context.department,
            )
        case Outcome():
            draft.fact(FactKind.IGNORED, Actor.CITY, {"outcome": message.kind, "reason": reason})
        case Order():
            draft.fact(FactKind.IGNORED, Actor.OPERATOR, {"order": message.action, "reason": reason}, by=message.by)
        case _:
            assert_never(message)
    return Decision(draft.frozen(), Ignored(reason), tuple(draft.outputs))
