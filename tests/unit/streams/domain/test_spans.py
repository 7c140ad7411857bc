"""Deadlines, shares, pauses and the days counted: what a clerk would work out on paper."""

from datetime import date, timedelta

import pytest

from streams.domain.calendar import Calendar, Reason, Why
from streams.domain.spans import (
    Amount,
    DayEnd,
    Terms,
    at_share,
    at_shares,
    consumed,
    counted,
    deadline,
    lead,
    overdue,
    shift,
    units_between,
)
from tests.support.calendars import BOSTON_LUNCH, CN, CN_LUNCH, WITH_LUNCH, local, named, shown


def terms(amount: str, calendar: Calendar = CN_LUNCH, day_end: DayEnd = DayEnd.MIDNIGHT) -> Terms:
    return Terms(Amount.parse(amount), calendar, day_end)


DEADLINES = [
    # amount, end of day, start, extra, deadline
    ("20 minutes", DayEnd.MIDNIGHT, "2026-11-22 23:50", 0, "2026-11-23 00:10"),
    ("20 minutes", DayEnd.MIDNIGHT, "2026-11-22 23:50", 5, "2026-11-23 00:15"),
    ("24 hours", DayEnd.CLOSE, "2026-10-01 08:00", 0, "2026-10-02 08:00"),  # day end means nothing to hours
    ("2 hours", DayEnd.MIDNIGHT, "2026-11-23 09:00", 30, "2026-11-23 11:30"),
    ("5 working_days", DayEnd.MIDNIGHT, "2026-09-30 10:30", 0, "2026-10-14 00:00"),
    ("5 working_days", DayEnd.CLOSE, "2026-09-30 10:30", 0, "2026-10-13 17:30"),
    ("5 working_days", DayEnd.SAME_TIME, "2026-09-30 10:30", 0, "2026-10-13 10:30"),
    ("5 working_days", DayEnd.SAME_TIME, "2026-09-30 18:00", 0, "2026-10-14 08:30"),  # starts on 10-08
    ("1 working_days", DayEnd.CLOSE, "2026-10-09 10:30", 0, "2026-10-10 17:30"),  # a make-up Saturday
    ("5 working_days", DayEnd.MIDNIGHT, "2026-09-30 10:30", 2, "2026-10-16 00:00"),
    ("0 working_days", DayEnd.MIDNIGHT, "2026-09-30 10:30", 0, "2026-10-01 00:00"),
    ("7 natural_days", DayEnd.MIDNIGHT, "2026-09-24 09:00", 0, "2026-10-09 00:00"),  # 10-01 rests
    ("7 natural_days", DayEnd.CLOSE, "2026-09-24 09:00", 0, "2026-10-08 17:30"),
    ("7 natural_days", DayEnd.MIDNIGHT, "2026-10-03 09:00", 0, "2026-10-11 00:00"),  # 10-10 works
    ("7 natural_days", DayEnd.MIDNIGHT, "2026-02-09 09:00", 0, "2026-02-25 00:00"),
    ("7 natural_days", DayEnd.SAME_TIME, "2026-09-24 23:00", 0, "2026-10-01 23:00"),  # not moved on
    ("8 working_hours", DayEnd.MIDNIGHT, "2026-11-23 10:30", 0, "2026-11-24 12:00"),
    ("8 working_hours", DayEnd.MIDNIGHT, "2026-11-23 10:30", 1, "2026-11-24 14:31"),
]


@pytest.mark.parametrize(("amount", "day_end", "start", "extra", "due"), DEADLINES)
def test_a_deadline_is_as_worked_out_by_hand(amount: str, day_end: DayEnd, start: str, extra: int, due: str) -> None:
    found = deadline(local(CN_LUNCH, start), terms(amount, day_end=day_end), extra)
    assert (shown(CN_LUNCH, found.due), found.provisional) == (due, False)


def test_every_vector_with_make_up_days_fails_without_them() -> None:
    """A planted fault: a calendar of holidays alone."""
    blind = Calendar(
        "blind", CN.zone, [one for one in named(CN, CN.last) if not one.works], CN.first, CN.last, week=WITH_LUNCH
    )
    wrong = [
        (start, due)
        for amount, day_end, start, extra, due in DEADLINES
        if shown(blind, deadline(local(blind, start), terms(amount, blind, day_end), extra).due) != due
    ]
    assert ("2026-10-09 10:30", "2026-10-10 17:30") in wrong
    assert ("2026-10-03 09:00", "2026-10-11 00:00") in wrong
    assert ("2026-09-30 10:30", "2026-10-14 00:00") in wrong


@pytest.mark.parametrize(
    ("amount", "start", "provisional"),
    [
        ("5 working_days", "2026-12-24 09:00", False),
        ("5 working_days", "2026-12-28 09:00", True),
        ("3 natural_days", "2026-12-28 09:00", False),
        ("4 natural_days", "2026-12-28 09:00", True),
        ("8 working_hours", "2026-12-31 15:00", True),
        ("24 hours", "2026-12-31 15:00", False),
        ("20 minutes", "2100-01-01 00:00", False),
    ],
)
def test_what_counts_days_beyond_the_calendar_is_provisional(amount: str, start: str, provisional: bool) -> None:
    assert deadline(local(CN_LUNCH, start), terms(amount)).provisional is provisional


SHIFTS = [
    # amount, end of day, deadline, by, new
    ("5 working_days", DayEnd.MIDNIGHT, "2026-10-01 00:00", 1, "2026-10-09 00:00"),  # 09-30 24:00 -> 10-08 24:00
    ("5 working_days", DayEnd.MIDNIGHT, "2026-10-09 00:00", -1, "2026-10-01 00:00"),
    ("5 working_days", DayEnd.MIDNIGHT, "2026-09-30 18:00", 1, "2026-10-08 18:00"),  # a city's own time of day
    ("5 working_days", DayEnd.CLOSE, "2026-09-30 17:30", 3, "2026-10-10 17:30"),
    ("5 working_days", DayEnd.MIDNIGHT, "2026-10-01 00:00", 0, "2026-10-01 00:00"),
    ("15 natural_days", DayEnd.MIDNIGHT, "2026-09-26 00:00", 5, "2026-10-01 00:00"),
    ("15 natural_days", DayEnd.MIDNIGHT, "2026-09-26 00:00", 6, "2026-10-09 00:00"),
    ("15 natural_days", DayEnd.SAME_TIME, "2026-09-25 09:00", 6, "2026-10-01 09:00"),
    ("24 hours", DayEnd.MIDNIGHT, "2026-09-30 09:00", 60, "2026-09-30 10:00"),
    ("20 minutes", DayEnd.MIDNIGHT, "2026-09-30 23:59", 2, "2026-10-01 00:01"),
    ("8 working_hours", DayEnd.MIDNIGHT, "2026-09-30 17:00", 60, "2026-10-08 09:00"),
]


@pytest.mark.parametrize(("amount", "day_end", "due", "by", "new"), SHIFTS)
def test_an_extension_keeps_unit_calendar_and_end_of_day(
    amount: str, day_end: DayEnd, due: str, by: int, new: str
) -> None:
    assert shown(CN_LUNCH, shift(local(CN_LUNCH, due), by, terms(amount, day_end=day_end)).due) == new


@pytest.mark.parametrize(
    ("amount", "since", "to", "length"),
    [
        ("5 working_days", "2026-11-20 15:00", "2026-11-22 15:00", 0),  # a weekend
        ("5 working_days", "2026-11-20 15:00", "2026-11-23 08:00", 1),
        ("5 working_days", "2026-09-30 15:00", "2026-10-10 15:00", 3),
        ("5 natural_days", "2026-11-20 15:00", "2026-11-22 08:00", 2),
        ("5 natural_days", "2026-11-20 08:00", "2026-11-20 15:00", 0),
        ("2 hours", "2026-11-20 15:00", "2026-11-20 16:30", 90),
        ("8 working_hours", "2026-11-20 17:00", "2026-11-23 09:00", 60),
        ("8 working_hours", "2026-11-23 09:00", "2026-11-20 17:00", 0),
    ],
)
def test_a_pause_is_as_long_as_its_clock_says(amount: str, since: str, to: str, length: int) -> None:
    assert units_between(local(CN_LUNCH, since), local(CN_LUNCH, to), terms(amount)) == length


def test_a_start_that_is_not_covered_makes_the_opening_after_it_provisional() -> None:
    """The Sunday before the first covered day: whether it worked decides when counting starts."""
    begun = local(CN_LUNCH, "2006-12-31 10:00")
    assert deadline(begun, terms("1 working_days", day_end=DayEnd.SAME_TIME)).provisional
    assert not deadline(begun, terms("1 working_days")).provisional


def test_whole_minutes_count_in_a_pause() -> None:
    since = local(CN, "2026-11-20 15:00")
    assert units_between(since, since + timedelta(seconds=119), terms("20 minutes")) == 1


SHARES = [
    # amount, end of day, start, percent, instant
    ("20 minutes", DayEnd.MIDNIGHT, "2026-11-20 09:00", 50, "2026-11-20 09:10"),
    ("20 minutes", DayEnd.MIDNIGHT, "2026-11-20 09:00", 90, "2026-11-20 09:18"),
    ("1 working_days", DayEnd.MIDNIGHT, "2026-11-20 10:00", 50, "2026-11-23 12:00"),
    ("5 working_days", DayEnd.MIDNIGHT, "2026-09-30 10:00", 50, "2026-10-10 12:00"),  # the make-up Saturday
    ("2 working_days", DayEnd.MIDNIGHT, "2026-11-19 10:00", 50, "2026-11-21 00:00"),  # Friday 24:00, not Monday
    ("4 natural_days", DayEnd.MIDNIGHT, "2026-11-22 10:00", 75, "2026-11-26 00:00"),
    ("2 working_days", DayEnd.SAME_TIME, "2026-11-20 10:00", 50, "2026-11-23 10:00"),
    ("8 working_hours", DayEnd.MIDNIGHT, "2026-11-23 08:30", 50, "2026-11-23 15:00"),
    ("8 working_hours", DayEnd.MIDNIGHT, "2026-11-20 14:30", 75, "2026-11-23 11:30"),
]


@pytest.mark.parametrize(("amount", "day_end", "start", "percent", "instant"), SHARES)
def test_a_share_is_of_the_clocks_own_time(
    amount: str, day_end: DayEnd, start: str, percent: int, instant: str
) -> None:
    begun, by = local(CN_LUNCH, start), terms(amount, day_end=day_end)
    due = deadline(begun, by).due
    found = at_share(begun, due, by, percent)
    assert shown(CN_LUNCH, found) == instant
    assert consumed(begun, due, by, found) == pytest.approx(percent / 100)


def test_a_hundred_percent_is_the_deadline_and_more_comes_after_it() -> None:
    begun, by = local(CN, "2026-09-30 10:00"), terms("5 working_days")
    due = deadline(begun, by).due
    assert at_shares(begun, due, by, (100, 120)) == (due, local(CN, "2026-10-15 00:00"))
    assert consumed(begun, due, by, local(CN, "2026-10-15 00:00")) == pytest.approx(1.2)
    assert consumed(begun, due, by, begun) == 0.0


@pytest.mark.parametrize(
    ("percent", "instant"),
    [
        (25, "2026-11-24 00:00"),  # before the pause
        (50, "2026-11-25 00:00"),  # where it begins
        (75, "2026-11-28 00:00"),  # two days later than without it
        (100, "2026-12-01 00:00"),
    ],
)
def test_a_pause_moves_what_comes_after_it(percent: int, instant: str) -> None:
    """Four working days from Friday, paused for all of Wednesday and Thursday."""
    begun, by = local(CN, "2026-11-20 10:00"), terms("4 working_days")
    pause = (local(CN, "2026-11-25 00:00"), local(CN, "2026-11-27 00:00"))
    due = deadline(begun, by, units_between(*pause, by)).due
    assert shown(CN, at_share(begun, due, by, percent, [pause])) == instant
    assert consumed(begun, due, by, local(CN, "2026-11-26 15:00"), [pause]) == pytest.approx(0.5)


def test_a_pause_over_a_weekend_adds_no_working_day_and_moves_no_mark() -> None:
    begun, by = local(CN, "2026-11-19 10:00"), terms("3 working_days")
    due = deadline(begun, by).due
    pause = (local(CN, "2026-11-21 00:00"), local(CN, "2026-11-22 23:59"))
    assert units_between(*pause, by) == 0
    percents = (10, 50, 75, 90)
    assert at_shares(begun, due, by, percents, [pause]) == at_shares(begun, due, by, percents)


@pytest.mark.parametrize("due", ["2026-11-20 16:00", "2026-11-22 12:00"])
def test_a_citys_deadline_that_leaves_no_working_time_is_shared_by_the_wall_clock(due: str) -> None:
    """On the day it started, or on the weekend after it."""
    begun, by = local(CN, "2026-11-20 10:00"), terms("5 working_days")
    end = local(CN, due)
    assert at_share(begun, end, by, 50) == begun + (end - begun) / 2
    assert consumed(begun, end, by, begun + (end - begun) / 2) == pytest.approx(0.5)


def test_what_arrives_after_its_deadline_is_over_at_once() -> None:
    begun, by = local(CN, "2026-11-20 10:00"), terms("20 minutes")
    due = begun - timedelta(minutes=10)
    assert at_shares(begun, due, by, (50, 90, 100)) == (due, due, due)
    assert consumed(begun, due, by, begun) == pytest.approx(1.5)
    assert consumed(begun, due, terms("0 minutes"), begun) == 1.0


@pytest.mark.parametrize(
    ("due", "yellow", "red", "fifth"),
    [
        ("2026-11-25 00:00", "2026-11-24 00:00", "2026-11-25 00:00", "2026-12-01 00:00"),  # Tuesday 24:00
        ("2026-11-24 17:30", "2026-11-24 00:00", "2026-11-25 00:00", "2026-12-01 00:00"),
        ("2026-11-24 00:00", "2026-11-21 00:00", "2026-11-24 00:00", "2026-11-30 00:00"),  # Monday 24:00
        ("2026-10-09 00:00", "2026-10-01 00:00", "2026-10-09 00:00", "2026-10-14 00:00"),  # over National Day
        ("2026-10-10 00:00", "2026-10-09 00:00", "2026-10-10 00:00", "2026-10-15 00:00"),  # then a Saturday works
    ],
)
def test_yellow_is_one_working_day_before_and_red_the_first_after(due: str, yellow: str, red: str, fifth: str) -> None:
    end = local(CN, due)
    assert (shown(CN, lead(end, 1, CN)), shown(CN, overdue(end, 1, CN)), shown(CN, overdue(end, 5, CN))) == (
        yellow,
        red,
        fifth,
    )


def test_the_days_counted_and_skipped_say_why() -> None:
    begun, by = local(CN, "2026-09-30 10:30"), terms("3 working_days")
    days = [*counted(begun, deadline(begun, by).due, by)]
    assert [one.day.day for one in days if one.counts] == [8, 9, 10]
    assert days[0] == (date(2026, 9, 30), False, Reason(Why.START))
    assert days[1] == (date(2026, 10, 1), False, Reason(Why.HOLIDAY, "国庆节"))
    assert days[-1] == (date(2026, 10, 10), True, Reason(Why.MAKE_UP, "国庆节"))


def test_natural_days_count_also_where_they_rest_and_the_end_moves_on() -> None:
    begun, by = local(CN, "2026-09-24 09:00"), terms("7 natural_days")
    days = [*counted(begun, deadline(begun, by).due, by)]
    assert [one.day for one in days if one.counts] == [date(2026, 9, 24) + timedelta(days=n) for n in range(1, 8)]
    assert days[-1] == (date(2026, 10, 8), False, Reason(Why.MOVED))
    extended = [*counted(begun, deadline(begun, by, 14).due, by, 14)]
    assert [one.why.why for one in extended].count(Why.MOVED) == 0
    assert sum(one.counts for one in extended) == 21


def test_a_start_outside_office_hours_counts_from_the_day_it_opens() -> None:
    begun, by = local(CN_LUNCH, "2026-11-20 18:00"), terms("2 working_days", day_end=DayEnd.SAME_TIME)
    days = [*counted(begun, deadline(begun, by).due, by)]
    assert [(one.day.day, one.counts, one.why.why) for one in days] == [
        (20, False, Why.START),
        (21, False, Why.WEEKEND),
        (22, False, Why.WEEKEND),
        (23, False, Why.START),
        (24, True, Why.WORKING),
        (25, True, Why.WORKING),
    ]


def test_working_hours_show_their_days_and_the_wall_clock_shows_none() -> None:
    begun = local(CN_LUNCH, "2026-11-20 16:30")
    hours = terms("8 working_hours")
    days = [*counted(begun, deadline(begun, hours).due, hours)]
    assert [(one.day.day, one.counts) for one in days] == [(20, True), (21, False), (22, False), (23, True), (24, True)]
    assert [*counted(begun, deadline(begun, terms("24 hours")).due, terms("24 hours"))] == []


def test_deadlines_keep_to_the_wall_clock_when_clocks_change() -> None:
    """New York sets its clocks back on Sunday 2026-11-01: an hour more for days, none for hours."""
    begun = local(BOSTON_LUNCH, "2026-10-30 10:00")
    for amount, day_end, due in (
        ("1 working_days", DayEnd.SAME_TIME, "2026-11-02 10:00"),
        ("1 working_days", DayEnd.MIDNIGHT, "2026-11-03 00:00"),
        ("3 natural_days", DayEnd.SAME_TIME, "2026-11-02 10:00"),
        ("72 hours", DayEnd.MIDNIGHT, "2026-11-02 09:00"),
        ("8 working_hours", DayEnd.MIDNIGHT, "2026-11-02 11:30"),
    ):
        found = deadline(begun, terms(amount, BOSTON_LUNCH, day_end))
        assert shown(BOSTON_LUNCH, found.due) == due, amount


@pytest.mark.parametrize(
    "text", ["", "5", "working_days", "5 days", "-1 minutes", "1.5 hours", "100000 minutes", "五 小时"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"a number|is not a valid Unit"):
        Amount.parse(text)


def test_deadlines_at_the_end_of_time_are_no_exception() -> None:
    far = local(CN, "9998-12-30 00:00")
    for unit in ("minutes", "hours", "natural_days", "working_days", "working_hours"):
        by = terms(f"99999 {unit}")
        due = deadline(far, by).due
        assert at_shares(far, due, by, (50, 100))
        assert shift(due, 99999, by).due.tzinfo is not None
        assert lead(due, 1, CN) <= overdue(due, 1, CN)
