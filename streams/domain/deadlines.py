"""The county's deadlines: which clock runs how long, who is reminded at which mark, and the ladder of supervision.

Files are read elsewhere; this says what they may hold, and `faults` says all that is wrong with it at once. The
default of a county is domain study 2.3 and 9.1 to 9.8.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Final, NamedTuple

from pydantic import ConfigDict, Field, StringConstraints

from schemas.base import Line
from schemas.clock import ClockName
from schemas.dispatch import Kind, Urgency
from schemas.notice import Audience
from schemas.order import Rung
from streams.domain.policy import CategoryPattern, DepartmentKind, PolicyModel
from streams.domain.spans import DayEnd


class Mark(StrEnum):
    """Thresholds of a clock, in the order in which they pass (domain study 9.7)."""

    P50 = "p50"
    P75 = "p75"
    P90 = "p90"
    YELLOW = "yellow"
    """黄牌: one working day is left."""
    BREACH = "breach"
    """The deadline itself."""
    RED = "red"
    """红牌: the office opens on the first working day overdue."""
    OVERDUE5 = "overdue5"
    """The office opens on the fifth working day overdue."""


PERCENT: Final = {Mark.P50: 50, Mark.P75: 75, Mark.P90: 90}
BY_DAY: Final = frozenset({Mark.YELLOW, Mark.RED, Mark.OVERDUE5})
"""Counted in working days: meaningless on a clock of less than a day, and dropped there."""
GRAVE: Final = frozenset({Mark.BREACH, Mark.RED, Mark.OVERDUE5})
"""These pass the quiet hours."""
ORDER: Final = {mark: number for number, mark in enumerate(Mark)}

Within = Annotated[
    str, StringConstraints(pattern=r"^[1-9]\d{0,3} (minutes|hours|natural_days|working_days|working_hours)$")
]
"""`20 minutes`, `5 working_days`: an amount and its unit."""

Clock24 = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Basis(NamedTuple):
    """What a rule is chosen by."""

    urgency: Urgency
    kind: Kind
    category: str
    level: DepartmentKind | None
    """Of the department that leads, or whose clock it is; None where nobody leads yet."""


class When(PolicyModel):
    """Conditions, all of which must hold; in each, one of the listed values must. An empty list asks nothing."""

    urgency: tuple[Urgency, ...] = ()
    kind: tuple[Kind, ...] = ()
    category: tuple[CategoryPattern, ...] = ()
    level: tuple[DepartmentKind, ...] = ()
    """Of the department that leads, or whose clock it is."""


class ClockRule(PolicyModel):
    """How long one clock runs in the cases it is for."""

    name: Line
    when: When = When()
    within: Within
    day_end: DayEnd | None = None
    """None: as the whole policy says."""
    order: int = Field(default=1, ge=1, le=99)
    """Where two rules could both apply, the lower number does. Two of one number must not."""
    marks: tuple[Mark, ...] | None = None
    """None: as the clock's marks say."""
    pausable: bool = False
    """Whether a person may let it wait for the citizen. On the ledger (挂账) handling always waits."""


class Margin(PolicyModel):
    """How much earlier than the county a department is due (domain study 9.2)."""

    percent: int = Field(default=10, ge=0, le=90)
    least_minutes: int = Field(default=30, ge=0)
    off_up_to_hours: int = Field(default=2, ge=0)
    """Clocks of minutes or hours no longer than this have no margin."""


class Quiet(PolicyModel):
    """Hours in which only the grave and the critical is said. Local time; may go over midnight."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    since: Clock24 = Field(default="22:00", alias="from")
    to: Clock24 = "07:30"


class Extension(PolicyModel):
    """申请延期 (domain study 9.4)."""

    cap: int = Field(default=10, ge=0)
    """At most this many of the clock's own days, or hours where it counts hours."""
    times: int = Field(default=1, ge=0)


class Telling(PolicyModel):
    """Who hears of a mark, and by what."""

    to: tuple[Audience, ...] = (Audience.DEPARTMENT,)
    channels: tuple[Line, ...] = ()


class Step(PolicyModel):
    """A rule of the ladder: it opens `rung` when one of `marks` of one of `clocks` is passed."""

    rung: Rung
    clocks: tuple[ClockName, ...] = ()
    marks: tuple[Mark, ...] = ()
    urgency: tuple[Urgency, ...] = ()
    after_written: int | None = Field(default=None, ge=1)
    """When so many written steps have been taken."""
    dissatisfied_rounds: int | None = Field(default=None, ge=1)
    """When the city ordered it again so many times."""


class Deadlines(PolicyModel):
    """`deadlines.yaml`."""

    calendar: Line = "cn"
    day_end: DayEnd = DayEnd.MIDNIGHT
    clocks: Mapping[ClockName, tuple[ClockRule, ...]]
    marks: Mapping[ClockName, tuple[Mark, ...]] = {}
    margin: Margin = Margin()
    extension: Extension = Extension()
    quiet: Quiet | None = Quiet()
    notices: Mapping[Mark, Telling] = {}
    supervision: tuple[Step, ...] = ()

    def marks_of(self, clock: ClockName, rule: ClockRule) -> tuple[Mark, ...]:
        """In the order in which they pass; the deadline itself is always one."""
        listed = rule.marks if rule.marks is not None else self.marks.get(clock, ())
        return tuple(sorted({*listed, Mark.BREACH}, key=ORDER.__getitem__))


class FaultKind(StrEnum):
    """What can be wrong with deadlines whose parts are well formed."""

    DUPLICATE_RULE = "duplicate_rule"
    OVERLAPPING_RULES = "overlapping_rules"
    IDLE_STEP = "idle_step"


class DeadlineFault(PolicyModel):
    """One thing that is wrong. `where` is a path: `clocks.handling.2`, `supervision.0`."""

    kind: FaultKind
    where: str
    found: str


def faults(deadlines: Deadlines) -> list[DeadlineFault]:
    """All that is wrong, in the order of the file."""
    return [*_rule_faults(deadlines), *_step_faults(deadlines)]


def _rule_faults(deadlines: Deadlines) -> Iterator[DeadlineFault]:
    for clock, rules in deadlines.clocks.items():
        seen: set[str] = set()
        for number, rule in enumerate(rules):
            where = f"clocks.{clock}.{number}"
            if rule.name in seen:
                yield DeadlineFault(kind=FaultKind.DUPLICATE_RULE, where=where, found=rule.name)
            seen.add(rule.name)
            for before in rules[:number]:
                if before.order == rule.order and overlap(before.when, rule.when):
                    yield DeadlineFault(kind=FaultKind.OVERLAPPING_RULES, where=where, found=before.name)


def _step_faults(deadlines: Deadlines) -> Iterator[DeadlineFault]:
    for number, step in enumerate(deadlines.supervision):
        if not step.marks and step.after_written is None and step.dissatisfied_rounds is None:
            yield DeadlineFault(kind=FaultKind.IDLE_STEP, where=f"supervision.{number}", found=step.rung)


def overlap(one: When, other: When) -> bool:
    """Whether some dispatch meets both."""
    sets = ((one.urgency, other.urgency), (one.kind, other.kind), (one.level, other.level))
    if any(a and b and not set(a) & set(b) for a, b in sets):
        return False
    if not one.category or not other.category:
        return True
    return any(_under(a, b) or _under(b, a) for a in one.category for b in other.category)


def meets(when: When, basis: Basis) -> bool:
    """Whether this is a case that the conditions are for."""
    return (
        (not when.urgency or basis.urgency in when.urgency)
        and (not when.kind or basis.kind in when.kind)
        and (not when.level or basis.level in when.level)
        and (not when.category or any(_under(basis.category, pattern) for pattern in when.category))
    )


def _under(category: str, pattern: str) -> bool:
    return category == pattern or category.startswith(f"{pattern}.")


def chosen(deadlines: Deadlines, clock: ClockName, basis: Basis) -> ClockRule | None:
    """The rule of this clock for such a dispatch; None where the county has none."""
    fitting = [rule for rule in deadlines.clocks.get(clock, ()) if meets(rule.when, basis)]
    return min(fitting, key=lambda rule: rule.order, default=None)


def uncovered(deadlines: Deadlines, clock: ClockName) -> tuple[Basis, ...]:
    """Combinations of urgency and kind that no rule of this clock is for, whatever the category."""
    found = (Basis(urgency, kind, "", None) for urgency in Urgency for kind in Kind)
    return tuple(basis for basis in found if chosen(deadlines, clock, basis) is None)
