"""A run's own time: the line on which its shares are measured, with the pauses cut out of it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from schemas.clock import Unit
from streams.domain.calendar import Calendar

Pauses = Sequence[tuple[datetime, datetime]]
"""From when to when a clock stood still."""

SMALL_UNITS_ARE_DAYS: Final = frozenset({Unit.NATURAL_DAYS, Unit.WORKING_DAYS})

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Line(NamedTuple):
    """One kind of time: microseconds that have passed at an instant, and the first instant with so many behind it."""

    passed: Callable[[datetime], int]
    instant: Callable[[int], datetime]


def _wall_passed(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def _wall_instant(passed: int) -> datetime:
    return _EPOCH + passed * _MICROSECOND


_WALL: Final = Line(_wall_passed, _wall_instant)


class OwnTime(NamedTuple):
    """Own time of one run, from `begin` on its line, without the `pauses` (in order, apart, before the deadline)."""

    line: Line
    start: datetime
    due: datetime
    begin: int
    pauses: tuple[tuple[int, int], ...]
    total: int
    """Microseconds to use up, the pauses left out."""

    def at(self, percent: int) -> datetime:
        """The first instant at which so much is used up: from the start on, up to 100 not after the deadline."""
        if self.total <= 0:
            return self.due
        point = self.begin + self.total * percent // 100
        for since, to in self.pauses:
            if since >= point:
                break
            point += to - since
        found = self.line.instant(point)
        return max(found, self.due) if percent > 100 else min(max(found, self.start), self.due)

    def consumed(self, at: datetime, nominal: int) -> float:
        """The share used up. Where there is nothing to use up, what is late is measured by `nominal` microseconds."""
        now = max(self.line.passed(at), self.begin)
        used = now - self.begin - sum(min(to, now) - since for since, to in self.pauses if since < now)
        if self.total > 0:
            return used / self.total
        late = max(0, (at - self.due) // _MICROSECOND)
        return 0.0 if at < self.due else 1.0 + (late / nominal if nominal else 0.0)


def own_time(
    unit: Unit, calendar: Calendar, start: datetime, origin: datetime, due: datetime, pauses: Pauses
) -> OwnTime:
    """From `origin`, where counting starts; on the wall clock from `start` where none of its own is left to `due`."""
    line = _line(unit, calendar)
    begin, end = line.passed(origin), line.passed(due)
    if end <= begin:
        line = _WALL
        begin, end = line.passed(start), line.passed(due)
    start, due = start.astimezone(UTC), due.astimezone(UTC)
    if not pauses:
        return OwnTime(line, start, due, begin, (), end - begin)
    cut = _cut(((line.passed(a), line.passed(b)) for a, b in pauses), begin, end)
    return OwnTime(line, start, due, begin, cut, end - begin - sum(to - since for since, to in cut))


def _line(unit: Unit, calendar: Calendar) -> Line:
    if unit is Unit.WORKING_DAYS:
        return Line(calendar.day_time, calendar.day_instant)
    if unit is Unit.WORKING_HOURS:
        return Line(calendar.office_time, calendar.office_instant)
    return _WALL


def _cut(pauses: Iterable[tuple[int, int]], begin: int, end: int) -> tuple[tuple[int, int], ...]:
    """The pauses inside the run, in order; what overlaps is counted once."""
    apart: list[tuple[int, int]] = []
    reached = begin
    for since, to in sorted(pauses):
        since, to = max(since, reached), min(to, end)
        if since < to:
            apart.append((since, to))
            reached = to
    return tuple(apart)
