"""Working days (工作日) and office hours: which days work, how many lie between two, where the n-th falls.

Chinese make-up days (调休) work although they are Saturdays or Sundays. A calendar knows the days it covers; beyond
them it counts by the weekday alone and says so: `provisional`. The notice of the next year may still change late
December of the last covered one (2018-12-31 was made a day off by the notice for 2019).

Sources: Civil Code arts. 200-204, State Council notices; domain study 2.4, 5 and 9.3.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from typing_extensions import override

from schemas.ids import derived_id
from streams.domain.day_line import DayLine
from streams.domain.office_hours import NINE_TO_FIVE, Open, Slot, Week, length, refused

FIRST_DAY: Final = date(2, 1, 1)
LAST_DAY: Final = date(9998, 12, 31)
"""What lies beyond is taken for these: room for every zone's offset, and for the end of the day."""

WARN_DAYS_LEFT: Final = 45
"""With fewer covered days left, the next year's table is missed."""

_FIRST: Final = FIRST_DAY.toordinal()
_LAST: Final = LAST_DAY.toordinal()
_DAY: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)
_MICROSECOND: Final = timedelta(microseconds=1)
_DAY_LONG: Final = 86_400_000_000


class Why(StrEnum):
    """Why a day works or does not, and, where days are counted, why it is not among them."""

    WORKING = "working"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    """A weekend that works in place of another day (调休上班)."""
    COUNTY_HOLIDAY = "county_holiday"
    COUNTY_WORKING = "county_working"
    START = "start"
    """The day on which it began is not counted."""
    MOVED = "moved"
    """The last day rests, so the end moved on to this one."""


class Reason(NamedTuple):
    """`name` is the holiday's, where it has one."""

    why: Why
    name: str = ""


class NamedDay(NamedTuple):
    """A day that is otherwise than its weekday says, or has a name. `county`: the county's own, not the nation's."""

    day: date
    works: bool
    name: str
    county: bool = False


class Reached(NamedTuple):
    """A day that was counted to. `provisional`: days beyond the calendar were looked at on the way."""

    day: date
    provisional: bool


class Count(NamedTuple):
    """A number of working days."""

    days: int
    provisional: bool


class Calendar:
    """Immutable. Dates are those of `zone`; instants are aware, and returned in UTC.

    `days` may name dates outside `first`..`last` (the years overlap in late December): they hold, and stay
    provisional. Of two entries for one date the later in `days` holds. Days that work without being weekdays of `week`
    have the hours of `make_up_as` (0: Monday). Times that the clock skips or repeats in spring and autumn are read as
    PEP 495 does with fold=0: the first of two, and the skipped one an hour later.
    """

    __slots__ = ("_days", "_even", "_first", "_hours", "_last", "_low", "_make_up", "_midnights",
                 "_seconds", "_week", "_working", "first", "last", "name", "version", "zone")  # fmt: skip

    def __init__(
        self,
        name: str,
        zone: ZoneInfo,
        days: Iterable[NamedDay],
        first: date,
        last: date,
        *,
        week: Week = NINE_TO_FIVE,
        make_up_as: int = 0,
    ) -> None:
        """Raises ValueError where no weekday works, slots of a day overlap, or it ends before it begins."""
        said = refused(week, make_up_as) or ("a calendar ends after it begins" if last < first else None)
        if said is not None:
            raise ValueError(said)
        self.name = name
        self.zone = zone
        self.first = first
        self.last = last
        """The last day that is covered."""
        self._week = week
        self._make_up = week[make_up_as]
        self._first = first.toordinal()
        self._last = last.toordinal()
        self._days = {day.day.toordinal(): day for day in days}
        ordinals = range(
            min([first.toordinal(), *self._days]),
            max([last.toordinal(), *self._days]) + 1,
        )
        self._hours = {ordinal: self._slots(ordinal) for ordinal in ordinals}
        self._working = DayLine(ordinals.start, [bool(self._hours[o]) for o in ordinals], [bool(day) for day in week])
        self._seconds = DayLine(ordinals.start, [length(self._hours[o]) for o in ordinals], [length(d) for d in week])
        self._low = ordinals.start
        self._midnights = [_midnight(date.fromordinal(o), zone) for o in (*ordinals, ordinals.stop)]
        self._even = frozenset(
            o for o, (a, b) in zip(ordinals, pairwise(self._midnights), strict=True) if b - a == _DAY
        )
        self.version = self._version(make_up_as)
        """Another one where any day, hour or zone is another."""

    @override
    def __repr__(self) -> str:
        return f"Calendar({self.version!r}, {self.first}..{self.last})"

    # days

    def covers(self, day: date) -> bool:
        """Whether what is said of this day was published."""
        return self.first <= day <= self.last

    def days_left(self, today: date) -> int:
        """Covered days after today; negative beyond the end. Fewer than `WARN_DAYS_LEFT` is a warning."""
        return (self.last - today).days

    def works(self, day: date) -> bool:
        """Whether it is a working day; beyond the calendar: by its weekday."""
        return bool(self._slots_of(day.toordinal()))

    def why(self, day: date) -> Reason:
        """Why it works or does not."""
        named = self._days.get(day.toordinal())
        weekday = bool(self._week[day.weekday()])
        if named is None:
            return Reason(Why.WORKING if weekday else Why.WEEKEND)
        if named.county:
            return Reason(Why.COUNTY_WORKING if named.works else Why.COUNTY_HOLIDAY, named.name)
        if not named.works:
            return Reason(Why.HOLIDAY, named.name)
        return Reason(Why.WORKING if weekday else Why.MAKE_UP, named.name)

    def offset(self, day: date, n: int) -> Reached:
        """The n-th working day after `day` (before it, where n is negative); `day` never counts; n = 0 gives `day`."""
        at = day.toordinal()
        if n == 0:
            return Reached(day, False)
        working = self._working
        found = working.find(working.before(at + 1) + n - 1) if n > 0 else working.find(working.before(at) + n)
        return self._reached(found, min(at + 1, found), max(at - 1, found))

    def roll(self, day: date) -> Reached:
        """The day itself where it works, else the next that does."""
        at = day.toordinal()
        found = self._working.find(self._working.before(at))
        return self._reached(found, at, found)

    def between(self, a: date, b: date) -> Count:
        """Working days d with a < d <= b; the negative of the other way round where b is before a."""
        low, high = (a, b) if a <= b else (b, a)
        count = self._working.before(b.toordinal() + 1) - self._working.before(a.toordinal() + 1)
        return Count(count, low < high and not (low >= self.first - _DAY and high <= self.last))

    # instants

    def local(self, instant: datetime) -> datetime:
        """The instant on the calendar's wall clock."""
        try:
            found = instant.astimezone(self.zone)
        except OverflowError:
            found = instant
        if 1 < found.year < 9999:
            return found
        day, clock = (FIRST_DAY, time.min) if found.year == 1 else (LAST_DAY, time.max)
        return datetime.combine(day, clock, self.zone)

    def date_of(self, instant: datetime) -> date:
        """The date there."""
        return self.local(instant).date()

    def at(self, day: date, clock: time) -> datetime:
        """A wall-clock time of a day."""
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def later(self, day: date, n: int) -> date:
        """n days later, working or not; no later than there are dates."""
        return _within(day.toordinal() + n)

    def midnight(self, day: date) -> datetime:
        """00:00 of the day, which is 24:00 of the day before."""
        return self._midnight(day.toordinal())

    def end_of(self, day: date) -> datetime:
        """24:00 of the day."""
        return self._midnight(day.toordinal() + 1)

    def office(self, day: date) -> tuple[Open, ...]:
        """The office hours of a day; none where it does not work."""
        return tuple(
            Open(self._clock(day, hours.opens), self._clock(day, hours.closes))
            for hours in self._slots_of(day.toordinal())
        )

    def opens(self, day: date) -> datetime:
        """When the office opens. Of a day that does not work: when it would, were it a make-up day."""
        return self._clock(day, (self._slots_of(day.toordinal()) or self._make_up)[0].opens)

    def closes(self, day: date) -> datetime:
        """When it closes for the day; else as `opens`."""
        return self._clock(day, (self._slots_of(day.toordinal()) or self._make_up)[-1].closes)

    def next_open(self, instant: datetime) -> datetime:
        """The instant itself within office hours (closing time is outside), else when they next begin."""
        day = self.date_of(instant)
        for hours in self.office(day):
            if instant < hours.closes:
                return max(instant.astimezone(UTC), hours.opens)
        return self.opens(self.offset(day, 1).day)

    # working days as a line of time: 24 hours each, however long the clocks make one

    def day_time(self, instant: datetime) -> int:
        """Microseconds of working days since some fixed moment: only differences mean something. Never falls."""
        local = self.local(instant)
        at = local.toordinal()
        passed = self._working.before(at) * _DAY_LONG
        if not self._slots_of(at):
            return passed
        if at in self._even:
            return passed + _clock_time(local)
        begun, ended = self._midnight(at), self._midnight(at + 1)
        return passed + (instant - begun) // _MICROSECOND * _DAY_LONG // ((ended - begun) // _MICROSECOND)

    def day_instant(self, passed: int) -> datetime:
        """The first instant with that much of working days behind it: the other way of `day_time`."""
        day = _within(self._working.find((passed - 1) // _DAY_LONG))
        at = day.toordinal()
        left = passed - self._working.before(at) * _DAY_LONG
        begun = self._midnight(at)
        if at not in self._even:
            left = -(-left * ((self._midnight(at + 1) - begun) // _MICROSECOND) // _DAY_LONG)
        return begun + left * _MICROSECOND

    # office hours as a line of time

    def worked(self, a: datetime, b: datetime) -> timedelta:
        """Office time in [a, b); negative where b is before a."""
        return timedelta(microseconds=self.office_time(b) - self.office_time(a))

    def work(self, start: datetime, amount: timedelta) -> tuple[datetime, bool]:
        """When `amount` of office time has passed since `start`, and whether that is provisional.

        An amount that is used up when the office closes ends there, not at the next opening. Negative goes back.
        """
        passed, begun = self._office_time(start)
        found, ended = self._office_instant(passed + amount // _MICROSECOND)
        first, last = self._first, self._last
        return found, not (first <= begun <= last and first <= ended <= last)

    def office_time(self, instant: datetime) -> int:
        """Microseconds of office time since some fixed moment: only differences mean something. Never falls."""
        return self._office_time(instant)[0]

    def office_instant(self, passed: int) -> datetime:
        """The first instant with that much office time behind it: the other way of `office_time`."""
        return self._office_instant(passed)[0]

    # inside

    def _midnight(self, ordinal: int) -> datetime:
        at = ordinal - self._low
        if 0 <= at < len(self._midnights):
            return self._midnights[at]
        return _midnight(date.fromordinal(min(max(ordinal, _FIRST), _LAST + 1)), self.zone)

    def _office_time(self, instant: datetime) -> tuple[int, int]:
        local = self.local(instant)
        at = local.toordinal()
        passed = self._seconds.before(at) * 1_000_000
        if at in self._even:
            clock = _clock_time(local)
            for opens, closes in self._slots_of(at):
                if clock > opens * 1_000_000:
                    passed += min(clock, closes * 1_000_000) - opens * 1_000_000
            return passed, at
        for opens, closes in self._slots_of(at):
            since = (instant - self._clock(local, opens)) // _MICROSECOND
            passed += min(max(since, 0), (closes - opens) * 1_000_000)
        return passed, at

    def _office_instant(self, passed: int) -> tuple[datetime, int]:
        day = _within(self._seconds.find((passed - 1) // 1_000_000))
        at = day.toordinal()
        left = passed - self._seconds.before(at) * 1_000_000
        for opens, closes in self._slots_of(at):
            length = (closes - opens) * 1_000_000
            if left <= length:
                return self._clock(day, opens) + left * _MICROSECOND, at
            left -= length
        return self.closes(day), at

    def _slots(self, ordinal: int) -> tuple[Slot, ...]:
        hours = self._week[(ordinal - 1) % 7]
        named = self._days.get(ordinal)
        if named is None:
            return hours
        return (hours or self._make_up) if named.works else ()

    def _slots_of(self, ordinal: int) -> tuple[Slot, ...]:
        found = self._hours.get(ordinal)
        return self._week[(ordinal - 1) % 7] if found is None else found

    def _clock(self, day: date, seconds: int) -> datetime:
        at = day.toordinal()
        if at in self._even:
            return self._midnight(at) + seconds * _SECOND
        if seconds == 86_400:
            return self.end_of(day)
        hour, rest = divmod(seconds, 3600)
        return datetime(day.year, day.month, day.day, hour, rest // 60, rest % 60, tzinfo=self.zone).astimezone(UTC)

    def _reached(self, found: int, low: int, high: int) -> Reached:
        day = _within(found)
        return Reached(day, low < self._first or high > self._last)

    def _version(self, make_up_as: int) -> str:
        days = (f"{day.day} {day.works:d} {day.county:d} {day.name}" for day in sorted(self._days.values()))
        parts = (str(self.zone), str(self.first), str(self.last), repr(self._week), str(make_up_as), *days)
        return f"{self.name}-{self.last.year}-{derived_id(*parts)[:8]}"


def _clock_time(local: datetime) -> int:
    return ((local.hour * 60 + local.minute) * 60 + local.second) * 1_000_000 + local.microsecond


def _within(ordinal: int) -> date:
    if _FIRST <= ordinal <= _LAST:
        return date.fromordinal(ordinal)
    return FIRST_DAY if ordinal < _FIRST else LAST_DAY


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
