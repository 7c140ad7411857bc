"""Working days as the oracle and the virtual offices count them: straight from the nation's tables, day by day.

Days are numbered from 1970-01-01, instants are milliseconds since then. The county lies in China: eight hours ahead of
UTC, all year. Shares no code with `streams.domain.calendar`.
"""

import json
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

from deploy.simulate.agenda import DAY, HOUR, MINUTE

AHEAD: Final = 8 * HOUR


class Days:
    """Which days work, and the office hours of one that does."""

    def __init__(self, tables: Iterable[Path], hours: Iterable[tuple[int, int]], own: dict[int, bool]) -> None:
        """`hours`: from, to, in minutes after 00:00. `own`: the county's own days, whether they work."""
        said: dict[int, bool] = {}
        for path in sorted(tables):
            for day in json.loads(path.read_text(encoding="utf-8"))["days"]:
                said[number_of(date.fromisoformat(day["date"]))] = not day["isOffDay"]
        self._said = {**said, **own}
        self.hours = tuple((since * MINUTE, to * MINUTE) for since, to in hours)
        self.add = lru_cache(maxsize=50_000)(self._add)

    def works(self, day: int) -> bool:
        """A weekday that is no holiday, or a weekend day that works in its place. Day 0 was a Thursday."""
        return self._said.get(day, (day + 3) % 7 < 5)

    def _add(self, day: int, n: int) -> int:
        """The n-th working day after (before, where n is negative) a day; the day itself for 0."""
        step = 1 if n > 0 else -1
        for _ in range(abs(n)):
            day += step
            while not self.works(day):
                day += step
        return day

    def roll(self, day: int) -> int:
        """The day, or the next one that works."""
        while not self.works(day):
            day += 1
        return day

    def between(self, a: int, b: int) -> int:
        """Working days after a, up to and with b."""
        return sum(map(self.works, range(a + 1, b + 1)))

    def worked(self, since: int, to: int) -> int:
        """Milliseconds of working days between two instants, 24 hours each."""
        first, last = day_of(since), day_of(to)
        if first == last:
            return to - since if self.works(first) else 0
        whole = sum(map(self.works, range(first + 1, last))) * DAY
        return whole + (midnight(first + 1) - since) * self.works(first) + (to - midnight(last)) * self.works(last)

    def after_worked(self, since: int, amount: int) -> int:
        """The first instant with so many milliseconds of working days behind it."""
        day = day_of(since)
        while amount > 0:
            room = midnight(day + 1) - since if self.works(day) else 0
            if amount <= room:
                return since + amount
            amount -= room
            day += 1
            since = midnight(day)
        return since

    def opens(self, day: int) -> int:
        """When the office opens on a day that works."""
        return midnight(day) + self.hours[0][0]

    def next_open(self, ms: int) -> int:
        """The instant itself within office hours, else when the office opens next."""
        day = day_of(ms)
        while True:
            if self.works(day):
                for since, to in self.hours:
                    if ms < midnight(day) + to:
                        return max(ms, midnight(day) + since)
            day += 1


def number_of(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


def day_of(ms: int) -> int:
    """The local day of an instant."""
    return (ms + AHEAD) // DAY


def midnight(day: int) -> int:
    """00:00 of a local day."""
    return day * DAY - AHEAD


def last_day(due: int) -> int:
    """The day that a deadline belongs to: 00:00 is 24:00 of the day before."""
    return (due + AHEAD - 1) // DAY
