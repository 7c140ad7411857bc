"""The deadlines, ready to compute with: each rule's terms on the calendar, the marks, and who is due earlier."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from schemas.clock import ClockName, ClockRun, Unit
from streams.domain.calendar import Calendar
from streams.domain.deadlines import BY_DAY, GRAVE, ORDER, PERCENT, Basis, ClockRule, Deadlines, Mark, chosen
from streams.domain.policy import DepartmentKind
from streams.domain.spans import (
    Amount,
    DayEnd,
    Terms,
    at_share,
    at_shares,
    day_of,
    deadline,
    lead,
    shift,
    units_between,
)

_MINUTES: Final = {Unit.MINUTES: 1, Unit.HOURS: 60}
DAY: Final = timedelta(days=1)
_NOTHING: Final = timedelta()


class Timed(NamedTuple):
    """A rule with what is derived from it once."""

    rule: ClockRule
    terms: Terms
    marks: tuple[Mark, ...]
    first: int
    """The lowest share among the marks, in percent; 100 where there is none."""
    length: timedelta | None
    """Where it counts minutes or hours."""
    share_before_card: bool
    """Whether a share comes before the yellow card wherever our own deadline binds: half of two working days or more
    are over before the last one begins."""
    first_after: timedelta | None
    """From the start to the first mark of a run without pauses that our own deadline binds, where that is a share
    whatever the calendar: it counts minutes or hours, and none of its marks counts days."""

    def first_share(self, start: datetime, due: datetime) -> datetime:
        """When the first of its shares is due: of a run without pauses, where it counts minutes or hours."""
        length = due - start
        if length == self.length and self.first_after is not None:
            return start + self.first_after
        return start + max(length, _NOTHING) * self.first // 100

    @property
    def wall(self) -> bool:
        """Whether it counts minutes or hours."""
        return self.length is not None


class Timetable:
    """Deadlines on a calendar. Made once; answers in microseconds."""

    def __init__(self, deadlines: Deadlines, calendar: Calendar, levels: Mapping[str, DepartmentKind]) -> None:
        """`levels`: department code -> its kind."""
        self.deadlines, self.calendar, self.levels = deadlines, calendar, levels
        self._named = {
            (clock, rule.name): self._timed(clock, rule) for clock, rules in deadlines.clocks.items() for rule in rules
        }
        self._chosen: dict[tuple[ClockName, Basis], Timed | None] = {}
        self.by_level = any(rule.when.level for rules in deadlines.clocks.values() for rule in rules)
        """Whether any rule asks which kind of department leads."""
        margin = deadlines.margin
        self._share, self._least = 100 - margin.percent, timedelta(minutes=margin.least_minutes)
        self._from = timedelta(hours=margin.off_up_to_hours)

    def rule(self, clock: ClockName, basis: Basis) -> Timed | None:
        """The rule for such a dispatch; None: this clock does not run for it."""
        key = clock, basis
        if key not in self._chosen:
            rule = chosen(self.deadlines, clock, basis)
            self._chosen[key] = None if rule is None else self._named[clock, rule.name]
        return self._chosen[key]

    def of(self, run: ClockRun) -> Timed | None:
        """The rule that a run was started by; None where the county has it no more: then only its deadline is left."""
        return self._named.get((run.clock, run.rule))

    def due(self, timed: Timed, run: ClockRun) -> tuple[datetime, bool]:
        """When a run is due, and whether that is provisional: the earlier of ours and the city's.

        Ours moves with pauses and what was extended; the city's only with what the city granted or showed.
        """
        terms = timed.terms
        paused = sum(units_between(pause.since, pause.to, terms) for pause in run.pauses if pause.to is not None)
        ours = deadline(run.start, terms, run.extended + paused)
        if run.city is not None and run.city <= ours.due:
            return run.city, False
        return ours.due, ours.provisional

    def first_due(self, timed: Timed, start: datetime, city: datetime | None) -> tuple[datetime, bool]:
        """As `due`, of a run that begins."""
        if timed.length is not None:
            due = start + timed.length
            return (due if city is None else min(due, city)), False
        ours = deadline(start, timed.terms)
        return (city, False) if city is not None and city <= ours.due else (ours.due, ours.provisional)

    def marks(self, run: ClockRun, timed: Timed | None) -> list[tuple[Mark, datetime]]:
        """Every mark of a run and its instant, in order of the instants; the deadline itself is always one."""
        if timed is None:
            return [(Mark.BREACH, run.due)]
        marks = _apply(timed.marks, run)
        percents = [mark for mark in marks if mark in PERCENT]
        shares = at_shares(run.start, run.due, timed.terms, [PERCENT[mark] for mark in percents], _stood(run))
        found = list(zip(percents, shares, strict=True))
        found += [(mark, self._by_day(mark, run)) for mark in marks if mark not in PERCENT]
        # a short or moved deadline can bring a mark before one that the list has first
        return sorted(found, key=lambda one: (one[1], ORDER[one[0]]))

    def _by_day(self, mark: Mark, run: ClockRun) -> datetime:
        if mark is Mark.BREACH:
            return run.due
        if mark is Mark.YELLOW:
            return max(run.start, lead(run.due, 1, self.calendar))
        # When the office opens: at 00:00 the first day overdue would begin with the breach itself.
        calendar = self.calendar
        return calendar.opens(calendar.offset(day_of(run.due, calendar), 1 if mark is Mark.RED else 5).day)

    def next_mark(self, run: ClockRun, timed: Timed | None) -> datetime | None:
        """When the earliest mark that has not been recorded is due; None where it stands still or none is left."""
        fired = run.fired
        if timed is not None and not fired and not run.pauses and not run.extended:
            # Most runs begin and end so.
            if timed.first_after is not None:
                return timed.first_share(run.start, run.due)
            if timed.share_before_card and run.due != run.city:
                return at_share(run.start, run.due, timed.terms, timed.first)
        if run.paused:
            return None
        left = [mark for mark in ((Mark.BREACH,) if timed is None else _apply(timed.marks, run)) if mark not in fired]
        # Of each kind only the first is computed: shares come in order and before the deadline, the rest after it.
        found = []
        share = next((mark for mark in left if mark in PERCENT), None)
        if share is not None and timed is not None:
            found.append(at_share(run.start, run.due, timed.terms, PERCENT[share], _stood(run)))
        if Mark.YELLOW in left:
            found.append(self._by_day(Mark.YELLOW, run))
        last = next((mark for mark in left if mark in GRAVE), None)
        if last is not None:
            found.append(self._by_day(last, run))
        return min(found, default=None)

    def department_due(self, run: ClockRun) -> datetime:
        """When the department must be done so that the county is in time (domain study 9.2)."""
        timed = self.of(run)
        if timed is None or run.paused:
            return run.due
        if timed.wall and run.due - run.start <= self._from:
            return run.due
        share = at_share(run.start, run.due, timed.terms, self._share, _stood(run))
        return max(run.start, min(share, run.due - self._least))

    def granted(self, timed: Timed, amount: int) -> int:
        """An extension of so many of the clock's own units, as `ClockRun.extended` counts it."""
        return amount * 60 if timed.terms.amount.unit in {Unit.HOURS, Unit.WORKING_HOURS} else amount

    def moved(self, moment: datetime, timed: Timed, small: int) -> datetime:
        """The city's own deadline, moved by what it granted."""
        return shift(moment, small, timed.terms).due

    def _timed(self, clock: ClockName, rule: ClockRule) -> Timed:
        terms = Terms(Amount.parse(rule.within), self.calendar, rule.day_end or self.deadlines.day_end)
        marks = self.deadlines.marks_of(clock, rule)
        first = min((PERCENT[mark] for mark in marks if mark in PERCENT), default=100)
        amount, unit = terms.amount
        length = timedelta(minutes=amount * _MINUTES[unit]) if unit in _MINUTES else None
        before_card = unit is Unit.WORKING_DAYS and amount >= 2 and first <= 50
        before_card = before_card and terms.day_end is DayEnd.MIDNIGHT
        card = Mark.YELLOW in marks and (length is None or length >= DAY)
        after = None if length is None or card else length * first // 100
        return Timed(rule, terms, marks, first, length, before_card, after)


def _stood(run: ClockRun) -> list[tuple[datetime, datetime]]:
    """When it stood still and went on."""
    return [(pause.since, pause.to) for pause in run.pauses if pause.to is not None]


def _apply(marks: Sequence[Mark], run: ClockRun) -> Sequence[Mark]:
    """Marks that count days mean nothing on a run of less than a day."""
    if run.due - run.start >= DAY:
        return marks
    return [mark for mark in marks if mark not in BY_DAY]
