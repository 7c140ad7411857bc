"""What one case adds to the metrics, in a few dozen bytes: no id, no instant, nothing of a person.

Equal cases have equal summaries, so a million rows are counted as summaries, and only distinct ones are ever read.

Two kinds of numbers. How it stands (state, lead, open clocks) may change in any direction. What happened (runs ended,
breaches, warnings, steps, returns, redos) only grows over the life of a case, because it is made only from what a row
never loses; so it names a department only where the row holds that name for good.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

from schemas.case import FINAL, Case, State
from schemas.clock import ClockName, ClockOutcome, ClockRun
from schemas.dispatch import Channel
from schemas.order import Rung

T = TypeVar("T")

VERSION: Final = "1"
"""First field of a summary. Summaries are stored with the rows: a change of their shape is another version."""

CACHED: Final = 8192
"""Ends and steps of cases are few and alike; writing them again and again was most of the cost."""


class Band(StrEnum):
    """How much of an open run's time is used, by the marks that have been recorded."""

    LT50 = "lt50"
    LT75 = "lt75"
    LT90 = "lt90"
    LT100 = "lt100"
    BREACHED = "breached"


REARMED: Final = "rearmed"
"""In place of an outcome: the deadline of a run that goes on was moved, and these marks of it may be passed again."""

BREACH: Final = "breach"
THRESHOLDS: Final = {"p50": "50", "p75": "75", "p90": "90"}
"""Mark -> percent, of the marks that warn."""

_BANDS: Final = (
    (BREACH, Band.BREACHED),
    ("p90", Band.LT100),
    ("yellow", Band.LT100),
    ("p75", Band.LT90),
    ("p50", Band.LT75),
)
OF_THE_LEAD: Final = frozenset({ClockName.CONTACT, ClockName.HANDLING})
"""Clocks of the whole dispatch that its lead has to keep; those of the county's own work are nobody's in particular."""

_CLOCKS: Final = {
    ClockName.SIGN: "s",
    ClockName.ROUTE: "r",
    ClockName.DEPARTMENT_SIGN: "d",
    ClockName.CONTACT: "c",
    ClockName.HANDLING: "h",
    ClockName.REVIEW: "v",
    ClockName.CALLBACK: "b",
}
_OUTCOMES: Final = {
    ClockOutcome.MET: "m",
    ClockOutcome.MET_LATE: "l",
    ClockOutcome.CANCELLED: "c",
    ClockOutcome.EXCLUDED: "x",
}
_BAND_LETTERS: Final = dict(zip(Band, "01234", strict=True))
_RUNGS: Final = dict(zip(Rung, "1234", strict=True))
_CLOCK_OF: Final = {letter: clock for clock, letter in _CLOCKS.items()}
_OUTCOME_OF: Final = {letter: outcome for outcome, letter in _OUTCOMES.items()}
_BAND_OF: Final = {letter: band for band, letter in _BAND_LETTERS.items()}
_RUNG_OF: Final = {letter: rung for rung, letter in _RUNGS.items()}


class OpenClock(NamedTuple):
    """One open run. `department` is its holder, or the lead where the lead has to keep it, or empty."""

    clock: ClockName
    department: str
    band: Band
    paused: bool


class EndedClocks(NamedTuple):
    """Runs that ended alike. `department` as the row says; empty where it says none."""

    clock: ClockName
    department: str
    outcome: ClockOutcome
    times: int


class Breaches(NamedTuple):
    """Runs that passed their deadline, ended or not."""

    clock: ClockName
    department: str
    """The holder of `department_sign`; empty for other clocks, whose lead may have changed since."""
    times: int


class Warnings(NamedTuple):
    """Marks of `threshold` percent that were passed."""

    clock: ClockName
    threshold: str
    times: int


class Steps(NamedTuple):
    """Steps of supervision of one rung, at one department."""

    rung: Rung
    department: str
    times: int
    persons: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A summary, read."""

    state: State
    lead: str
    """Empty where nobody leads."""
    category: str
    """Its top level."""
    channel: Channel
    received: bool
    """Something readable came."""
    returns: int
    """By a lead, transfers included."""
    reopens: int
    rung: Rung | None
    """The highest that an open case has come to."""
    open: tuple[OpenClock, ...]
    ended: tuple[EndedClocks, ...]
    breaches: tuple[Breaches, ...]
    warnings: tuple[Warnings, ...]
    steps: tuple[Steps, ...]


def band(run: ClockRun) -> Band:
    """By the highest mark that has been recorded: the same for every process, whatever its clock says."""
    return _band(run.fired)


def summarise(case: Case) -> bytes:
    """The summary of `case`: the same bytes for equal cases, always.

    Entries of `case.ended` are `clock|round|holder|outcome|reason|marks`: marks, joined by `+`, are those that the run
    had recorded; the last two may be absent, and a run that is `met_late` was breached whether they say so or not.
    Raises ValueError for an entry of `ended` or `steps` that is none.
    """
    lead = case.lead or ""
    opened = []
    marked = []
    for run in case.clocks:
        holder = run.holder or ""
        who = holder or (lead if run.clock in OF_THE_LEAD else "")
        opened.append(f"{_CLOCKS[run.clock]}:{who}:{_BAND_LETTERS[_band(run.fired)]}{'p' * run.paused}")
        if run.fired:
            marked.append((run.clock, holder, run.fired))
    if len(opened) > 1:
        opened.sort()
    ended, breaches, warnings = _ended(case.ended, tuple(marked))
    steps, rung = _steps(case.steps)
    if case.state in FINAL:
        rung = ""
    return (
        f"{VERSION}|{case.state}|{lead}|{case.category.partition('.')[0]}|{case.channel}|{int(case.version > 0)}"
        f"|{case.bounces}|{case.round - 1}|{rung}|{','.join(opened)}|{ended}|{breaches}|{warnings}|{steps}"
    ).encode()


def read(summary: bytes) -> Tally:
    """What was summarised. Raises ValueError for bytes that are no summary of this version."""
    try:
        version, state, lead, category, channel, received, returns, reopens, rung, *lists = summary.decode().split("|")
        if version != VERSION:
            raise ValueError(f"version {version[:8]}")
        opened, ended, breaches, warnings, steps = (list(_items(text)) for text in lists)
        return Tally(
            state=State(state),
            lead=lead,
            category=category,
            channel=Channel(channel),
            received=received == "1",
            returns=int(returns),
            reopens=int(reopens),
            rung=_RUNG_OF[rung] if rung else None,
            open=tuple(OpenClock(_CLOCK_OF[c], who, _BAND_OF[how[0]], how[1:] == "p") for c, who, how in opened),
            ended=tuple(EndedClocks(_CLOCK_OF[c], who, _OUTCOME_OF[how], int(n)) for c, who, how, n in ended),
            breaches=tuple(Breaches(_CLOCK_OF[c], who, int(n)) for c, who, n in breaches),
            warnings=tuple(Warnings(_CLOCK_OF[c], threshold, int(n)) for c, threshold, n in warnings),
            steps=tuple(Steps(_RUNG_OF[r], who, int(times), int(persons)) for r, who, times, persons in steps),
        )
    except (KeyError, IndexError) as problem:
        raise ValueError(f"no summary: {problem!r}") from problem


@lru_cache(CACHED)
def _band(fired: tuple[str, ...]) -> Band:
    return next((band for mark, band in _BANDS if mark in fired), Band.LT50)


@lru_cache(CACHED)
def _ended(
    entries: tuple[str, ...], marked: tuple[tuple[ClockName, str, tuple[str, ...]], ...]
) -> tuple[str, str, str]:
    """Ended runs, breaches and warnings as text; `marked` are the open runs that passed marks."""
    ended: Counter[tuple[str, str, str]] = Counter()
    breaches: Counter[tuple[str, str]] = Counter()
    warnings: Counter[tuple[str, str]] = Counter()
    passed: list[tuple[ClockName, str, Iterable[str], bool]] = [
        (clock, holder, fired, BREACH in fired) for clock, holder, fired in marked
    ]
    for entry in entries:
        name, _, holder, outcome, *more = entry.split("|")
        clock = ClockName(name)
        marks: list[str] = more[1].split("+") if len(more) > 1 else []
        if outcome != REARMED:
            ended[_CLOCKS[clock], holder, _outcome_letter(outcome)] += 1
        passed.append((clock, holder, marks, BREACH in marks or outcome == ClockOutcome.MET_LATE))
    for clock, holder, recorded, breached in passed:
        letter = _CLOCKS[clock]
        if breached:
            breaches[letter, holder if clock is ClockName.DEPARTMENT_SIGN else ""] += 1
        for mark in recorded:
            if mark in THRESHOLDS:
                warnings[letter, THRESHOLDS[mark]] += 1
    return _text(ended), _text(breaches), _text(warnings)


@lru_cache(CACHED)
def _steps(entries: tuple[str, ...]) -> tuple[str, str]:
    """Steps as text, and the letter of the highest rung."""
    times: Counter[tuple[str, str]] = Counter()
    persons: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        rung, department, number, *_ = entry.split("|")
        key = _RUNGS[Rung(rung)], department
        times[key] += 1
        persons[key] += int(number or 0)
    text = ",".join(f"{rung}:{who}:{times[rung, who]}:{persons[rung, who]}" for rung, who in sorted(times))
    return text, max((rung for rung, _ in times), default="")


def _outcome_letter(word: str) -> str:
    outcome = ClockOutcome(word)
    if outcome not in _OUTCOMES:
        raise ValueError(f"a run that ended is not {word}")
    return _OUTCOMES[outcome]


def _text(counted: Counter[T]) -> str:
    def one(key: T) -> str:
        return ":".join(map(str, key)) if isinstance(key, tuple) else str(key)

    return ",".join(sorted(f"{one(key)}:{count}" for key, count in counted.items()))


def _items(text: str) -> Iterable[list[str]]:
    return (item.split(":") for item in text.split(",") if item)
