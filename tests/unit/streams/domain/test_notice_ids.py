"""Notices of one decision have ids of their own: who is told drops what has an id that it knows."""

from datetime import UTC, datetime

from deploy.county import load
from schemas.clock import DueMark
from schemas.dispatch import Kind
from schemas.notice import Notice
from streams.domain.decide import decide
from streams.domain.decision import Context
from streams.domain.rules import Rules
from tests.support.domain import ID, a_dispatch

HELIN = load("helin")
RULES = Rules.of(HELIN.policy, HELIN.timetable)


def test_a_reminder_that_waited_and_one_that_is_due_at_that_very_instant_are_two_notices() -> None:
    # 42 hours of own time end on Tuesday at 18:00; yellow at 00:00 waits for 07:30, where 75 % are used up
    issued = datetime(2025, 11, 28, 6, 22, 49, tzinfo=UTC)
    dispatch = a_dispatch(
        issued_at=issued,
        updated_at=issued,
        due_at=datetime(2025, 12, 2, 10, 0, tzinfo=UTC),
        kind=Kind.COMPLAINT,
        category="roads.traffic.parking",
    )
    case = decide(None, dispatch, Context(at=0, id="0" * 24), RULES).case
    shown = dispatch.model_dump_json().encode()
    told: list[tuple[str, Notice]] = []
    for offset in range(1, 40):
        if case is None or case.due is None or case.due > datetime(2025, 12, 1, 23, 30, tzinfo=UTC):
            break
        mark = DueMark(dispatch=ID, gen=case.gen, due=case.due, at=case.due)
        decision = decide(case, mark, Context(at=offset, id=f"{offset:024x}"), RULES, shown)
        case = decision.case
        told = [(one.id, one.message) for one in decision.outputs if isinstance(one.message, Notice)]
    marks = {(notice.clock, notice.mark, notice.audience) for _, notice in told if notice.mark is not None}
    assert {("handling", "p75", "department"), ("handling", "yellow", "department")} <= marks
    assert len({own for own, _ in told}) == len(told)
