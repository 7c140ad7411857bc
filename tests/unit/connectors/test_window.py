"""Windows: half-open, overlapping, in the source's own time."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.runtime.settings import PullRules, SweepRules, duration
from connectors.runtime.window import beyond_retention, first_cursor, fixed, floor, live, sweep_due

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
RULES = PullRules(overlap=timedelta(minutes=2), lag=timedelta(seconds=2), longest=timedelta(hours=6))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-02T{text}+00:00")


@pytest.mark.parametrize(
    ("cursor", "now", "start", "end"),
    [
        ("11:59:50", "12:00:00", "11:57:50", "11:59:58"),
        # the newest fraction of a second is not asked for
        ("11:59:50", "12:00:00.900", "11:57:50", "11:59:58"),
        # after an outage the way back is walked in steps
        ("02:00:00", "12:00:00", "01:58:00", "08:00:00"),
        # the source's clock was set back: what it writes now lies before the cursor
        ("12:30:00", "12:00:00", "11:57:58", "11:59:58"),
    ],
)
def test_a_live_window_overlaps_the_last_and_ends_before_now(cursor: str, now: str, start: str, end: str) -> None:
    window = live(at(cursor), at(now), RULES, SECOND)
    assert (window.start, window.end) == (at(start), at(end))


def test_live_windows_leave_no_gap() -> None:
    """Whatever the pace, each window begins before the last one ended."""
    cursor = NOON
    for seconds in (1, 7, 3600, 86_400, 90_000):
        window = live(cursor, NOON + timedelta(seconds=seconds), RULES, SECOND)
        assert window.start <= cursor
        cursor = max(cursor, window.end)


def test_a_known_period_is_walked_in_chunks_and_ends() -> None:
    cursor, seen = NOON, []
    until = NOON + timedelta(hours=5)
    while not (window := fixed(cursor, until, timedelta(hours=2), SECOND)).empty:
        seen.append(window.end - window.start)
        cursor = window.end
    assert seen == [timedelta(hours=2), timedelta(hours=2), timedelta(hours=1)]


def test_a_known_period_is_asked_for_in_whole_grains() -> None:
    """The source cuts 12:00:00.5 to 12:00:00, and would answer for another window than was asked for."""
    window = fixed(at("12:00:00.500"), at("13:00:00.500"), timedelta(hours=9), SECOND)
    assert (window.start, window.end) == (at("12:00:00"), at("13:00:01"))


def test_the_first_pull_goes_back_as_far_as_it_is_told() -> None:
    assert first_cursor(NOON, RULES) == NOON - timedelta(days=7)


def test_a_cursor_that_the_source_no_longer_serves_is_noticed() -> None:
    rules = PullRules(retention=timedelta(days=90))
    assert not beyond_retention(NOON - timedelta(days=90), NOON, rules)
    assert beyond_retention(NOON - timedelta(days=91), NOON, rules)
    assert not beyond_retention(NOON - timedelta(days=9000), NOON, RULES)


def test_times_are_cut_down_to_the_grain() -> None:
    assert floor(at("12:00:00.999"), SECOND) == at("12:00:00")
    assert floor(at("12:34:56"), timedelta(minutes=1)) == at("12:34:00")


NIGHTLY = SweepRules(name="nightly", back=timedelta(days=7), at=time(2, 30))
HOURLY = SweepRules(name="hourly", back=timedelta(days=1), every=timedelta(hours=1))
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("sweep", "last", "now", "due"),
    [
        # 02:30 in Shanghai is 18:30 UTC of the day before
        (NIGHTLY, "18:31:00", "23:00:00", False),
        (NIGHTLY, "18:00:00", "18:29:59", False),
        (NIGHTLY, "18:00:00", "18:30:00", True),
        (NIGHTLY, "10:00:00", "23:00:00", True),
        (HOURLY, "10:00:00", "10:59:59", False),
        (HOURLY, "10:00:00", "11:00:00", True),
    ],
)
def test_a_sweep_begins_once_at_its_time(sweep: SweepRules, last: str, now: str, due: bool) -> None:
    assert sweep_due(sweep, at(last), at(now), SHANGHAI) is due


def test_a_sweep_that_never_ran_waits_for_its_own_time() -> None:
    assert not sweep_due(NIGHTLY, None, NOON, SHANGHAI)
    assert not sweep_due(HOURLY, None, NOON, SHANGHAI)


@pytest.mark.parametrize(
    ("text", "seconds"), [("500ms", 0.5), ("90s", 90), ("10m", 600), ("1.5h", 5400), ("7d", 604_800)]
)
def test_durations_are_written_with_their_unit(text: str, seconds: float) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "10", "ten minutes", "-5s", "5 weeks", "P1D"])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="write a duration"):
        duration(text)
