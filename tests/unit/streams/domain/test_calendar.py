"""The calendar: vectors that were worked out by hand, what lies beyond it, and clocks that change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from streams.domain.calendar import Calendar, NamedDay, Why
from streams.domain.office_hours import five_days, slot
from tests.support.calendars import BOSTON_LUNCH, CN, CN_LUNCH, NIGHTS, SHANGHAI, local, named, shown

FIVE_WORKING_DAYS = [
    ("2020-09-30", "2020-10-14"),
    ("2021-02-05", "2021-02-18"),  # two make-up days on the way
    ("2026-02-13", "2026-02-27"),
    ("2026-09-30", "2026-10-13"),
    ("2020-12-31", "2021-01-08"),
]
ROLLS = [
    ("2026-10-01", "2026-10-08"),
    ("2026-10-10", "2026-10-10"),  # a Saturday that works
    ("2026-02-16", "2026-02-24"),
]


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(("start", "due"), FIVE_WORKING_DAYS)
def test_five_working_days_end_where_the_notices_say(start: str, due: str) -> None:
    assert CN.offset(day(start), 5) == (day(due), False)


@pytest.mark.parametrize(("end", "rolled"), ROLLS)
def test_an_end_on_a_day_off_moves_to_the_next_working_day(end: str, rolled: str) -> None:
    assert CN.roll(day(end)) == (day(rolled), False)


def test_the_vectors_catch_a_calendar_that_knows_no_make_up_days() -> None:
    """A planted fault: holidays alone are not enough."""
    holidays = [one for one in named(CN, CN.last) if not one.works]
    blind = Calendar("blind", SHANGHAI, holidays, CN.first, CN.last)
    wrong = [start for start, due in FIVE_WORKING_DAYS if blind.offset(day(start), 5).day != day(due)]
    assert wrong == ["2020-09-30", "2021-02-05", "2026-02-13", "2026-09-30"]
    assert blind.roll(day("2026-10-10")).day != day("2026-10-10")


def test_the_saturday_before_or_after_national_day_works() -> None:
    assert CN.works(day("2026-10-10"))
    assert CN.why(day("2026-10-10")) == (Why.MAKE_UP, "国庆节")
    assert CN.closes(day("2026-10-10")) == local(CN, "2026-10-10 17:00")
    assert CN.why(day("2026-10-11")) == (Why.WEEKEND, "")
    assert CN.why(day("2026-10-01")) == (Why.HOLIDAY, "国庆节")
    assert CN.why(day("2026-10-12")) == (Why.WORKING, "")


def test_late_december_is_as_the_next_years_notice_made_it() -> None:
    assert CN.works(day("2018-12-29"))
    assert not CN.works(day("2018-12-31"))


@pytest.mark.parametrize(
    ("start", "n", "due"),
    [
        ("2026-12-28", 5, "2027-01-04"),
        ("2000-01-01", 1, "2000-01-03"),
        ("2100-01-01", 10, "2100-01-15"),
        ("2100-01-01", -10, "2099-12-18"),
        ("2006-12-31", -1, "2006-12-29"),
    ],
)
def test_beyond_the_calendar_weekdays_are_counted_and_it_is_said(start: str, n: int, due: str) -> None:
    assert CN.offset(day(start), n) == (day(due), True)


def test_the_last_covered_day_is_not_provisional_and_the_next_is() -> None:
    assert CN.offset(day("2026-12-24"), 5) == (day("2026-12-31"), False)
    assert CN.offset(day("2026-12-24"), 6).provisional
    assert CN.between(day("2026-12-24"), day("2026-12-31")) == (5, False)
    assert CN.between(day("2026-12-24"), day("2027-01-01")) == (6, True)
    assert CN.roll(day("2027-01-01")) == (day("2027-01-01"), True)
    assert (CN.covers(day("2026-12-31")), CN.covers(day("2027-01-01"))) == (True, False)
    # the day before the first is where counting may start: it is not looked at
    assert CN.offset(day("2006-12-31"), 1) == (day("2007-01-04"), False)
    assert CN.days_left(day("2026-11-25")) == 36


def test_the_version_changes_with_any_day_hour_or_zone() -> None:
    def made(**changed: object) -> str:
        says = {"zone": SHANGHAI, "days": [NamedDay(day("2026-05-01"), False, "劳动节")], "last": day("2026-12-31")}
        week = changed.pop("week", five_days(slot(time(9), time(17))))
        says |= changed
        return Calendar("x", says["zone"], says["days"], day("2026-01-01"), says["last"], week=week).version  # type: ignore[arg-type]

    versions = {
        made(),
        made(zone=ZoneInfo("Asia/Urumqi")),
        made(days=[]),
        made(days=[NamedDay(day("2026-05-01"), False, "劳动节", True)]),
        made(last=day("2027-12-31")),
        made(week=five_days(slot(time(9), time(18)))),
    }
    assert len(versions) == 6
    assert made() == made()


def test_a_countys_own_day_holds_over_the_nations() -> None:
    own = [
        *named(CN, CN.last),
        NamedDay(day("2026-08-14"), False, "那达慕", True),
        NamedDay(day("2026-08-15"), True, "", True),
    ]
    county = Calendar("cn", SHANGHAI, own, CN.first, CN.last)
    assert county.offset(day("2026-08-13"), 1).day == day("2026-08-15")
    assert county.why(day("2026-08-14")) == (Why.COUNTY_HOLIDAY, "那达慕")
    assert county.why(day("2026-08-15")).why is Why.COUNTY_WORKING


OFFICE = [
    # start, minutes, end
    ("2026-11-23 08:00", 0, "2026-11-20 17:30"),  # nothing left to do: the last moment with as much behind it
    ("2026-11-23 08:00", 60, "2026-11-23 09:30"),
    ("2026-11-23 11:30", 30, "2026-11-23 12:00"),
    ("2026-11-23 11:30", 31, "2026-11-23 14:31"),
    ("2026-11-23 13:00", 30, "2026-11-23 15:00"),
    ("2026-11-23 17:00", 30, "2026-11-23 17:30"),
    ("2026-11-27 17:00", 60, "2026-11-30 09:00"),
    ("2026-09-30 17:00", 60, "2026-10-08 09:00"),
    ("2026-10-09 17:00", 390 + 31, "2026-10-12 08:31"),  # a whole make-up Saturday
]


@pytest.mark.parametrize(("start", "minutes", "end"), OFFICE)
def test_office_time_stops_for_lunch_night_and_rest(start: str, minutes: int, end: str) -> None:
    begun = local(CN_LUNCH, start)
    found, provisional = CN_LUNCH.work(begun, timedelta(minutes=minutes))
    assert (shown(CN_LUNCH, found), provisional) == (end, False)
    assert CN_LUNCH.worked(begun, found) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-11-23 09:00", "2026-11-23 09:00"),
        ("2026-11-23 07:00", "2026-11-23 08:30"),
        ("2026-11-23 12:00", "2026-11-23 14:30"),
        ("2026-11-23 17:30", "2026-11-24 08:30"),
        ("2026-10-09 18:00", "2026-10-10 08:30"),
        ("2026-10-10 18:00", "2026-10-12 08:30"),
    ],
)
def test_the_office_next_opens(at: str, opens: str) -> None:
    assert shown(CN_LUNCH, CN_LUNCH.next_open(local(CN_LUNCH, at))) == opens


def test_hours_are_the_wall_clocks_when_clocks_change() -> None:
    """New York changes on 2026-03-08 and 2026-11-01; the office opens by the wall clock before and after."""
    before, after = day("2026-10-30"), day("2026-11-02")
    assert BOSTON_LUNCH.opens(after) - BOSTON_LUNCH.opens(before) == timedelta(days=3, hours=1)
    assert BOSTON_LUNCH.end_of(day("2026-11-01")) - BOSTON_LUNCH.midnight(day("2026-11-01")) == timedelta(hours=25)
    assert BOSTON_LUNCH.worked(BOSTON_LUNCH.opens(before), BOSTON_LUNCH.closes(after)) == timedelta(hours=13)
    start = local(BOSTON_LUNCH, "2026-10-30 17:00")
    assert shown(BOSTON_LUNCH, BOSTON_LUNCH.work(start, timedelta(hours=1))[0]) == "2026-11-02 09:00"


def test_a_working_day_is_24_hours_also_when_it_lasts_23_or_25() -> None:
    for text, hours in (("2026-03-08", 23), ("2026-11-01", 25)):
        begin, end = NIGHTS.midnight(day(text)), NIGHTS.end_of(day(text))
        assert end - begin == timedelta(hours=hours)
        assert NIGHTS.day_time(end) - NIGHTS.day_time(begin) == 86_400_000_000
        noon = begin + (end - begin) / 2
        assert NIGHTS.day_time(noon) - NIGHTS.day_time(begin) == 43_200_000_000
        assert NIGHTS.day_instant(NIGHTS.day_time(begin) + 43_200_000_000) == noon


@pytest.mark.parametrize("text", ["2026-03-08 00:00", "2026-11-01 00:00"])
def test_office_time_never_falls_through_a_change_of_the_clock(text: str) -> None:
    start = local(NIGHTS, text)
    passed = [NIGHTS.office_time(start + timedelta(minutes=10 * n)) for n in range(200)]
    assert passed == sorted(passed)


@pytest.mark.parametrize("far", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
@pytest.mark.parametrize("calendar", [CN, BOSTON_LUNCH])
def test_the_ends_of_time_are_no_exception(calendar: Calendar, far: datetime) -> None:
    at = calendar.date_of(far)
    assert calendar.offset(at, 10**9).provisional
    assert calendar.offset(at, -(10**9)).provisional
    assert calendar.roll(date.max).provisional
    assert calendar.end_of(date.max) == calendar.end_of(calendar.later(date.max, 10**9))
    assert isinstance(calendar.office_time(far), int)
    assert calendar.next_open(far).tzinfo is not None


@pytest.mark.parametrize(
    ("week", "says"),
    [
        (((),) * 7, "some of them work"),
        (five_days(slot(time(9), time(17)))[:6], "seven days"),
        (((), *five_days(slot(time(9), time(17)))[1:]), "make-up days"),
        (five_days(slot(time(9), time(17)), slot(time(16), time(18))), "follow one another"),
        (five_days(slot(time(17), time(9))), "follow one another"),
    ],
)
def test_a_week_that_is_none_is_refused(week: tuple, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Calendar("x", SHANGHAI, [], day("2026-01-01"), day("2026-12-31"), week=week)
