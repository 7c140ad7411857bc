"""The demonstration's time: every instant of a message is seen through the lens, once, and amounts stay amounts."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from schemas.clock import DueMark
from schemas.dispatch import Dispatch
from schemas.feedback import FeedbackKind, Outcome, OutcomeKind
from schemas.order import Order, OrderAction
from schemas.report import Report, ReportKind
from streams.domain.decision import Context, Inbound
from streams.lens import Lens, LensClock

START = datetime(2026, 10, 9, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
BEGUN = datetime(2026, 11, 25, 9, tzinfo=UTC)
LENS = Lens(START, BEGUN, 2000)
LATER = BEGUN + timedelta(seconds=9)
SEEN = START + timedelta(hours=5)
"""9 s at 2,000 times the speed."""

DISPATCH = Dispatch(
    id="city:HS1", source="city", number="HS1", digest="0" * 16, title="停水", issued_at=BEGUN, updated_at=LATER,
    due_at=BEGUN + timedelta(days=5),
)  # fmt: skip


@pytest.mark.parametrize(
    ("real", "seen"),
    [(BEGUN, START), (LATER, SEEN), (BEGUN - timedelta(seconds=1.8), START - timedelta(hours=1))],
)
def test_an_instant_moves_from_the_beginning_by_the_rate(real: datetime, seen: datetime) -> None:
    assert LENS.at(real) == seen


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-09T08:30+08:00 from 2026-11-25T09:00:00Z times 2000",
        " 2026-10-09T00:30:00+00:00 from 2026-11-25T17:00:00+08:00 times 2000.0 ",
    ],
)
def test_the_setting_is_read_and_written(text: str) -> None:
    assert Lens.parse(text) == LENS
    assert Lens.parse(LENS.text()) == LENS


@pytest.mark.parametrize(
    "text",
    [
        "2000",
        "2026-10-09T08:30 from 2026-11-25T09:00:00Z times 2000",
        "2026-10-09T08:30Z from 2026-11-25T09:00:00Z times 0",
        "2026-10-09T08:30Z from 2026-11-25T09:00:00Z times -2",
        "today from 2026-11-25T09:00:00Z times 2000",
    ],
)
def test_another_setting_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Lens.parse(text)


def test_a_dispatch_keeps_the_amount_that_the_city_allowed() -> None:
    seen = LENS.message(DISPATCH)
    assert isinstance(seen, Dispatch)
    assert (seen.issued_at, seen.updated_at, seen.due_at) == (START, SEEN, START + timedelta(days=5))
    assert seen.model_copy(update=DISPATCH.model_dump(include={"issued_at", "updated_at", "due_at"})) == DISPATCH


@pytest.mark.parametrize(
    "message",
    [
        Report(dispatch="city:HS1", kind=ReportKind.CONTACTED, at=LATER, contacted_at=LATER),
        Report(dispatch="city:HS1", kind=ReportKind.SIGNED, at=LATER),
        Outcome(
            dispatch="city:HS1", feedback_id="0" * 24, kind=FeedbackKind.SIGN, round=1, outcome=OutcomeKind.DELIVERED,
            attempts=1, at=LATER,
        ),
        Order(dispatch="city:HS1", action=OrderAction.NOTE, by="王五", reason="已核实", at=LATER),
    ],
    ids=["contacted", "signed", "outcome", "order"],
)  # fmt: skip
def test_what_is_said_is_said_at_the_instant_of_the_demonstration(message: Inbound) -> None:
    seen = LENS.message(message)
    before = {name for name, value in message if value == LATER}
    assert before == {name for name, value in seen if value == SEEN} != set()


def test_what_the_timers_ask_is_in_that_time_already() -> None:
    asked = DueMark(dispatch="city:HS1", gen=1, due=SEEN, at=SEEN)
    assert LENS.message(asked) is asked


@pytest.mark.parametrize(("real", "seen"), [(LATER, SEEN), (None, None)])
def test_the_instant_of_an_envelope_is_seen_too(real: datetime | None, seen: datetime | None) -> None:
    assert LENS.context(Context(at=1, id="a", time=real)) == Context(at=1, id="a", time=seen)


def test_the_timers_clock_runs_at_the_rate_and_stops_where_the_wall_clock_was_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [BEGUN.timestamp(), 0.0]
    clock = LensClock(LENS)
    monkeypatch.setattr(clock, "_wall", lambda: now[0])
    monkeypatch.setattr(clock, "_steady", lambda: now[1])
    monkeypatch.setattr(clock, "_offset", now[0])
    assert clock.now() == START
    now[:] = [now[0] + 9, 9.0]
    assert clock.now() == SEEN
    now[0] += 3600
    assert clock.now() is None
