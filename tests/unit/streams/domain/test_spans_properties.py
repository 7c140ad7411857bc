"""What holds of deadlines, shares and pauses whatever the amounts are."""

from datetime import UTC, datetime, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas.clock import Unit
from streams.domain.spans import (
    Amount,
    DayEnd,
    Terms,
    at_share,
    at_shares,
    consumed,
    counted,
    day_of,
    deadline,
    lead,
    overdue,
    shift,
    units_between,
)
from tests.support.calendars import BOSTON_LUNCH, CN, CN_LUNCH, walk

calm = settings(deadline=None)
MICROSECOND = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)

instants = st.integers(1_262_304_000, 1_830_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
amounts = st.builds(Amount, st.integers(1, 40), st.sampled_from(Unit))
terms = st.builds(Terms, amounts, st.sampled_from([CN, CN_LUNCH, BOSTON_LUNCH]), st.sampled_from(DayEnd))
in_days = terms.filter(lambda by: by.amount.unit in {Unit.NATURAL_DAYS, Unit.WORKING_DAYS})
extras = st.integers(0, 20)


@st.composite
def paused(draw: st.DrawFn) -> tuple[datetime, datetime, Terms, list[tuple[datetime, datetime]]]:
    """A run with its pauses, and the deadline that they moved."""
    start, by = draw(instants), draw(terms)
    span = (deadline(start, by).due - start) // MICROSECOND
    assume(span > 0)
    edges = sorted(draw(st.lists(st.integers(0, span), min_size=2, max_size=6, unique=True)))
    pauses = [(start + a * MICROSECOND, start + b * MICROSECOND) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    extra = sum(units_between(*pause, by) for pause in pauses)
    return start, deadline(start, by, extra).due, by, pauses


@calm
@given(instants, instants, terms, extras)
def test_a_later_start_never_has_an_earlier_deadline(a: datetime, b: datetime, by: Terms, extra: int) -> None:
    early, late = sorted((a, b))
    assert deadline(early, by, extra).due <= deadline(late, by, extra).due


@calm
@given(instants, terms, extras)
def test_a_deadline_comes_after_its_start_and_more_never_brings_it_forward(
    start: datetime, by: Terms, extra: int
) -> None:
    due = deadline(start, by, extra).due
    assert due > start
    assert deadline(start, by, extra + 1).due >= due
    assert due.tzinfo is UTC


@calm
@given(instants, terms, extras)
def test_an_extension_of_the_deadline_is_an_extension_of_the_amount(start: datetime, by: Terms, extra: int) -> None:
    """Except where natural days had to move on: the new end is counted from the old one, as the citizen was told."""
    moved = shift(deadline(start, by).due, extra, by).due
    again = deadline(start, by, extra).due
    if by.amount.unit is Unit.NATURAL_DAYS:
        assert moved >= again
    elif by.calendar is not BOSTON_LUNCH or by.amount.unit is not Unit.WORKING_DAYS:
        assert moved == again
    else:
        # 02:30 is there twice or not at all where the clocks change
        assert abs(moved - again) <= timedelta(hours=1)


@calm
@given(instants, in_days, st.integers(-30, 30))
def test_moving_there_and_back_is_no_move_where_dates_work(start: datetime, by: Terms, n: int) -> None:
    assume(by.amount.unit is Unit.WORKING_DAYS)
    due = deadline(start, by).due
    assert shift(shift(due, n, by).due, -n, by).due == due


@calm
@given(instants, terms)
def test_the_units_between_are_those_that_were_added(start: datetime, by: Terms) -> None:
    due = deadline(start, by).due
    match by.amount.unit:
        case Unit.MINUTES:
            assert units_between(start, due, by) == by.amount.value
        case Unit.HOURS | Unit.WORKING_HOURS:
            assert units_between(start, due, by) == by.amount.value * 60
        case Unit.WORKING_DAYS:
            assume(by.day_end is not DayEnd.SAME_TIME)
            assert units_between(start, due - MICROSECOND, by) == by.amount.value
        case Unit.NATURAL_DAYS:
            assert units_between(start, due - MICROSECOND, by) >= by.amount.value - 1


@calm
@given(instants, st.integers(1, 40))
def test_working_days_end_where_walking_ends(start: datetime, days: int) -> None:
    due = deadline(start, Terms(Amount(days, Unit.WORKING_DAYS), CN)).due
    assert day_of(due, CN) == walk(CN, CN.date_of(start), days)
    assert CN.local(due).time() == datetime.min.time()


@calm
@given(paused(), st.lists(st.integers(0, 200), min_size=2, max_size=8))
def test_shares_rise_with_the_percentage_between_start_and_deadline(
    run: tuple[datetime, datetime, Terms, list[tuple[datetime, datetime]]], percents: list[int]
) -> None:
    start, due, by, pauses = run
    found = at_shares(start, due, by, sorted(percents), pauses)
    assert list(found) == sorted(found)
    assert at_share(start, due, by, 100, pauses) == due
    for percent, instant in zip(sorted(percents), found, strict=True):
        assert start <= instant
        assert (instant <= due) == (percent <= 100) or instant == due


@calm
@given(paused(), st.integers(1, 150))
def test_what_is_used_up_at_a_share_is_the_share(
    run: tuple[datetime, datetime, Terms, list[tuple[datetime, datetime]]], percent: int
) -> None:
    start, due, by, pauses = run
    found = at_share(start, due, by, percent, pauses)
    used = consumed(start, due, by, found, pauses)
    if consumed(start, due, by, due, pauses) == 1.0 and due > start:
        assert abs(used - percent / 100) < 1e-3
        # the first such instant
        assert consumed(start, due, by, found - timedelta(seconds=1), pauses) < used or found == start


@calm
@given(paused(), instants, instants)
def test_what_is_used_up_never_falls_and_stands_still_in_a_pause(
    run: tuple[datetime, datetime, Terms, list[tuple[datetime, datetime]]], a: datetime, b: datetime
) -> None:
    start, due, by, pauses = run
    early, late = sorted((a, b))
    assert consumed(start, due, by, early, pauses) <= consumed(start, due, by, late, pauses)
    for since, to in pauses:
        if to < due:
            assert consumed(start, due, by, since, pauses) == consumed(start, due, by, to, pauses)


@calm
@given(paused(), st.integers(1, 99))
def test_no_mark_falls_inside_a_pause(
    run: tuple[datetime, datetime, Terms, list[tuple[datetime, datetime]]], percent: int
) -> None:
    start, due, by, pauses = run
    found = at_share(start, due, by, percent, pauses)
    for since, to in pauses:
        inside = since < found < to
        # where the line stands still for another reason, its first instant may lie before the pause's end
        assert not inside or consumed(start, due, by, since) == consumed(start, due, by, found) or found == due


@calm
@given(instants, terms, st.integers(1, 10))
def test_yellow_comes_before_the_deadlines_day_and_red_after_it(start: datetime, by: Terms, n: int) -> None:
    due = deadline(start, by).due
    calendar = by.calendar
    day = day_of(due, calendar)
    assert lead(due, n, calendar) <= calendar.midnight(day)
    assert overdue(due, n, calendar) >= calendar.end_of(day)
    assert lead(due, n + 1, calendar) < lead(due, n, calendar)
    assert overdue(due, n, calendar) < overdue(due, n + 1, calendar)
    assert calendar.between(day, calendar.date_of(overdue(due, n, calendar))).days == n


@calm
@given(instants, in_days, extras)
def test_as_many_days_count_as_the_amount_says(start: datetime, by: Terms, extra: int) -> None:
    days = [*counted(start, deadline(start, by, extra).due, by, extra)]
    assert sum(one.counts for one in days) == by.amount.value + extra
    assert days[0].day == by.calendar.date_of(start)
    assert [one.day for one in days] == sorted({one.day for one in days})
