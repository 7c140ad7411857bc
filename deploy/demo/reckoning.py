"""What became of the clocks: figures from the rows and the journal, and whether every mark was recorded just once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from deploy.operators.replaying import read_case, rows_and_facts
from schemas.case import Case
from schemas.clock import ClockName, ClockOutcome, ClockRun, Unit
from schemas.fact import Fact, FactKind
from schemas.kafka import KafkaSettings
from schemas.order import Rung
from streams.domain.deadlines import Mark
from streams.domain.fold import GapError
from streams.domain.replaying import History, differences, replay
from streams.domain.supervision import RULE, Taken
from streams.domain.tally import REARMED
from streams.domain.timetable import Timetable

LATE_S = 2.0
"""Seconds of the machine: a mark that is acted on later was kept waiting by something that was not running."""

REACHED = (ClockOutcome.MET, ClockOutcome.MET_LATE)

Known = tuple[Case, Sequence[Fact]]
"""A row, and the facts of its dispatch in order, each once."""


class Steps(BaseModel):
    """How often a rung was climbed, and how many persons were spoken to."""

    model_config = ConfigDict(frozen=True)

    times: int = 0
    persons: int = 0


class Reckoned(BaseModel):
    """All of it. `breached` counts dispatches, the others marks, steps and grants."""

    model_config = ConfigDict(frozen=True)

    marks: int = 0
    late: int = 0
    marks_lost: int = 0
    marks_twice: int = 0
    differing: int = 0
    """Rows whose clocks are not what their facts give."""
    breached: int = 0
    supervised: int = 0
    extended: int = 0
    outcomes: dict[ClockName, dict[ClockOutcome, int]] = {}
    ladder: dict[Rung, Steps] = {}
    telling: str = ""
    """The dispatch whose clocks have most to tell; empty where no clock of working days ran out."""

    @property
    def good(self) -> bool:
        """Every mark on record, none twice, and rows and journal agree."""
        return not (self.marks_lost or self.marks_twice or self.differing)


@dataclass(slots=True)
class _Sum:
    """While cases are added."""

    figures: Counter[str] = field(default_factory=Counter)
    outcomes: dict[ClockName, Counter[ClockOutcome]] = field(default_factory=lambda: defaultdict(Counter))
    times: Counter[Rung] = field(default_factory=Counter)
    persons: Counter[Rung] = field(default_factory=Counter)
    best: tuple[int, str] = (0, "")


def reckon(cases: Iterable[Known], timetable: Timetable, *, until: datetime, rate: float) -> Reckoned:
    """`until`: what was due before it must be on record. `rate`: how many times faster the clocks ran."""
    added = _Sum()
    for case, facts in cases:
        _add(added, case, facts, timetable, until, rate)
    ladder = {rung: Steps(times=added.times[rung], persons=added.persons[rung]) for rung in Rung if added.times[rung]}
    outcomes = {clock: dict(added.outcomes[clock]) for clock in ClockName if added.outcomes[clock]}
    return Reckoned(**added.figures, outcomes=outcomes, ladder=ladder, telling=added.best[1])


def lost(histories: Iterable[History], timetable: Timetable, until: datetime) -> int:
    """Marks that a run passed, and that nobody recorded."""
    return sum(
        len(_passed(history, timetable, until) - {str(fact.details["mark"]) for fact in history.marks})
        for history in histories
    )


def twice(facts: Iterable[Fact]) -> int:
    """Marks that were recorded more often than once for one and the same deadline."""
    said = Counter(
        (fact.round, fact.department, *(fact.details.get(name) for name in ("clock", "mark", "due")))
        for fact in facts
        if fact.fact is FactKind.MARKED
    )
    return sum(number - 1 for number in said.values())


def known(kafka: KafkaSettings) -> Iterator[Known]:
    """Every case of a tour. Raises UserError for a failing Kafka, and ValueError for what cannot be read."""
    return (read_case(row, facts) for _, row, facts in rows_and_facts(kafka))


def _add(added: _Sum, case: Case, facts: Sequence[Fact], timetable: Timetable, until: datetime, rate: float) -> None:
    histories = _histories(facts, timetable)
    marked = [fact for fact in facts if fact.fact is FactKind.MARKED]
    supervised = [fact for fact in facts if fact.fact is FactKind.SUPERVISED]
    extended = sum(fact.fact is FactKind.EXTENDED for fact in facts)
    breaches = [fact.details["clock"] for fact in marked if fact.details["mark"] == Mark.BREACH]
    steps = [Taken.parse(step) for step in case.steps]
    added.figures.update(
        marks=len(marked),
        late=sum(_late(fact, rate) for fact in marked),
        marks_lost=lost(histories, timetable, until),
        marks_twice=twice(facts),
        differing=bool(differences(case, facts, timetable)),
        breached=bool(breaches),
        supervised=len(steps),
        extended=extended,
    )
    for clock, outcome in _outcomes(case, until):
        added.outcomes[clock][outcome] += 1
    for step in steps:
        added.times[step.rung] += 1
        added.persons[step.rung] += step.persons
    if any(_over_by_days(history, timetable) for history in histories):
        by_people = any(fact.by != RULE for fact in supervised)
        red = any(fact.details["mark"] == Mark.RED for fact in marked)
        told = 1 + 3 * len({step.rung for step in steps}) + 3 * by_people + 4 * red - 5 * (case.round > 1)
        added.best = max(added.best, (told, case.id))


def _histories(facts: Sequence[Fact], timetable: Timetable) -> Sequence[History]:
    """None where a fact is missing; then the row differs."""
    try:
        return replay(facts, timetable).histories
    except GapError:
        return ()


def _over_by_days(history: History, timetable: Timetable) -> bool:
    """Handling, counted in working days, and over: what is best to explain."""
    run = history.run
    timed = timetable.of(run) if run.clock is ClockName.HANDLING and Mark.BREACH in run.fired else None
    return timed is not None and timed.terms.amount.unit is Unit.WORKING_DAYS


def _late(fact: Fact, rate: float) -> bool:
    ours = fact.details.get("cause") is None
    return ours and int(fact.details.get("late_s") or 0) / rate > LATE_S


def _passed(history: History, timetable: Timetable, until: datetime) -> set[str]:
    """The marks that this run must have on record; a run that was cancelled owes none."""
    run = history.run
    if history.outcome is None:
        end = until
    elif history.outcome in REACHED and history.over is not None:
        end = max(history.over.occurred_at, run.start)
    else:
        return set()
    if run.paused:
        return set()
    return {str(mark) for mark, instant in timetable.marks(run, timetable.of(run)) if instant < end}


def _outcomes(case: Case, until: datetime) -> Iterator[tuple[ClockName, ClockOutcome]]:
    for entry in case.ended:
        clock, _, _, outcome, *_ = entry.split("|")
        if outcome != REARMED:
            yield ClockName(clock), ClockOutcome(outcome)
    for run in case.clocks:
        yield run.clock, ClockOutcome.OPEN_OVERDUE if _over(run, until) else ClockOutcome.OPEN_IN_TIME


def _over(run: ClockRun, until: datetime) -> bool:
    return until > run.due or Mark.BREACH in run.fired
