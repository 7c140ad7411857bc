"""What the city shows: a first view, a change, an end, another round. The city is the authority on all of these."""

from typing import Final

from schemas.assignment import Action, Role, WithdrawnReason
from schemas.case import FINAL, Case, ClosedBy, Flag, Holding, HoldingState, State
from schemas.dispatch import UNKNOWN_CATEGORY, CityStatus, Dispatch, Unknown
from schemas.fact import Actor, FactKind
from schemas.notice import NoticeKind
from streams.domain.assigning import assign, barred, open_up, sign, unfinished, waits, withdraw
from streams.domain.built import changed
from streams.domain.decision import IgnoredReason
from streams.domain.draft import Draft, instant_text
from streams.domain.extending import shown_before_answered
from streams.domain.lifecycle import ENDS, RETURNABLE, TAKEN_AWAY
from streams.domain.routing import Routed, RouteReason

TWINS: Final = 8
"""Earlier digests of one update time that are remembered."""


def same_or_stale(draft: Draft | Case, new: Dispatch) -> IgnoredReason | None:
    """Whether this view tells nothing new. An update time that is not newer is judged by what was seen at it."""
    if new.digest == draft.digest:
        return IgnoredReason.SAME
    if draft.updated_at is not None:
        if new.updated_at < draft.updated_at:
            return IgnoredReason.STALE
        if new.updated_at == draft.updated_at and new.digest in draft.twins:
            return IgnoredReason.STALE
    return None


def show(draft: Draft, new: Dispatch) -> IgnoredReason | None:
    """Apply a view of the city."""
    if draft.version and (reason := same_or_stale(draft, new)):
        return reason
    first, before = not draft.version, draft.status
    again = not first and new.status is CityStatus.OPEN and (new.round > draft.round or before is not CityStatus.OPEN)
    _adopt(draft, new)
    if first:
        _receive(draft)
    elif again:
        _reopen(draft, before)
    elif new.status is not CityStatus.OPEN and draft.state not in FINAL:
        _end(draft)
    else:
        _amend(draft)
    return None


def _adopt(draft: Draft, new: Dispatch) -> None:
    if draft.updated_at == new.updated_at:
        draft.twins = (*draft.twins, draft.digest)[-TWINS:]
    else:
        draft.twins = ()
    draft.dispatch = new
    draft.version += 1
    draft.digest, draft.updated_at, draft.status = new.digest, new.updated_at, new.status
    draft.round = max(draft.round, new.round)
    draft.urgency, draft.kind, draft.category, draft.channel = new.urgency, new.kind, new.category, new.channel


def _described(draft: Draft) -> dict[str, str | int | bool | None]:
    """What the ledger counts by and the clocks run from; no text and nothing personal."""
    new = draft.dispatch
    return {
        "version": draft.version,
        "status": new.status,
        "category": new.category,
        "area": new.place.area_code,
        "kind": new.kind,
        "urgency": new.urgency,
        "channel": new.channel,
        "issued_at": instant_text(new.issued_at),
        "updated_at": instant_text(new.updated_at),
        "due_at": None if new.due_at is None else instant_text(new.due_at),
    }


def _flag_unknown(draft: Draft) -> bool:
    """Keep the flag true to the newest view; whether it was raised now."""
    unknown = bool(draft.dispatch.unknown)
    raised = unknown and Flag.UNKNOWN_CODE not in draft.flags
    draft.flag(Flag.UNKNOWN_CODE, unknown)
    return raised


def _receive(draft: Draft) -> None:
    opens = draft.dispatch.status is CityStatus.OPEN
    draft.state = State.PENDING_SIGN if opens and waits(draft) else State.RECEIVED
    raised = _flag_unknown(draft)
    draft.fact(FactKind.RECEIVED, Actor.CITY, _described(draft))
    if not opens:
        _end(draft)
        return
    if raised:
        _notice_unknown(draft)
    open_up(draft)


def _notice_unknown(draft: Draft) -> None:
    draft.notice(NoticeKind.UNKNOWN_CODE, reason=", ".join(draft.dispatch.unknown))


_TOLD: Final = {
    CityStatus.CLOSED: (FactKind.CLOSED, WithdrawnReason.CITY_CLOSED),
    CityStatus.WITHDRAWN: (FactKind.WITHDRAWN, WithdrawnReason.CITY_WITHDREW),
    CityStatus.MERGED: (FactKind.MERGED, WithdrawnReason.MERGED),
}
"""How the end is told: to the journal, and to departments."""


def _end(draft: Draft) -> None:
    """The city closed, withdrew or merged it. After a close, who has answered keeps what it did and is not told."""
    status = draft.dispatch.status
    draft.state = ENDS[status]
    kind, reason = _TOLD[status]
    draft.closed_by, draft.merged_into = ClosedBy.CITY, draft.dispatch.merged_into
    draft.answer = None
    draft.fact(kind, Actor.CITY, {"into": draft.merged_into, "version": draft.version})
    withdraw(draft, unfinished(draft) if status is CityStatus.CLOSED else draft.live(), reason)


def _amend(draft: Draft) -> None:
    shown_before_answered(draft)
    raised = _flag_unknown(draft)
    draft.fact(FactKind.AMENDED, Actor.CITY, _described(draft))
    if raised:
        _notice_unknown(draft)
    if _may_route_again(draft):
        assign(draft, draft.rules.router.route(draft.dispatch, barred(draft)))
        return
    if draft.state not in FINAL:
        for held in draft.live():
            draft.tell(held, Action.AMENDED)


def _may_route_again(draft: Draft) -> bool:
    """The duty desk leads only for want of a category, the category is known now, and it has not begun."""
    if Flag.LEAD_BY_UNKNOWN_CODE not in draft.flags or draft.state not in RETURNABLE:
        return False
    new, lead = draft.dispatch, draft.lead()
    known = new.category != UNKNOWN_CATEGORY and Unknown.CATEGORY not in new.unknown
    return known and lead is not None and lead.state in {HoldingState.OFFERED, HoldingState.SIGNED}


def _reopen(draft: Draft, before: CityStatus) -> None:
    """Another round, or open again after an end: who led leads again, unless the city had taken the dispatch away."""
    taken_away = draft.state in TAKEN_AWAY
    lead = None if taken_away else _last_lead(draft)
    if lead is not None and draft.rules.router.seats.of(lead.department) != lead.department:
        lead = None
    draft.state = State.PENDING_SIGN if lead is None and waits(draft) else State.REOPENED
    draft.rejected, draft.awaits, draft.answer, draft.answered_by = (), None, None, None
    draft.asked_days, draft.held = 0, ()
    draft.closed_by, draft.merged_into, draft.contacted_at = None, None, None
    draft.flag(Flag.CITY_REJECTED, on=False)
    raised = _flag_unknown(draft)
    draft.fact(FactKind.REOPENED, Actor.CITY, {"after": before, **_described(draft)})
    if raised:
        _notice_unknown(draft)
    if lead is None:
        withdraw(draft, draft.live(), WithdrawnReason.REROUTED)
        open_up(draft)
        return
    sign(draft)
    _again(draft, lead)


def _last_lead(draft: Draft) -> Holding | None:
    """Who led last, and did not give it back."""
    kept = HoldingState.WITHDRAWN
    leads = [held for held in draft.holdings if held.role is Role.LEAD and (held.live or held.state is kept)]
    return draft.lead() or (leads[-1] if leads else None)


def _again(draft: Draft, lead: Holding) -> None:
    """The lead and those who assist now do their share again."""
    assists = tuple(held for held in draft.live() if held.role is Role.ASSIST)
    draft.state = State.DISPATCHED
    fresh = {"state": HoldingState.OFFERED, "since": draft.when, "round": draft.round}
    shares = [draft.put(changed(held, fresh)) for held in (lead, *assists)]
    routed = Routed(lead.department, tuple(held.department for held in assists), (), RouteReason.AGAIN)
    draft.fact(
        FactKind.ROUTED,
        Actor.BRIDGE,
        {"lead": routed.lead, "assists": ",".join(routed.assists), "reason": routed.reason, "path": ""},
    )
    for held in shares:
        draft.fact(
            FactKind.ASSIGNED, Actor.BRIDGE, {"role": held.role, "action": Action.REDO}, department=held.department
        )
        draft.tell(held, Action.REDO)
