"""What departments say. Only who holds a share is heard; only the lead answers for the dispatch."""

from collections.abc import Callable
from typing import Final

from schemas.assignment import Role, WithdrawnReason
from schemas.case import FINAL, Holding, HoldingState, State
from schemas.codec import decode, encode
from schemas.fact import Actor, FactKind
from schemas.feedback import FeedbackKind, Timeliness
from schemas.notice import NoticeKind
from schemas.report import Report, ReportKind
from streams.domain.assigning import assign, barred, end
from streams.domain.decision import IgnoredReason
from streams.domain.draft import Draft
from streams.domain.extending import may_extend, timeliness
from streams.domain.lifecycle import LISTENING, RETURNABLE
from streams.domain.routing import Routed, RouteReason

Hear = Callable[[Draft, Report, Holding], IgnoredReason | None]


def hear(draft: Draft, report: Report) -> IgnoredReason | None:
    """Apply a report of the department that the context names."""
    held = draft.holding(draft.context.department)
    if held is None or not held.live:
        return IgnoredReason.NOT_HOLDER
    if report.round is not None and report.round != draft.round:
        return IgnoredReason.OLD_ROUND
    if draft.state in FINAL:
        return IgnoredReason.ILLEGAL
    return HEARD[report.kind](draft, report, held)


def _move(draft: Draft, held: Holding, state: HoldingState) -> Holding:
    """The share moves on, and with the lead's the case, where the case follows it."""
    moved = draft.set(held, state)
    if moved.role is Role.LEAD and draft.state is State.DISPATCHED:
        draft.state = State.HANDLING
    return moved


def _signed(draft: Draft, report: Report, held: Holding) -> IgnoredReason | None:
    if held.state is not HoldingState.OFFERED:
        return IgnoredReason.ALREADY_SIGNED
    _move(draft, held, HoldingState.SIGNED)
    draft.fact(FactKind.SIGNED, Actor.DEPARTMENT, department=held.department, by=report.handler)
    return None


def _contacted(draft: Draft, report: Report, held: Holding) -> IgnoredReason | None:
    if held.state is HoldingState.DONE:
        return IgnoredReason.ALREADY_ANSWERED
    _move(draft, held, HoldingState.WORKING)
    draft.contacted_at = draft.contacted_at or report.contacted_at or report.at
    draft.fact(FactKind.CONTACTED, Actor.DEPARTMENT, department=held.department, by=report.handler)
    if draft.state in LISTENING:
        _pass_on(draft, FeedbackKind.CONTACT, report, held.department)
    return None


def _progress(draft: Draft, report: Report, held: Holding) -> IgnoredReason | None:
    if held.state is HoldingState.DONE:
        return IgnoredReason.ALREADY_ANSWERED
    _move(draft, held, HoldingState.WORKING)
    draft.fact(FactKind.PROGRESSED, Actor.DEPARTMENT, department=held.department, by=report.handler)
    if draft.state in LISTENING:
        _pass_on(draft, FeedbackKind.PROGRESS, report, held.department)
    return None


def _extension(draft: Draft, report: Report, held: Holding) -> IgnoredReason | None:
    if held.role is not Role.LEAD:
        return IgnoredReason.NOT_LEAD
    if held.state is HoldingState.DONE:
        return IgnoredReason.ALREADY_ANSWERED
    if report.extend_days is None:
        return IgnoredReason.INCOMPLETE
    if reason := may_extend(draft, report.extend_days):
        return reason
    _move(draft, held, HoldingState.WORKING)
    draft.asked_days = report.extend_days
    draft.fact(FactKind.EXTENSION_REQUESTED, Actor.DEPARTMENT, {"days": report.extend_days}, department=held.department)
    _pass_on(draft, FeedbackKind.EXTENSION, report, held.department)
    return None


def _result(draft: Draft, report: Report, held: Holding) -> IgnoredReason | None:
    if held.state is HoldingState.DONE:
        return IgnoredReason.ALREADY_ANSWERED
    if held.role is Role.ASSIST:
        draft.set(held, HoldingState.DONE)
        draft.fact(
            FactKind.ANSWERED, Actor.DEPARTMENT, {"role": held.role}, department=held.department, by=report.handler
        )
        return None
    if draft.state not in LISTENING:
        return IgnoredReason.ILLEGAL
    if not report.public_reply.strip():
        return IgnoredReason.INCOMPLETE
    if draft.state is State.ON_LEDGER:
        draft.state = State.HANDLING
        draft.fact(FactKind.LEDGER_CLOSED, Actor.BRIDGE, {"reason": FactKind.ANSWERED})
    draft.set(held, HoldingState.DONE)
    draft.answer, draft.answered_by = encode(report).decode(), held.department
    if draft.state is not State.RETURN_UP_REQ:
        draft.state = State.REVIEW
    draft.fact(
        FactKind.ANSWERED,
        Actor.DEPARTMENT,
        {
            "role": held.role,
            "open_assists": ",".join(one.department for one in draft.live() if one.state is not HoldingState.DONE),
            "solved": report.solved,
            "founded": report.founded,
            "contacted": report.contacted,
        },
        department=held.department,
        by=report.handler,
    )
    review(draft)
    return None


def review(draft: Draft) -> None:
    """Pass a result that waits for review, where the policy needs no person for it."""
    if draft.state is State.REVIEW and draft.rules.policy.review == "auto":
        pass_result(draft, Actor.BRIDGE)


def pass_result(draft: Draft, actor: Actor, by: str | None = None) -> None:
    """The county stands for the answer: the city is told the result."""
    report = decode(Report, (draft.answer or "").encode(), checked=True)
    draft.state = State.REPORTING
    draft.fact(FactKind.REVIEWED, actor, {"passed": True, "feedback": FeedbackKind.RESULT}, by=by)
    draft.awaits = _pass_on(draft, FeedbackKind.RESULT, report, draft.answered_by, timeliness(draft))
    draft.answer = None


def _pass_on(
    draft: Draft, kind: FeedbackKind, report: Report, department: str | None, standing: Timeliness | None = None
) -> str:
    """What the department said, as the city is told it."""
    contacted = report.contacted
    if contacted is None:
        contacted = True if draft.contacted_at is not None else None
    return draft.feedback(
        kind,
        department=department,
        note=report.note,
        public_reply=report.public_reply,
        contacted=contacted,
        contacted_at=report.contacted_at or draft.contacted_at,
        founded=report.founded,
        solved=report.solved,
        unsolved_reason=report.unsolved_reason,
        extend_days=report.extend_days,
        attachments=report.attachments,
        timeliness=standing,
    )


def _return(draft: Draft, report: Report, held: Holding) -> IgnoredReason | None:
    if report.reason is None:
        return IgnoredReason.INCOMPLETE
    if reason := _may_let_go(draft, held):
        return reason
    draft.fact(
        FactKind.RETURNED, Actor.DEPARTMENT, {"reason": report.reason}, department=held.department, by=report.handler
    )
    draft.notice(NoticeKind.RETURNED, reason=report.reason)
    end(draft, held, HoldingState.RETURNED, WithdrawnReason.RETURNED, Actor.DEPARTMENT)
    if held.role is Role.LEAD:
        _bounce(draft, None)
    return None


def _transfer(draft: Draft, report: Report, held: Holding) -> IgnoredReason | None:
    """A wish to the county centre, which grants it by routing again: nothing goes sideways."""
    if held.role is not Role.LEAD:
        return IgnoredReason.NOT_LEAD
    if report.to is None:
        return IgnoredReason.INCOMPLETE
    if reason := _may_let_go(draft, held):
        return reason
    to = draft.rules.router.seats.of(report.to)
    if to is None:
        return IgnoredReason.UNKNOWN_DEPARTMENT
    if to == held.department:
        return IgnoredReason.NO_CHANGE
    draft.fact(FactKind.TRANSFERRED, Actor.DEPARTMENT, {"to": to}, department=held.department, by=report.handler)
    end(draft, held, HoldingState.TRANSFERRED, WithdrawnReason.TRANSFERRED, Actor.DEPARTMENT)
    _bounce(draft, to)
    return None


def _may_let_go(draft: Draft, held: Holding) -> IgnoredReason | None:
    if held.state is HoldingState.DONE:
        return IgnoredReason.ALREADY_ANSWERED
    if held.role is Role.LEAD and draft.locked:
        return IgnoredReason.RETURNS_LOCKED
    if held.role is Role.LEAD and draft.state not in RETURNABLE:
        return IgnoredReason.ILLEGAL
    return None


def _bounce(draft: Draft, to: str | None) -> None:
    """The lead let go: to whom it names, else by the rules to one who has not had it; at the cap to the arbiter."""
    draft.bounces += 1
    router, gone = draft.rules.router, barred(draft)
    if draft.bounces >= draft.rules.policy.return_cap or to in gone:
        routed = router.to_arbiter()
    elif to is not None:
        routed = Routed(to, (), (), RouteReason.TRANSFERRED)
    else:
        routed = router.route(draft.dispatch, gone)
    assign(draft, routed)
    if routed.reason is RouteReason.ARBITER:
        draft.notice(NoticeKind.ARBITRATION)


HEARD: Final[dict[ReportKind, Hear]] = {
    ReportKind.SIGNED: _signed,
    ReportKind.CONTACTED: _contacted,
    ReportKind.PROGRESS: _progress,
    ReportKind.RESULT: _result,
    ReportKind.RETURN: _return,
    ReportKind.EXTENSION: _extension,
    ReportKind.TRANSFER: _transfer,
}
