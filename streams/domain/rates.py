"""The published rates: completion in its four readings, and 响应率, 解决率, 满意率. Never one without its counts.

Which readings there are, and why a bare 办结率 is never published: domain study 4.1 and 9.9. The three rates: 2.5.
A rate of a group is the sum of its parts divided once, never an average of rates.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final, TypeVar

from typing_extensions import override

from schemas.clock import ClockOutcome

T = TypeVar("T")

CANCELLED: Final = "cancelled"
"""The reason under which cancelled runs appear among those that no rate counts."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many. `value` is None where there is nothing to divide by: no rate, not 0 and not 1."""

    numerator: Fraction | int
    denominator: int

    @property
    def value(self) -> Fraction | None:
        """Between 0 and 1, exact."""
        return Fraction(self.numerator) / self.denominator if self.denominator else None

    @property
    def percent(self) -> str:
        """One decimal, half up, as bulletins print it: `98.7 %`; a dash where there is no rate."""
        if (value := self.value) is None:
            return "-"
        exact = Decimal(value.numerator * 100) / Decimal(value.denominator)
        return f"{exact.quantize(Decimal('0.1'), ROUND_HALF_UP)} %"

    @override
    def __str__(self) -> str:
        """As it is published, with what was divided: `98.7 % (760/770)`."""
        whole = Fraction(self.numerator).denominator == 1
        numerator = int(self.numerator) if whole else f"{float(self.numerator):.2f}".rstrip("0")
        return f"{self.percent} ({numerator}/{self.denominator})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many runs of one clock ended, or stand, in each way."""

    met: int = 0
    met_late: int = 0
    open_in_time: int = 0
    open_overdue: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Reason -> runs that no rate counts: excluded (剔除), by reason, and `cancelled`."""

    @property
    def received(self) -> int:
        """All of them."""
        return self.closed + self.open_in_time + self.open_overdue + sum(self.left_out.values())

    @property
    def closed(self) -> int:
        """Done, in time or late."""
        return self.met + self.met_late

    @property
    def due(self) -> int:
        """应办结: closed, or open past its time. Closed early counts, open and not due does not."""
        return self.closed + self.open_overdue


def count(outcomes: Iterable[tuple[ClockOutcome, str]]) -> Counts:
    """Of runs of one clock: how each stands, with the reason where it was excluded (empty otherwise)."""
    plain: Counter[ClockOutcome] = Counter()
    left_out: Counter[str] = Counter()
    for outcome, reason in outcomes:
        if outcome is ClockOutcome.EXCLUDED:
            left_out[reason] += 1
        elif outcome is ClockOutcome.CANCELLED:
            left_out[CANCELLED] += 1
        else:
            plain[outcome] += 1
    return Counts(
        met=plain[ClockOutcome.MET],
        met_late=plain[ClockOutcome.MET_LATE],
        open_in_time=plain[ClockOutcome.OPEN_IN_TIME],
        open_overdue=plain[ClockOutcome.OPEN_OVERDUE],
        left_out=dict(sorted(left_out.items())),
    )


@dataclass(frozen=True, slots=True)
class Completion:
    """The four completion rates of one set of runs, and what they leave out."""

    closed_of_received: Rate
    """办结率"""
    closed_of_due: Rate
    """应办结办结率"""
    on_time_of_due: Rate
    """按时办结率"""
    on_time_of_closed: Rate
    """办结及时率"""
    not_due: int
    overdue: int
    left_out: Mapping[str, int]


def completion(counts: Counts) -> Completion:
    """All four, from the same counts, so that nobody can pick the best and hide the others."""
    return Completion(
        closed_of_received=Rate(counts.closed, counts.received),
        closed_of_due=Rate(counts.closed, counts.due),
        on_time_of_due=Rate(counts.met, counts.due),
        on_time_of_closed=Rate(counts.met, counts.closed),
        not_due=counts.open_in_time,
        overdue=counts.open_overdue,
        left_out=counts.left_out,
    )


def response(counts: Counts) -> Rate:
    """响应率 of the clock that was counted: `sign` and `contact` are two readings, published under their own names.

    Of those whose limit has passed or who were answered; exclusions are in neither number.
    """
    return Rate(counts.met, counts.due)


class Early(StrEnum):
    """To which period a run belongs that was closed before it was due. Whichever it is stands beside the figure."""

    AS_CLOSED = "as_closed"
    """To that in which it was closed."""
    AS_DUE = "as_due"
    """To that in which it was due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of one clock, as the journal tells it. `outcome` and `reason` are how it ended, where it has."""

    start: datetime
    due: datetime
    ended: datetime | None = None
    outcome: ClockOutcome = ClockOutcome.OPEN_IN_TIME
    reason: str = ""
    department: str = ""
    township: str = ""


def of_period(
    runs: Iterable[Run], since: datetime, until: datetime, early: Early = Early.AS_CLOSED
) -> list[tuple[ClockOutcome, str]]:
    """What counts in [since, until): how each of these runs stood at its end. Those of other periods are left out.

    Received is what was new and what was carried over (结转). With AS_DUE a run closed in the period whose due lies
    beyond it is not yet due, and one closed before whose due lies in it counts here.
    """
    standing = []
    for run in runs:
        ended = run.ended is not None and run.ended < until
        moment = run.ended if run.ended is not None and ended else until
        if early is Early.AS_DUE and ended and run.outcome is ClockOutcome.MET:
            moment = run.due
        if run.start >= until or moment < since:
            continue
        if moment >= until:
            late = run.due < until
            standing.append((ClockOutcome.OPEN_OVERDUE if late else ClockOutcome.OPEN_IN_TIME, ""))
        else:
            standing.append((run.outcome, run.reason))
    return standing


class Solved(StrEnum):
    """What the citizen said at the call-back (回访): 已解决, 部分解决, 未解决."""

    SOLVED = "solved"
    PARTLY = "partly"
    UNSOLVED = "unsolved"


class Opinion(StrEnum):
    """满意, 基本满意, 不满意."""

    SATISFIED = "satisfied"
    MOSTLY = "mostly"
    DISSATISFIED = "dissatisfied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """One call-back. It is valid when it was answered and not excluded; each question may stay without an answer."""

    solved: Solved | None = None
    opinion: Opinion | None = None
    left_out: str = ""
    """Why it counts in no rate, where it does not: unreachable, unreasonable, misdirected, ..."""
    department: str = ""
    township: str = ""


PLEASED: Final = frozenset({Opinion.SATISFIED, Opinion.MOSTLY})


def resolution(callbacks: Iterable[Callback], partly: Fraction = Fraction(0)) -> Rate:
    """解决率: solved, of the valid call-backs that say. `partly` is what 部分解决 counts, between 0 and 1."""
    weights = {Solved.SOLVED: Fraction(1), Solved.PARTLY: partly, Solved.UNSOLVED: Fraction(0)}
    said = [weights[one.solved] for one in callbacks if not one.left_out and one.solved is not None]
    return Rate(sum(said, Fraction(0)), len(said))


def satisfaction(callbacks: Iterable[Callback]) -> Rate:
    """满意率: 满意 and 基本满意, of the valid call-backs with an opinion."""
    said = [one.opinion in PLEASED for one in callbacks if not one.left_out and one.opinion is not None]
    return Rate(sum(said), len(said))


def left_out(callbacks: Iterable[Callback]) -> dict[str, int]:
    """Reason -> call-backs that no rate counts; published beside the rates."""
    return dict(sorted(Counter(one.left_out for one in callbacks if one.left_out).items()))


def per(items: Iterable[T], group: Callable[[T], str]) -> dict[str, list[T]]:
    """The items by department, by township, or by what else `group` answers, in the order of its words."""
    groups: dict[str, list[T]] = {}
    for item in items:
        groups.setdefault(group(item), []).append(item)
    return dict(sorted(groups.items()))
