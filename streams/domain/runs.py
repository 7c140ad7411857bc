"""The open runs of one case and what can be done to them: started, stopped, paused, moved; and what they have passed.

What makes them do so is `sla`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple

from schemas.case import Case
from schemas.clock import ClockName, ClockOutcome, ClockRun, LateCause, Pause
from schemas.fact import Fact
from streams.domain.built import built, changed
from streams.domain.deadlines import Basis, Mark
from streams.domain.tally import REARMED
from streams.domain.timetable import Timed, Timetable

DIFFERS_BY_CASE: Final = (ClockName.CONTACT, ClockName.HANDLING)
"""Clocks that are set anew, from the same start, when urgency, kind or category change."""


class Passed(NamedTuple):
    """A mark that a run has passed and that nobody has recorded yet."""

    run: ClockRun
    mark: Mark
    instant: datetime


class Change(NamedTuple):
    """A deadline that was moved as a consequence of something else."""

    run: ClockRun
    before: datetime
    why: str


class Clocks:
    """The clocks of one case, while facts are taken. Lives inside one decision, or one replay."""

    def __init__(self, timetable: Timetable, runs: Iterable[ClockRun], ended: Iterable[str], basis: Basis) -> None:
        self.timetable, self.basis = timetable, basis
        self.runs = {(run.clock, run.holder): run for run in runs}
        self.ended = list(ended)
        self._unplanned: set[tuple[ClockName, str | None]] = set()
        """Runs whose next mark is not computed yet: many begin and end within one decision."""
        self.missed: list[Passed] = []
        """Marks of runs that ended before they were recorded."""
        self.changes: list[Change] = []

    @classmethod
    def of(cls, case: Case, timetable: Timetable) -> "Clocks":
        """Those of a row."""
        level = timetable.levels.get(case.lead or "")
        return cls(timetable, case.clocks, case.ended, Basis(case.urgency, case.kind, case.category, level))

    def run(self, clock: ClockName, holder: str | None = None) -> ClockRun | None:
        """The open run, or None."""
        return self.runs.get((clock, holder))

    def passed(self, now: datetime) -> list[Passed]:
        """What has been passed at `now` and is not recorded, run by run, in the order in which it was passed."""
        self.plan()
        there = [run for run in self.runs.values() if run.next is not None and run.next <= now]
        return [passed for run in there for passed in self._ahead(run) if passed.instant <= now]

    def _ahead(self, run: ClockRun) -> list[Passed]:
        """Marks of a run that have not been recorded; none while it stands still."""
        if run.paused:
            return []
        marks = self.timetable.marks(run, self.timetable.of(run))
        return [Passed(run, mark, instant) for mark, instant in marks if mark not in run.fired]

    def next_due(self) -> datetime | None:
        """The earliest mark of any run that has not been recorded."""
        self.plan()
        return min([run.next for run in self.runs.values() if run.next is not None], default=None)

    def plan(self) -> None:
        """Compute the next mark of every run that has changed."""
        for key in self._unplanned:
            if (run := self.runs.get(key)) is not None:
                coming = self.timetable.next_mark(run, self.timetable.of(run))
                if coming != run.next:
                    self.runs[key] = changed(run, {"next": coming})
        self._unplanned.clear()

    def recompute(self, why: str, now: datetime) -> None:
        """Set every deadline anew from its start, pauses and extensions: another calendar has come."""
        for run in list(self.runs.values()):
            timed = self.timetable.of(run)
            if timed is not None:
                self._move(run, timed, {}, why, now)

    # starting and ending

    def start(
        self, clock: ClockName, start: datetime, fact: Fact, *, holder: str | None = None, city: datetime | None = None
    ) -> None:
        """Begin a run, in place of one that still runs; none where the county has no rule for it."""
        basis, key = self.basis, (clock, holder)
        if holder is not None and self.timetable.by_level:
            basis = basis._replace(level=self.timetable.levels.get(holder))
        timed = self.timetable.rule(clock, basis)
        if key in self.runs:
            self.end(clock, ClockOutcome.CANCELLED, holder=holder)
        if timed is None:
            return
        due, provisional = self.timetable.first_due(timed, start, city)
        run = built(
            ClockRun,
            {
                "clock": clock, "round": fact.round, "holder": holder, "rule": timed.rule.name, "start": start,
                "due": due, "city": city, "provisional": provisional,
                "next": None if timed.first_after is None else timed.first_share(start, due),
            },
        )  # fmt: skip
        self.runs[key] = run
        if timed.first_after is None:
            self._unplanned.add(key)

    def arrived(self, clock: ClockName, at: datetime, shown_at: datetime) -> None:
        """Say whose fault it was where a run was over before it began here: the city showed it late, or we read it
        late."""
        run = self.run(clock)
        if run is not None and at > run.due:
            cause = LateCause.CITY if shown_at > run.due else LateCause.BRIDGE
            self._put(changed(run, {"late_cause": cause}))

    def stop(self, clock: ClockName, at: datetime, *, holder: str | None = None) -> None:
        """The run has reached its end. Once a breach is on record nothing that is said later was in time."""
        run = self.runs.pop((clock, holder), None)
        if run is None:
            return
        at = max(at, run.start)
        late = at > run.due or Mark.BREACH in run.fired
        coming = run.next
        if (clock, holder) in self._unplanned:
            coming = self.timetable.next_mark(run, self.timetable.of(run))
        if coming is not None and coming < at:
            missed = [one for one in self._ahead(run) if one.instant < at]
            self.missed += missed
            run = changed(run, {"fired": (*run.fired, *(one.mark for one in missed))})
        self._close(run, ClockOutcome.MET_LATE if late else ClockOutcome.MET)

    def end(self, clock: ClockName, outcome: ClockOutcome, reason: str = "", *, holder: str | None = None) -> None:
        """The run is over without having reached its end."""
        run = self.runs.pop((clock, holder), None)
        if run is not None:
            self._close(run, outcome, reason)

    def end_all(self, outcome: ClockOutcome, reason: str = "") -> None:
        """Nothing runs any more."""
        for clock, holder in list(self.runs):
            self.end(clock, outcome, reason, holder=holder)

    def _close(self, run: ClockRun, outcome: ClockOutcome, reason: str = "") -> None:
        self._note(run, outcome, reason, run.fired)

    def _note(self, run: ClockRun, outcome: str, reason: str, marks: Iterable[str]) -> None:
        parts = [run.clock, str(run.round), run.holder or "", outcome, reason, "+".join(marks)]
        self.ended.append("|".join(parts).rstrip("|"))

    # moving

    def rebase(self, basis: Basis, city: datetime | None, *, why: str, now: datetime) -> None:
        """Urgency, kind, category or lead have changed, or the city's deadline: start and pauses are kept."""
        self.basis = basis
        for clock in DIFFERS_BY_CASE:
            run = self.run(clock)
            timed = self.timetable.rule(clock, basis)
            if run is None or timed is None:
                continue
            shown = city if clock is ClockName.HANDLING else run.city
            if timed.rule.name != run.rule or shown != run.city:
                before = self.timetable.of(run)
                same = before is not None and before.terms.amount.unit is timed.terms.amount.unit
                fields = {"rule": timed.rule.name, "city": shown, "extended": run.extended if same else 0}
                self._move(run, timed, fields, why, now)

    def fire(self, clock: ClockName, mark: str, *, holder: str | None = None) -> None:
        """The mark is on record."""
        run = self.run(clock, holder)
        if run is not None and mark not in run.fired:
            self._put(changed(run, {"fired": (*run.fired, mark)}))

    def extend(self, clock: ClockName, amount: int, now: datetime) -> None:
        """So many more of the clock's own units."""
        run = self.run(clock)
        timed = None if run is None else self.timetable.of(run)
        if run is None or timed is None:
            return
        small = self.timetable.granted(timed, amount)
        city = None if run.city is None else self.timetable.moved(run.city, timed, small)
        self._move(run, timed, {"extended": run.extended + small, "grants": run.grants + 1, "city": city}, "", now)

    def pause(self, clock: ClockName, at: datetime) -> None:
        """Stand still."""
        run = self.run(clock)
        if run is not None and not run.paused:
            since = built(Pause, {"since": max(at, run.start)})
            self._put(changed(run, {"pauses": (*run.pauses, since)}))

    def resume(self, clock: ClockName, at: datetime) -> None:
        """Go on; the deadline moves by what the pause was in the clock's own unit."""
        run = self.run(clock)
        if run is None or not run.paused:
            return
        last = run.pauses[-1]
        pauses = (*run.pauses[:-1], changed(last, {"to": max(at, last.since)}))
        timed = self.timetable.of(run)
        if timed is None:
            self._put(changed(run, {"pauses": pauses}))
        else:
            self._move(run, timed, {"pauses": pauses}, "resumed", at)

    def _move(self, run: ClockRun, timed: Timed, fields: dict[str, Any], why: str, now: datetime) -> None:
        """A later deadline re-arms the marks that now lie ahead (domain study 9.4); an earlier one re-arms none."""
        moved = changed(run, fields)
        if moved.paused:
            self._put(moved)
            return
        due, provisional = self.timetable.due(timed, moved)
        moved = changed(moved, {"due": due, "provisional": provisional})
        if due != run.due:
            moved = changed(moved, {"original": run.original or run.due})
            if why:
                self.changes.append(Change(moved, run.due, why))
        if due > run.due and moved.fired:
            ahead = {mark for mark, instant in self.timetable.marks(moved, timed) if instant > now}
            if again := [mark for mark in moved.fired if mark in ahead]:
                self._note(moved, REARMED, "", again)
                moved = changed(moved, {"fired": tuple(mark for mark in moved.fired if mark not in ahead)})
        self._put(moved)

    def _put(self, run: ClockRun) -> None:
        key = run.clock, run.holder
        self.runs[key] = run
        self._unplanned.add(key)
