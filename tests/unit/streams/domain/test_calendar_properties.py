"""What holds of a calendar whatever the dates are, compared with counting day by day and minute by minute."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.domain.calendar import LAST_DAY, Calendar
from tests.support.calendars import BOSTON_LUNCH, CN, CN_LUNCH, NIGHTS, walk

calendars = st.sampled_from([CN, CN_LUNCH, BOSTON_LUNCH, NIGHTS])
near = st.dates(date(2005, 1, 1), date(2029, 1, 1))
instants = st.integers(1_150_000_000, 1_820_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
regular = st.sampled_from([CN, CN_LUNCH, BOSTON_LUNCH])
"""Whose clocks change at night, when the office is closed."""
some = st.integers(-60, 60)
calm = settings(deadline=None)
MICROSECOND = timedelta(microseconds=1)


@calm
@given(calendars, near, some)
def test_the_nth_working_day_is_the_one_that_walking_finds(calendar: Calendar, start: date, n: int) -> None:
    found = calendar.offset(start, n)
    assert found.day == walk(calendar, start, n)
    looked_at = range(1, (found.day - start).days + 1) if n > 0 else range(-1, (found.day - start).days - 1, -1)
    assert found.provisional == any(not calendar.covers(start + timedelta(days=step)) for step in looked_at)


@calm
@given(calendars, near, some)
def test_adding_then_counting_returns(calendar: Calendar, start: date, n: int) -> None:
    found = calendar.offset(start, n)
    if n >= 0:
        assert calendar.between(start, found.day).days == n
    if calendar.works(start):
        assert calendar.offset(found.day, -n).day == start
        assert calendar.between(start, found.day).days == n


@calm
@given(calendars, near, near, near)
def test_counts_add_up_and_turn_round(calendar: Calendar, a: date, b: date, c: date) -> None:
    assert calendar.between(a, b).days + calendar.between(b, c).days == calendar.between(a, c).days
    assert calendar.between(a, b).days == -calendar.between(b, a).days
    assert calendar.between(a, b).days <= max((b - a).days, 0)


@calm
@given(calendars, near, near, some)
def test_a_later_start_never_ends_earlier(calendar: Calendar, a: date, b: date, n: int) -> None:
    early, late = sorted((a, b))
    assert calendar.offset(early, n).day <= calendar.offset(late, n).day
    assert calendar.offset(early, n).day < calendar.offset(early, n + 1).day or n + 1 in {0, 1}
    assert calendar.roll(early).day <= calendar.roll(late).day


@calm
@given(calendars, near)
def test_rolling_finds_the_first_that_works(calendar: Calendar, start: date) -> None:
    rolled = calendar.roll(start).day
    assert calendar.works(rolled)
    assert not any(calendar.works(start + timedelta(days=n)) for n in range((rolled - start).days))


@calm
@given(calendars, st.dates(), st.integers(-(10**7), 10**7))
def test_no_date_is_an_exception(calendar: Calendar, start: date, n: int) -> None:
    found = calendar.offset(start, n)
    assert calendar.works(found.day) in {True, False}
    assert calendar.why(start).why
    assert calendar.midnight(start) <= calendar.end_of(start)
    assert calendar.roll(start).day >= min(start, LAST_DAY)


@calm
@given(regular, instants, st.timedeltas(timedelta(), timedelta(days=90)))
def test_office_time_added_is_office_time_passed(calendar: Calendar, start: datetime, amount: timedelta) -> None:
    end, _ = calendar.work(start, amount)
    assert calendar.worked(start, end) == amount
    if amount:
        assert end > start
        assert calendar.worked(start, end - MICROSECOND) == amount - MICROSECOND


@calm
@given(calendars, instants, instants)
def test_office_time_and_day_time_never_fall(calendar: Calendar, a: datetime, b: datetime) -> None:
    early, late = sorted((a, b))
    assert calendar.office_time(early) <= calendar.office_time(late)
    assert calendar.day_time(early) <= calendar.day_time(late)


@calm
@given(regular, instants, st.integers(0, 3 * 1440))
def test_office_time_is_what_counting_minutes_gives(calendar: Calendar, start: datetime, minutes: int) -> None:
    start = start.replace(second=0, microsecond=0)
    end = start + timedelta(minutes=minutes)
    slots = [
        one
        for n in range(-1, minutes // 1440 + 3)
        for one in calendar.office(calendar.date_of(start) + timedelta(days=n))
    ]
    counted = sum(
        any(opens <= start + timedelta(minutes=n) < closes for opens, closes in slots) for n in range(minutes)
    )
    assert calendar.worked(start, end) == timedelta(minutes=counted)


@calm
@given(st.sampled_from([CN, CN_LUNCH]), instants)
def test_the_first_instant_with_so_much_behind_it_is_found(calendar: Calendar, at: datetime) -> None:
    for passed, back in ((calendar.office_time, calendar.office_instant), (calendar.day_time, calendar.day_instant)):
        first = back(passed(at))
        assert passed(first) == passed(at)
        assert passed(first - MICROSECOND) < passed(at)


@calm
@given(calendars, instants)
def test_the_office_is_open_when_it_next_opens(calendar: Calendar, at: datetime) -> None:
    opens = calendar.next_open(at)
    slots = calendar.office(calendar.date_of(opens))
    assert opens >= at
    assert any(slot.opens <= opens < slot.closes for slot in slots)
    assert calendar.worked(at, opens) == timedelta()
