"""What the city answered to a feedback: taken, had already, or refused."""

from schemas.assignment import WithdrawnReason
from schemas.case import FINAL, Flag, HoldingState, SignState, State
from schemas.fact import Actor, FactKind
from schemas.feedback import FeedbackKind, Outcome, OutcomeKind
from schemas.notice import NoticeKind
from streams.domain.assigning import open_up, waits, withdraw
from streams.domain.decision import IgnoredReason
from streams.domain.draft import Draft
from streams.domain.extending import grant
from streams.domain.lifecycle import AWAITING, FOLLOWS
from streams.domain.reports import review


def learn(draft: Draft, outcome: Outcome) -> IgnoredReason | None:
    """Apply an outcome."""
    if reason := _overtaken(draft, outcome):
        return reason
    taken = outcome.outcome is not OutcomeKind.REJECTED
    waited = draft.state is AWAITING.get(outcome.kind)
    if outcome.kind in AWAITING:
        draft.awaits = None
    if outcome.kind is FeedbackKind.SIGN:
        draft.sign = SignState.ACCEPTED if taken else SignState.REJECTED
    if waited:
        _move(draft, outcome.kind, taken)
    _record(draft, outcome, taken)
    if outcome.kind is FeedbackKind.EXTENSION and draft.asked_days:
        _extension(draft, taken)
    if waited:
        _after(draft, outcome.kind, taken)
    return None


def _overtaken(draft: Draft, outcome: Outcome) -> IgnoredReason | None:
    if outcome.kind is FeedbackKind.SIGN:
        return IgnoredReason.NO_CHANGE if draft.sign is SignState.ACCEPTED else None
    if outcome.round != draft.round:
        return IgnoredReason.OLD_ROUND
    if outcome.kind in AWAITING and outcome.feedback_id != draft.awaits:
        return IgnoredReason.NOT_AWAITED
    return None


def _move(draft: Draft, kind: FeedbackKind, taken: bool) -> None:
    """The state that the outcome leads to, before the fact that tells it."""
    if kind is FeedbackKind.RESULT and taken:
        draft.state = State.REPORTED
    elif kind is FeedbackKind.RESULT:
        lead = draft.lead()
        if lead is not None:
            draft.set(lead, HoldingState.WORKING)
        draft.state = State.HANDLING
    elif taken:
        draft.state = State.RETURNED_UP
    else:
        lead = draft.lead()
        draft.locked = True
        resting = State.PENDING_SIGN if waits(draft) else State.SIGNED
        draft.state = resting if lead is None else FOLLOWS[lead.state]


def _record(draft: Draft, outcome: Outcome, taken: bool) -> None:
    kind = FactKind.FEEDBACK_DELIVERED if taken else FactKind.FEEDBACK_REJECTED
    draft.fact(
        kind,
        Actor.CITY,
        {"kind": outcome.kind, "outcome": outcome.outcome, "attempts": outcome.attempts, "code": outcome.city_code},
    )
    if taken:
        return
    draft.flag(Flag.CITY_REJECTED)
    draft.rejected = tuple(dict.fromkeys((*draft.rejected, outcome.kind)))
    if draft.state not in FINAL:
        draft.notice(NoticeKind.CITY_REJECTED, reason=outcome.city_message)
        lead = draft.lead()
        if outcome.kind is FeedbackKind.RESULT and lead is not None:
            draft.notice(NoticeKind.CITY_REJECTED, department=lead.department, reason=outcome.city_message)


def _extension(draft: Draft, taken: bool) -> None:
    if taken:
        grant(draft, draft.asked_days, Actor.CITY)
        return
    draft.asked_days = 0
    lead = draft.lead()
    if lead is not None:
        draft.notice(NoticeKind.EXTENSION_REFUSED, department=lead.department)


def _after(draft: Draft, kind: FeedbackKind, taken: bool) -> None:
    if kind is not FeedbackKind.RETURN:
        return
    if taken:
        withdraw(draft, draft.live(), WithdrawnReason.RETURNED)
    elif draft.lead() is None:
        open_up(draft)
    else:
        review(draft)
