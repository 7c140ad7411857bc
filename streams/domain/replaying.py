"""Replaying: the clocks of one dispatch, computed again from its facts, with the whole history of every run.

The same fold runs as when the facts were made (`sla.take`), on the timetable of now. So what a row holds must come
out again, unless somebody has changed the rules, the calendar or the row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from schemas.case import Case
from schemas.clock import ClockName, ClockOutcome, ClockRun
from schemas.dispatch import UNKNOWN_CATEGORY, Kind, Urgency
from schemas.fact import Fact, FactKind
from streams.domain.built import changed
from streams.domain.deadlines import Basis
from streams.domain.fold import Folded, GapError, advance
from streams.domain.runs import Clocks
from streams.domain.sla import take
from streams.domain.tally import REARMED
from streams.domain.timetable import Timetable

CALENDAR: Final = "calendar"
"""Why a deadline changed, where another calendar came."""


class Changed(NamedTuple):
    """A run was moved, paused or marked by a fact."""

    fact: Fact
    before: ClockRun
    after: ClockRun


@dataclass(slots=True)
class History:
    """One run from its start to its end."""

    run: ClockRun
    """As it is now, or was when it ended."""
    begun: Fact
    """What started it."""
    changes: list[Changed] = field(default_factory=list)
    marks: list[Fact] = field(default_factory=list)
    """Marks on record, in the order in which they were recorded."""
    rearmed: list[tuple[Fact, tuple[str, ...]]] = field(default_factory=list)
    """Marks that a later deadline took back."""
    outcome: ClockOutcome | None = None
    """None while it runs."""
    reason: str = ""
    over: Fact | None = None
    """What ended it."""
    recalculated: list[Fact] = field(default_factory=list)
    """Its deadline was changed by another calendar."""


@dataclass(slots=True)
class Replayed:
    """What the facts give."""

    runs: tuple[ClockRun, ...]
    ended: tuple[str, ...]
    histories: list[History]
    recalculated: bool
    """Another calendar came while it was open: what was computed before cannot be computed again."""


class Skipped(StrEnum):
    """Why a case is not compared."""

    OLDER = "older"
    """Its facts, or its row, are from before there were clocks."""
    OTHER_CALENDAR = "other_calendar"
    """Its row was computed by another calendar than the one there is."""


class Difference(StrEnum):
    """In what a row differs from what its facts give."""

    UNREADABLE = "unreadable"
    """The row or a fact cannot be read: nothing else is compared."""
    GAP = "gap"
    """Facts are missing: nothing else is compared."""
    RUNS = "runs"
    """Other runs are open."""
    RULE = "rule"
    START = "start"
    DUE = "due"
    CITY = "city"
    ORIGINAL = "original"
    EXTENDED = "extended"
    PAUSES = "pauses"
    FIRED = "fired"
    NEXT = "next"
    PROVISIONAL = "provisional"
    LATE_CAUSE = "late_cause"
    ENDED = "ended"
    """Runs ended otherwise."""


_FIELDS: Final = {
    Difference.RULE: ("rule",),
    Difference.START: ("start",),
    Difference.DUE: ("due",),
    Difference.CITY: ("city",),
    Difference.EXTENDED: ("extended", "grants"),
    Difference.PAUSES: ("pauses",),
    Difference.PROVISIONAL: ("provisional",),
    Difference.ORIGINAL: ("original",),
    Difference.FIRED: ("fired",),
    Difference.NEXT: ("next",),
    Difference.LATE_CAUSE: ("late_cause",),
}
_BY_AN_EARLIER_CALENDAR: Final = frozenset(
    {Difference.ORIGINAL, Difference.FIRED, Difference.NEXT, Difference.LATE_CAUSE, Difference.ENDED}
)
"""What depends on deadlines that held before the calendar was changed."""


def replay(facts: Iterable[Fact], timetable: Timetable) -> Replayed:
    """The clocks after these facts, which are all of one dispatch, from the first. Raises GapError."""
    telling = _Telling(timetable)
    for fact in facts:
        telling.take(fact)
    clocks = telling.clocks
    return Replayed(tuple(clocks.runs.values()), tuple(clocks.ended), telling.histories, telling.recalculated)


def skipped(case: Case, facts: Sequence[Fact], timetable: Timetable) -> Skipped | None:
    """Why the case cannot be compared; None where it can."""
    received = next((fact for fact in facts if fact.fact is FactKind.RECEIVED), None)
    if received is not None and "issued_at" not in received.details:
        return Skipped.OLDER
    if not case.calendar:
        return None if received is None else Skipped.OLDER
    return None if case.calendar == timetable.calendar.version else Skipped.OTHER_CALENDAR


def differences(case: Case, facts: Sequence[Fact], timetable: Timetable) -> list[Difference]:
    """In what the row differs from what its facts give. Facts that are newer than the row are left out."""
    known = [fact for fact in facts if fact.seq <= case.seq]
    if len(known) != case.seq:
        return [Difference.GAP]
    try:
        return compare(case, replay(known, timetable))
    except GapError:
        return [Difference.GAP]


def compare(case: Case, replayed: Replayed) -> list[Difference]:
    """In what the row differs, each once, in the order of the list."""
    stored = {(run.clock, run.holder, run.round): run for run in case.clocks}
    computed = {(run.clock, run.holder, run.round): run for run in replayed.runs}
    found = {Difference.RUNS} if stored.keys() != computed.keys() else set()
    for key in stored.keys() & computed.keys():
        one, other = stored[key], computed[key]
        found |= {
            name for name, fields in _FIELDS.items() if any(getattr(one, at) != getattr(other, at) for at in fields)
        }
    if case.ended != replayed.ended:
        found.add(Difference.ENDED)
    if replayed.recalculated:
        found -= _BY_AN_EARLIER_CALENDAR
    return [name for name in Difference if name in found]


class _Telling:
    """The fold, and beside it what each fact did to each run."""

    def __init__(self, timetable: Timetable) -> None:
        self.clocks = Clocks(timetable, (), (), Basis(Urgency.NORMAL, Kind.OTHER, UNKNOWN_CATEGORY, None))
        self.histories: list[History] = []
        self.recalculated = False
        self._open: dict[tuple[ClockName, str | None], History] = {}
        self._folded = Folded()
        self._cause = ""

    def take(self, fact: Fact) -> None:
        """One more fact, the next one."""
        if fact.seq != self._folded.seq + 1:
            raise GapError(f"fact {fact.seq} after {self._folded.seq}")
        clocks = self.clocks
        if fact.cause != self._cause:
            # each message is decided on the row as it was before it: who led then says which level rules are for
            level = clocks.timetable.levels.get(self._folded.lead or "")
            clocks.basis = clocks.basis._replace(level=level)
            self._cause = fact.cause
        advance(self._folded, fact)
        before, ended = dict(clocks.runs), len(clocks.ended)
        take(clocks, fact)
        clocks.next_due()  # runs know their next mark only when somebody has asked for it
        clocks.missed.clear()
        clocks.changes.clear()
        for entry in clocks.ended[ended:]:
            self._noted(entry, fact)
        self._compared(before, fact)
        if fact.fact is FactKind.MARKED:
            self._marked(fact)
        elif fact.fact is FactKind.DEADLINE_CHANGED and fact.details.get("why") == CALENDAR:
            self._recalculated(fact)

    def _noted(self, entry: str, fact: Fact) -> None:
        """An entry of `ended` that the fact made."""
        clock, _, holder, outcome, reason, marks, *_ = [*entry.split("|"), "", "", ""]
        key = ClockName(clock), holder or None
        names = tuple(marks.split("+")) if marks else ()
        history = self._open.get(key)
        if history is None:
            return
        if outcome == REARMED:
            history.rearmed.append((fact, names))
            return
        del self._open[key]
        history.outcome, history.reason, history.over = ClockOutcome(outcome), reason, fact
        history.run = changed(history.run, {"fired": names})

    def _compared(self, before: dict[tuple[ClockName, str | None], ClockRun], fact: Fact) -> None:
        for key, run in self.clocks.runs.items():
            history = self._open.get(key)
            if history is None:
                history = self._open[key] = History(run, fact)
                self.histories.append(history)
            elif run is not before.get(key):
                history.changes.append(Changed(fact, history.run, run))
                history.run = run

    def _of(self, fact: Fact) -> History | None:
        """The run that a fact of the clocks speaks of: the newest of its name, and of those the one with its
        deadline, because marks of a run are recorded after it has ended too."""
        named = [
            one
            for one in self.histories
            if one.run.clock == fact.details.get("clock") and one.run.holder == fact.department
        ]
        due = fact.details.get("due")
        same = [one for one in named if isinstance(due, str) and one.run.due == datetime.fromisoformat(due)]
        return next(reversed(same or named), None)

    def _marked(self, fact: Fact) -> None:
        if (history := self._of(fact)) is not None:
            history.marks.append(fact)

    def _recalculated(self, fact: Fact) -> None:
        """The timetable of now has the new calendar from the start, so nothing moves: what it was before is told."""
        self.recalculated = True
        history = self._of(fact)
        said = fact.details.get("from")
        if history is None or not isinstance(said, str):
            return
        history.recalculated.append(fact)
        run = changed(history.run, {"original": history.run.original or datetime.fromisoformat(said)})
        history.run = run
        key = run.clock, run.holder
        if key in self.clocks.runs:
            self.clocks.runs[key] = run
