"""The rates: the published fixture, the borders of a period, and what must hold for any counts."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.clock import ClockOutcome
from streams.domain.rates import (
    Callback,
    Counts,
    Early,
    Opinion,
    Rate,
    Run,
    Solved,
    completion,
    count,
    left_out,
    of_period,
    per,
    resolution,
    response,
    satisfaction,
)

MET, LATE, IN_TIME = ClockOutcome.MET, ClockOutcome.MET_LATE, ClockOutcome.OPEN_IN_TIME
OVERDUE, CANCELLED, EXCLUDED = ClockOutcome.OPEN_OVERDUE, ClockOutcome.CANCELLED, ClockOutcome.EXCLUDED

JANUARY = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def test_818_received_print_92_9_and_98_7_side_by_side():
    published = [(MET, "")] * 750 + [(LATE, "")] * 10 + [(OVERDUE, "")] * 10 + [(IN_TIME, "")] * 48
    rates = completion(count(published))
    assert rates.closed_of_received == Rate(760, 818)
    assert rates.closed_of_due == Rate(760, 770)
    assert (rates.closed_of_received.percent, rates.closed_of_due.percent) == ("92.9 %", "98.7 %")
    printed = [str(rates.closed_of_received), str(rates.closed_of_due)]
    assert printed == ["92.9 % (760/818)", "98.7 % (760/770)"]
    assert (rates.on_time_of_due.percent, rates.on_time_of_closed.percent) == ("97.4 %", "98.7 %")
    assert (rates.overdue, rates.not_due, rates.left_out) == (10, 48, {})


def test_what_is_left_out_is_counted_by_reason_and_divides_nothing_but_what_was_received():
    counts = count(
        [(MET, ""), (CANCELLED, ""), (EXCLUDED, "on_ledger"), (EXCLUDED, "misdirected"), (EXCLUDED, "on_ledger")]
    )
    assert counts.left_out == {"cancelled": 1, "misdirected": 1, "on_ledger": 2}
    assert (counts.received, counts.due, counts.closed) == (5, 1, 1)


def test_nothing_to_divide_by_is_no_rate():
    rates = completion(Counts(open_in_time=3))
    assert rates.closed_of_due.value is None
    assert rates.closed_of_due.percent == "-"
    assert rates.closed_of_received.value == 0


def test_a_rate_is_rounded_half_up_and_only_for_print():
    assert Rate(1, 16).percent == "6.3 %"  # 6.25: banker's rounding would say 6.2
    assert Rate(99951, 100000).percent == "100.0 %"
    assert Rate(99951, 100000).value != 1
    assert str(Rate(1_234_567, 9_999_999)) == "12.3 % (1234567/9999999)"


@given(
    st.builds(
        Counts,
        met=st.integers(0, 50),
        met_late=st.integers(0, 50),
        open_in_time=st.integers(0, 50),
        open_overdue=st.integers(0, 50),
        left_out=st.dictionaries(st.sampled_from(["on_ledger", "cancelled"]), st.integers(1, 9)),
    )
)
def test_any_counts_add_up_and_no_rate_leaves_its_bounds(counts):
    rates = completion(counts)
    parts = counts.closed + rates.not_due + rates.overdue + sum(rates.left_out.values())
    assert rates.closed_of_received.denominator == parts
    for rate in (
        rates.closed_of_received,
        rates.closed_of_due,
        rates.on_time_of_due,
        rates.on_time_of_closed,
        response(counts),
    ):
        assert rate.value is None or 0 <= rate.value <= 1
    assert rates.on_time_of_due.numerator <= rates.closed_of_due.numerator


@given(st.lists(st.tuples(st.sampled_from(ClockOutcome), st.sampled_from(["on_ledger", "merged"]))))
def test_every_run_is_counted_exactly_once(outcomes):
    assert count(outcomes).received == len(outcomes)


PERIODS = {
    # case: (start, due, ended, outcome) in days from 1 January; what counts in January as_closed, as_due
    "closed in it, due in it": ((1, 8, 5, MET), MET, MET),
    "closed late in it": ((1, 8, 9, LATE), LATE, LATE),
    "closed in it, due after it": ((20, 40, 25, MET), MET, IN_TIME),
    "closed before it, due in it": ((-20, 5, -10, MET), None, MET),
    "closed before it, due before it": ((-20, -12, -15, MET), None, None),
    "closed after it, due in it": ((20, 28, 33, LATE), OVERDUE, OVERDUE),
    "closed after it, due after it": ((20, 40, 33, MET), IN_TIME, IN_TIME),
    "carried over and still open": ((-20, -5, None, IN_TIME), OVERDUE, OVERDUE),
    "due at the instant the period ends": ((20, 31, None, IN_TIME), IN_TIME, IN_TIME),
    "closed at the instant the period ends": ((20, 30, 31, LATE), OVERDUE, OVERDUE),
    "came after it": ((33, 40, None, IN_TIME), None, None),
    "cancelled in it, due after it": ((1, 40, 5, CANCELLED), CANCELLED, CANCELLED),
}


def a_run(start, due, ended, outcome):
    first = JANUARY[0]
    moment = None if ended is None else first + ended * DAY
    return Run(start=first + start * DAY, due=first + due * DAY, ended=moment, outcome=outcome)


@pytest.mark.parametrize(("run", "as_closed", "as_due"), PERIODS.values(), ids=PERIODS)
def test_a_run_counts_in_a_period_as_it_stood_at_its_end(run, as_closed, as_due):
    for early, expected in ((Early.AS_CLOSED, as_closed), (Early.AS_DUE, as_due)):
        assert of_period([a_run(*run)], *JANUARY, early) == ([] if expected is None else [(expected, "")])


@given(
    st.lists(
        st.tuples(st.integers(-40, 50), st.integers(1, 40), st.none() | st.integers(0, 60)).map(
            lambda drawn: a_run(
                drawn[0],
                drawn[0] + drawn[1],
                None if drawn[2] is None else drawn[0] + drawn[2],
                IN_TIME if drawn[2] is None else MET if drawn[2] <= drawn[1] else LATE,
            )
        )
    ),
    st.sampled_from(Early),
)
def test_over_adjoining_periods_each_closed_run_is_closed_once(runs, early):
    edges = [JANUARY[0] + month * 30 * DAY for month in range(-3, 8)]
    closed = [count(of_period(runs, since, until, early)).closed for since, until in pairwise(edges)]
    assert sum(closed) == sum(run.ended is not None for run in runs)


CALLBACKS = [
    Callback(solved=Solved.SOLVED, opinion=Opinion.SATISFIED, department="gas", township="east"),
    Callback(solved=Solved.PARTLY, opinion=Opinion.MOSTLY, department="gas", township="west"),
    Callback(solved=Solved.UNSOLVED, opinion=Opinion.DISSATISFIED, department="water", township="west"),
    Callback(solved=Solved.SOLVED, department="water", township="west"),
    Callback(left_out="unreachable", department="gas", township="east"),
    Callback(solved=Solved.UNSOLVED, opinion=Opinion.DISSATISFIED, left_out="unreasonable", department="gas"),
]


def test_only_valid_call_backs_that_say_something_are_divided_by():
    assert resolution(CALLBACKS) == Rate(Fraction(2), 4)
    assert resolution(CALLBACKS, partly=Fraction(1, 2)) == Rate(Fraction(5, 2), 4)
    assert satisfaction(CALLBACKS) == Rate(2, 3)
    assert left_out(CALLBACKS) == {"unreachable": 1, "unreasonable": 1}
    assert str(resolution(CALLBACKS, partly=Fraction(1, 2))) == "62.5 % (2.5/4)"
    assert resolution([]).value is None


def test_rates_are_told_per_department_and_per_township():
    by_department = per(CALLBACKS, lambda one: one.department)
    assert {code: satisfaction(some) for code, some in by_department.items()} == {
        "gas": Rate(2, 2),
        "water": Rate(0, 1),
    }
    by_township = per(CALLBACKS, lambda one: one.township)
    assert {name: resolution(some).denominator for name, some in by_township.items()} == {"": 0, "east": 1, "west": 3}
