"""Deadlines and marks of one run, computed by the oracle's own arithmetic in whole milliseconds (domain study 9.3 to
9.7). Shares no code with `streams.domain`."""

from dataclasses import dataclass, field
from typing import Final

from deploy.simulate.agenda import DAY, MINUTE
from deploy.simulate.days import Days, day_of, last_day, midnight
from deploy.simulate.terms import BY_DAY, PASSED_BY, Rule

PERCENT: Final = {"p50": 50, "p75": 75, "p90": 90}
IN_MINUTES: Final = {"minutes": 1, "hours": 60}


@dataclass(slots=True)
class Expected:
    """One run as the oracle knows it. Instants in milliseconds since 1970."""

    clock: str
    round: int
    holder: str | None
    rule: Rule
    start: int
    known: int
    """When the bridge could know its deadline: nothing of it can be recorded before."""
    began: int = 0
    """When the bridge knew of it at all."""
    city: int | None = None
    due: int = 0
    extended: int = 0
    grants: int = 0
    pauses: list[tuple[int, int]] = field(default_factory=list)
    paused_since: int | None = None
    fired: dict[str, int] = field(default_factory=dict)
    """Mark -> the instant it was recorded for."""
    late_cause: str | None = None
    told: list[tuple[str, int]] = field(default_factory=list)
    _marks: list[tuple[int, int, str]] | None = None

    def set_due(self, days: Days) -> None:
        """The earlier of ours and the city's."""
        ours = deadline(self.start, self.rule, self.extended + self._paused_units(days), days)
        self.due = ours if self.city is None else min(ours, self.city)
        self._marks = None

    def forget(self) -> None:
        """Another calendar has come: marks are elsewhere, the deadline stays until it is computed anew."""
        self._marks = None

    def marks(self, days: Days) -> list[tuple[int, int, str]]:
        """(instant, rank, mark) of every mark, in the order in which they pass; none while it stands still."""
        if self.paused_since is not None:
            return []
        if self._marks is None:
            short = self.due - self.start < DAY
            named = [mark for mark in self.rule.marks if not (short and mark in BY_DAY)]
            self._marks = sorted((self._instant(mark, days), PASSED_BY.index(mark), mark) for mark in named)
        return self._marks

    def ahead(self, days: Days) -> list[tuple[int, int, str]]:
        """Those that are not recorded."""
        return [one for one in self.marks(days) if one[2] not in self.fired]

    def next(self, days: Days) -> int | None:
        """The earliest that is not recorded."""
        fired = self.fired
        return next((instant for instant, _, mark in self.marks(days) if mark not in fired), None)

    def _instant(self, mark: str, days: Days) -> int:
        if mark in PERCENT:
            return self._share(PERCENT[mark], days)
        end = last_day(self.due)
        if mark == "yellow":
            return max(self.start, midnight(days.add(end, -1) + 1))
        if mark == "breach":
            return self.due
        return days.opens(days.add(end, 1 if mark == "red" else 5))

    def _share(self, percent: int, days: Days) -> int:
        """So much of the run's own time used up: wall time, or dates that work, 24 hours each; pauses left out."""
        by_day, working = self.rule.unit not in IN_MINUTES, self.rule.unit == "working_days"
        origin = midnight(day_of(self.start) + 1) if by_day else self.start
        end = (days.worked(origin, self.due) if working else self.due - origin) if self.due > origin else 0
        if end <= 0:
            origin, working, end = self.start, False, self.due - self.start
            if end <= 0:
                return self.due
        stands: list[tuple[int, int]] = []
        for since, to in self.pauses:
            a, b = (_used(origin, one, working, days) for one in (since, to))
            a = max(a, stands[-1][1] if stands else 0)
            b = min(b, end)
            if a < b:
                stands.append((a, b))
        total = end - sum(b - a for a, b in stands)
        if total <= 0:
            return self.due
        point = total * percent // 100
        for a, b in stands:
            if a < point:
                point += b - a
        found = days.after_worked(origin, point) if working else origin + point
        return min(max(found, self.start), self.due)

    def _paused_units(self, days: Days) -> int:
        return sum(length(since, to, self.rule, days) for since, to in self.pauses)


def _used(origin: int, at: int, working: bool, days: Days) -> int:
    if at <= origin:
        return 0
    return days.worked(origin, at) if working else at - origin


def deadline(start: int, rule: Rule, extra: int, days: Days) -> int:
    """When the amount is used up, and so many days (or minutes) more."""
    if rule.unit in IN_MINUTES:
        return start + (rule.amount * IN_MINUTES[rule.unit] + extra) * MINUTE
    day = day_of(start)
    if rule.unit == "working_days":
        return midnight(days.add(day, rule.amount + extra) + 1)
    return midnight(days.roll(day + rule.amount + extra) + 1)


def length(since: int, to: int, rule: Rule, days: Days) -> int:
    """A pause in the run's own unit."""
    if to <= since:
        return 0
    if rule.unit in IN_MINUTES:
        return (to - since) // MINUTE
    if rule.unit == "working_days":
        return days.between(day_of(since), day_of(to))
    return day_of(to) - day_of(since)


def later(due: int, n: int, rule: Rule, days: Days) -> int:
    """The city's own deadline so many units later: 24:00 stays 24:00, any other clock time stays what it is."""
    if rule.unit in IN_MINUTES:
        return due + n * MINUTE
    day = last_day(due)
    new = days.add(day, n) if rule.unit == "working_days" else days.roll(day + n)
    return due + (new - day) * DAY
