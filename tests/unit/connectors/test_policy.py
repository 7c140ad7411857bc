"""The retry policy, Retry-After, the breaker and the budget: what follows from what, and when."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from connectors.runtime import breaker
from connectors.runtime.breaker import Breaker, Position
from connectors.runtime.budget import Bucket, Budget, Waiter
from connectors.runtime.outcomes import PULL, PUSH, TRIPS, Next, delay
from connectors.runtime.ports import Failure, Priority
from connectors.runtime.retry_after import http_date, seconds
from connectors.runtime.settings import BreakerRules, BudgetRules, RetryRules

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
RETRY = RetryRules(
    first=timedelta(seconds=1), factor=2, longest=timedelta(seconds=10), longest_asked=timedelta(seconds=60)
)


@pytest.mark.parametrize("table", [PULL, PUSH])
def test_every_failure_has_its_line(table: dict[Failure, Next]) -> None:
    assert set(table) == set(Failure)


def test_what_may_have_been_done_is_asked_before_it_is_done_again() -> None:
    unknown = {failure for failure, follows in PUSH.items() if follows is Next.ASK}
    assert unknown == {
        Failure.TIMEOUT, Failure.CUT_OFF, Failure.SERVER_ERROR, Failure.TOO_LARGE, Failure.UNREADABLE, Failure.SHAPE,
    }  # fmt: skip


def test_an_answer_that_was_thought_about_never_opens_the_breaker() -> None:
    assert TRIPS.isdisjoint({Failure.BUSY, Failure.REJECTED, Failure.EXISTS, Failure.NOT_FOUND, Failure.SHAPE})


@pytest.mark.parametrize(
    ("attempt", "asked", "expected"),
    [
        (1, None, 1), (2, None, 2), (4, None, 8), (5, None, 10), (5000, None, 10),
        (1, 7.0, 7), (1, 0.0, 0), (3, 3600.0, 60),
    ],
)  # fmt: skip
def test_the_wait_grows_to_its_limit_unless_the_system_asks_for_another(
    attempt: int, asked: float | None, expected: float
) -> None:
    assert delay(attempt, asked, RETRY) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("120", 120.0),
        (" 5 ", 5.0),
        ("Mon, 02 Mar 2026 12:00:30 GMT", 30.0),
        ("Mon, 02 Mar 2026 11:00:00 GMT", 0.0),
        ("Monday, 02-Mar-26 12:00:30 GMT", 30.0),
        ("soon", None),
        ("-5", None),
        ("１２", None),
        ("9" * 400, 1e9),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str | None, expected: float | None) -> None:
    assert seconds(header, NOW) == expected


@pytest.mark.parametrize("text", [None, "", "tomorrow", "Mon, 99 Mar 2026 12:00:00 GMT"])
def test_what_is_no_http_date_is_none(text: str | None) -> None:
    assert http_date(text) is None


BREAKER = BreakerRules(failures=3, pause=timedelta(seconds=10), longest=timedelta(seconds=35))


def fail_at(state: Breaker, *times: float) -> Breaker:
    for now in times:
        state = breaker.failed(breaker.calling(state, now), now, BREAKER)
    return state


def test_the_breaker_opens_after_so_many_failures_in_a_row() -> None:
    state = fail_at(Breaker(), 1, 2)
    assert breaker.position(state, 2) is Position.CLOSED
    state = fail_at(breaker.succeeded(state), 3, 4)
    assert breaker.position(state, 4) is Position.CLOSED
    state = fail_at(state, 5)
    assert breaker.position(state, 5) is Position.OPEN
    assert breaker.wait(state, 6) == 9


def test_one_call_tries_whether_the_system_is_back() -> None:
    state = fail_at(Breaker(), 1, 2, 3)
    assert breaker.position(state, 13) is Position.HALF_OPEN
    assert breaker.wait(state, 13) == 0
    state = breaker.calling(state, 13)
    assert breaker.wait(state, 13) > 0
    assert breaker.position(breaker.succeeded(state), 13) is Position.CLOSED


def test_each_trial_that_fails_doubles_the_pause_up_to_the_limit() -> None:
    state = fail_at(Breaker(), 1, 2, 3)
    pauses = []
    now = 3.0
    for _ in range(4):
        now += breaker.wait(state, now)
        state = fail_at(state, now)
        pauses.append(breaker.wait(state, now))
    assert pauses == [20, 35, 35, 35]


def test_a_call_that_was_under_way_when_it_opened_changes_nothing() -> None:
    state = fail_at(Breaker(), 1, 2, 3)
    assert breaker.failed(state, 4, BREAKER) == state


BUDGET = BudgetRules(per_second=10, burst=2)


def test_the_bucket_fills_with_time_up_to_the_burst() -> None:
    bucket = Bucket(2.0, 0.0).taken().taken()
    assert bucket.wait(BUDGET) == pytest.approx(0.1)
    assert bucket.filled(0.05, BUDGET).wait(BUDGET) == pytest.approx(0.05)
    assert bucket.filled(100, BUDGET).tokens == 2


def test_the_most_urgent_goes_first_and_cannot_starve_the_others() -> None:
    waiting = [Waiter(Priority.BACKFILL, 0.0), Waiter(Priority.FEEDBACK, 5.0), Waiter(Priority.LIVE, 4.0)]
    assert min(waiting, key=lambda one: one.rank(5.0)).priority is Priority.FEEDBACK
    late = [Waiter(Priority.BACKFILL, 0.0), Waiter(Priority.FEEDBACK, 59.0)]
    assert min(late, key=lambda one: one.rank(60.0)).priority is Priority.BACKFILL


def test_callers_of_several_threads_keep_to_the_rate() -> None:
    """20 calls at 200 a second with a burst of 1 take 95 ms at least."""
    import time

    budget = Budget(BudgetRules(per_second=200, burst=1))
    began = time.monotonic()
    threads = [threading.Thread(target=lambda: [budget.wait(Priority.LIVE) for _ in range(5)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert 0.09 <= time.monotonic() - began < 5
