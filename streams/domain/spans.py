"""Amounts of time in five units and what follows from one: deadline, shares, a pause's length, the days counted.

Minutes and hours run on the wall clock from the instant. Days leave the starting day out and end at the end of the last
(24:00, or close of office), which moves on to a working day where it rests. Working days count the dates that work,
make-up days among them. Working hours count office time only. (Civil Code arts. 200-204; domain study 9.3 to 9.5, 9.7.)

A run's *small unit* is what its pauses and extensions are counted in: days for the two units of days, else minutes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple, Self

from schemas.clock import Unit
from streams.domain.calendar import FIRST_DAY, LAST_DAY, Calendar, Reached, Reason, Why
from streams.domain.own_time import SMALL_UNITS_ARE_DAYS, OwnTime, Pauses, own_time

_MOST: Final = 99_999


_WALL: Final = frozenset({Unit.MINUTES, Unit.HOURS})
_MICROSECOND: Final = timedelta(microseconds=1)


class DayEnd(StrEnum):
    """When the last day of a deadline in days ends."""

    MIDNIGHT = "24:00"
    CLOSE = "close"
    """When the office closes on that day."""
    SAME_TIME = "same_time"
    """At the clock time of the start. Working days that start outside office hours start when it next opens.
    Natural days are not moved on where the last one rests. (Boston's rule, recovered from its data.)"""


class Amount(NamedTuple):
    """So many of a unit."""

    value: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `5 working_days`. Raises ValueError for anything else."""
        value, _, unit = text.strip().partition(" ")
        if not (value.isascii() and value.isdigit()) or int(value) > _MOST:
            raise ValueError(f"a number up to {_MOST} and a unit")
        return cls(int(value), Unit(unit.strip()))


@dataclass(frozen=True, slots=True)
class Terms:
    """What a deadline is computed by."""

    amount: Amount
    calendar: Calendar
    day_end: DayEnd = DayEnd.MIDNIGHT


class Due(NamedTuple):
    """A deadline, in UTC. `provisional`: days beyond the calendar were counted."""

    due: datetime
    provisional: bool


class Counted(NamedTuple):
    """One day between start and deadline, and why it counts or does not."""

    day: date
    counts: bool
    why: Reason


def deadline(start: datetime, terms: Terms, extra: int = 0) -> Due:
    """When the amount is used up, `extra` small units (pauses, extensions) later."""
    value, unit = terms.amount
    calendar = terms.calendar
    match unit:
        case Unit.MINUTES:
            return Due(_later(start, value + extra), False)
        case Unit.HOURS:
            return Due(_later(start, value * 60 + extra), False)
        case Unit.WORKING_HOURS:
            return Due(*calendar.work(start, timedelta(minutes=value * 60 + extra)))
        case Unit.WORKING_DAYS:
            begin = _begin(start, terms)
            local = calendar.local(begin)
            day, provisional = calendar.offset(local.date(), value + extra)
            moved = begin != start and not (calendar.covers(calendar.date_of(start)) and calendar.covers(local.date()))
            return Due(_end(day, local.time(), terms), provisional or moved)
        case Unit.NATURAL_DAYS:
            local = calendar.local(start)
            day, provisional = _natural(calendar.later(local.date(), value + extra), terms)
            return Due(_end(day, local.time(), terms), provisional)


def shift(due: datetime, n: int, terms: Terms) -> Due:
    """A deadline n small units later (earlier, where n is negative). `provisional` speaks of the way only.

    It keeps its kind of end of day: 24:00 stays 24:00, close of office is that of the new day, else the time is kept.
    """
    calendar = terms.calendar
    if n == 0:
        return Due(due.astimezone(UTC), False)
    if terms.amount.unit not in SMALL_UNITS_ARE_DAYS:
        if terms.amount.unit is Unit.WORKING_HOURS:
            return Due(*calendar.work(due, timedelta(minutes=n)))
        return Due(_later(due, n), False)
    day, clock = day_of(due, calendar), calendar.local(due).time()
    new, provisional = (
        calendar.offset(day, n) if terms.amount.unit is Unit.WORKING_DAYS else _natural(calendar.later(day, n), terms)
    )
    if clock == time():
        return Due(calendar.end_of(new), provisional)
    if terms.day_end is DayEnd.CLOSE and due == calendar.closes(day):
        return Due(calendar.closes(new), provisional)
    return Due(calendar.at(new, clock), provisional)


def units_between(a: datetime, b: datetime, terms: Terms) -> int:
    """A pause's length in small units; 0 where b is not after a.

    Days: dates d with a's date < d <= b's date, of working days those that work. Minutes: whole ones.
    """
    calendar = terms.calendar
    if b <= a:
        return 0
    match terms.amount.unit:
        case Unit.WORKING_DAYS:
            return calendar.between(calendar.date_of(a), calendar.date_of(b)).days
        case Unit.NATURAL_DAYS:
            return (calendar.date_of(b) - calendar.date_of(a)).days
        case Unit.WORKING_HOURS:
            return calendar.worked(a, b) // timedelta(minutes=1)
        case Unit.MINUTES | Unit.HOURS:
            return (b - a) // timedelta(minutes=1)


def at_shares(
    start: datetime, due: datetime, terms: Terms, percents: Sequence[int], pauses: Pauses = ()
) -> tuple[datetime, ...]:
    """For each percentage the instant at which so much of the run's own time is used up; 100 gives `due` itself.

    Own time runs on the wall clock from the start for minutes and hours; for days from 00:00 after the starting day
    (`SAME_TIME`: from where counting starts), over the dates that work where working days are counted, 24 hours each;
    in office hours for working hours. It stands still in `pauses`. Where the deadline leaves no own time (the city's
    own may lie on a weekend, or on the starting day), it is the wall clock from the start.
    """
    if terms.amount.unit in _WALL and not pauses:
        begin, end = start.astimezone(UTC), due.astimezone(UTC)
        total = max((end - begin) // _MICROSECOND, 0)
        return tuple(min(begin + total * percent // 100 * _MICROSECOND, end) for percent in percents)
    own = _own(start, due, terms, pauses)
    return tuple(due.astimezone(UTC) if percent == 100 else own.at(percent) for percent in percents)


def at_share(start: datetime, due: datetime, terms: Terms, percent: int, pauses: Pauses = ()) -> datetime:
    """As `at_shares`, for one percentage."""
    return at_shares(start, due, terms, (percent,), pauses)[0]


def consumed(start: datetime, due: datetime, terms: Terms, at: datetime, pauses: Pauses = ()) -> float:
    """The share of own time used up at an instant: 0.0 at the start, 1.0 at the deadline, more after it."""
    return _own(start, due, terms, pauses).consumed(at, _NOMINAL[terms.amount.unit] * terms.amount.value)


def lead(due: datetime, n: int, calendar: Calendar) -> datetime:
    """When n working days are left: 24:00 of the n-th working day before the deadline's date."""
    return calendar.end_of(calendar.offset(day_of(due, calendar), -n).day)


def overdue(due: datetime, n: int, calendar: Calendar) -> datetime:
    """00:00 of the n-th working day after the deadline's date; n = 1: the first working day overdue."""
    return calendar.midnight(calendar.offset(day_of(due, calendar), n).day)


def day_of(due: datetime, calendar: Calendar) -> date:
    """The date that a deadline belongs to: 00:00 is 24:00 of the day before."""
    local = calendar.local(due)
    midnight = local.hour == local.minute == local.second == local.microsecond == 0
    return calendar.later(local, -1) if midnight else local.date()


def counted(start: datetime, due: datetime, terms: Terms, extra: int = 0) -> Iterator[Counted]:
    """Every day from the starting one to the deadline's, for explanations; nothing for minutes and hours.

    `extra` as in `deadline`. Natural days count whether they work or not; those that come after the last one, because
    it rests, do not, and the day it moved to says so.
    """
    calendar, unit = terms.calendar, terms.amount.unit
    if unit in {Unit.MINUTES, Unit.HOURS}:
        return
    first, last = calendar.date_of(start), day_of(due, calendar)
    if unit is Unit.WORKING_HOURS:
        for office_day in _days(first, last):
            yield Counted(office_day, calendar.works(office_day), calendar.why(office_day))
        return
    begun = calendar.date_of(_begin(start, terms))
    end = calendar.later(first, terms.amount.value + extra)
    moved = unit is Unit.NATURAL_DAYS and last > end and _natural(end, terms).day == last
    for day in _days(first, last):
        if day in {first, begun}:
            yield Counted(day, False, Reason(Why.START))
        elif unit is Unit.WORKING_DAYS:
            yield Counted(day, day > begun and calendar.works(day), calendar.why(day))
        elif moved and day == last:
            yield Counted(day, False, Reason(Why.MOVED))
        else:
            yield Counted(day, not (moved and day > end), calendar.why(day))


_MINUTE: Final = 60_000_000
_NOMINAL: Final = {
    Unit.MINUTES: _MINUTE,
    Unit.HOURS: 60 * _MINUTE,
    Unit.NATURAL_DAYS: 1440 * _MINUTE,
    Unit.WORKING_DAYS: 1440 * _MINUTE,
    Unit.WORKING_HOURS: 60 * _MINUTE,
}
"""Microseconds of own time."""


def _begin(start: datetime, terms: Terms) -> datetime:
    if terms.amount.unit is Unit.WORKING_DAYS and terms.day_end is DayEnd.SAME_TIME:
        return terms.calendar.next_open(start)
    return start


def _own(start: datetime, due: datetime, terms: Terms, pauses: Pauses) -> OwnTime:
    calendar, unit = terms.calendar, terms.amount.unit
    origin = _begin(start, terms)
    if unit in SMALL_UNITS_ARE_DAYS and terms.day_end is not DayEnd.SAME_TIME:
        origin = calendar.end_of(calendar.date_of(start))
    return own_time(unit, calendar, start, origin, due, pauses)


def _natural(day: date, terms: Terms) -> Reached:
    return Reached(day, False) if terms.day_end is DayEnd.SAME_TIME else terms.calendar.roll(day)


def _end(day: date, clock: time, terms: Terms) -> datetime:
    match terms.day_end:
        case DayEnd.MIDNIGHT:
            return terms.calendar.end_of(day)
        case DayEnd.CLOSE:
            return terms.calendar.closes(day)
        case DayEnd.SAME_TIME:
            return terms.calendar.at(day, clock)


def _later(instant: datetime, minutes: int) -> datetime:
    try:
        return instant.astimezone(UTC) + timedelta(minutes=minutes)
    except OverflowError:
        return datetime.combine(LAST_DAY if minutes > 0 else FIRST_DAY, time(), UTC)


def _days(first: date, last: date) -> Iterator[date]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)
