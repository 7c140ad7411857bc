"""Calendars that tests count by, and the slow way to count: day by day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from deploy.county.calendars import load_calendar
from streams.domain.calendar import Calendar, NamedDay
from streams.domain.office_hours import five_days, slot

SHANGHAI = ZoneInfo("Asia/Shanghai")
BOSTON = ZoneInfo("America/New_York")

CN = load_calendar("cn", SHANGHAI)
"""As it comes with the program, from nine to five."""

WITH_LUNCH = five_days(slot(time(8, 30), time(12)), slot(time(14, 30), time(17, 30)))


def named(days: Calendar, until: date) -> list[NamedDay]:
    """The days up to `until` on which the calendar is not what the weekday says."""
    found = []
    day = days.first
    while day <= until:
        if days.works(day) != (day.weekday() < 5):
            found.append(NamedDay(day, days.works(day), days.why(day).name))
        day += timedelta(days=1)
    return found


CN_LUNCH = Calendar("cn-lunch", SHANGHAI, named(CN, CN.last), CN.first, CN.last, week=WITH_LUNCH)
BOSTON_LUNCH = Calendar(
    "boston", BOSTON,
    [NamedDay(date(2026, 11, 11), False, "Veterans Day"), NamedDay(date(2026, 11, 26), False, "Thanksgiving Day")],
    date(2026, 1, 1), date(2026, 12, 31), week=WITH_LUNCH,
)  # fmt: skip
NIGHTS = Calendar(
    "nights",
    BOSTON,
    [],
    date(2026, 1, 1),
    date(2026, 12, 31),
    week=((slot(time(0), time(9)), slot(time(22), None)),) * 7,
)
"""Open when the clock changes."""


def local(calendar: Calendar, text: str) -> datetime:
    """`2026-10-10 12:00` on the calendar's clock, as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=calendar.zone).astimezone(UTC)


def shown(calendar: Calendar, instant: datetime) -> str:
    """The other way, to the minute."""
    return f"{instant.astimezone(calendar.zone):%Y-%m-%d %H:%M}"


def walk(calendar: Calendar, day: date, n: int) -> date:
    """The n-th working day after, one day at a time."""
    step = timedelta(days=1 if n > 0 else -1)
    while n:
        day += step
        n -= step.days * calendar.works(day)
    return day
