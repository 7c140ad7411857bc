"""Parking: after a record of a dispatch became a dead letter, the later ones wait behind it, because order matters.

Until an operator replays or discards the dead record and says `unpark`, `decide` answers Parked for the dispatch.
"""

from datetime import datetime

from schemas.case import Case, State
from schemas.dead_letter import DeadReason
from schemas.fact import Actor, FactKind
from schemas.notice import NoticeKind
from schemas.order import Order
from streams.domain.decision import Context, Decision, Moved
from streams.domain.draft import Draft
from streams.domain.rules import Rules


def park(
    case: Case | None,
    dispatch: str,
    dead: str,
    reason: DeadReason,
    now: datetime,
    context: Context,
    rules: Rules,
    stored: bytes = b"",
) -> Decision:
    """The case, waiting behind the dead record at `dead` (`topic/partition/offset`).

    `dispatch` is the id from the record's key; `now` the record's own time, the broker's if its envelope cannot be
    read: never the wall clock. A case that is parked already stays behind the first dead record.
    """
    source, _, number = dispatch.partition(":")
    blank = case or Case(at=context.at, seq=0, source=source, number=number, state=State.QUARANTINED)
    if blank.parked is not None:
        return Decision(case, Moved())
    draft = Draft(blank, context, rules, now, stored)
    draft.parked = dead
    draft.fact(FactKind.PARKED, Actor.BRIDGE, {"reason": reason, "behind": dead})
    draft.notice(NoticeKind.PARKED, reason=reason)
    return Decision(draft.frozen(), Moved(), tuple(draft.outputs))


def unpark(draft: Draft, order: Order) -> Draft:
    """The way is free again: what waited is replayed in its order."""
    draft.fact(FactKind.UNPARKED, Actor.OPERATOR, {"behind": draft.parked, "reason": order.reason}, by=order.by)
    draft.parked = None
    return draft
