"""What is to be said of the clocks of one dispatch: plain values, no words. Instants are UTC."""

from dataclasses import dataclass
from datetime import date, datetime

from schemas.clock import ClockName, ClockOutcome, LateCause, Unit
from schemas.fact import Fact, FactKind
from schemas.notice import Audience
from schemas.order import Rung
from streams.domain.deadlines import Margin
from streams.domain.replaying import Difference
from streams.domain.spans import Amount, DayEnd

PAUSED = "paused"
"""Why a day does not count that otherwise would: the clock stood still."""


@dataclass(frozen=True, slots=True)
class Days:
    """Days in a row that are alike."""

    first: date
    last: date
    counts: bool
    why: str
    """A word of `streams.domain.calendar.Why`, or `paused`."""
    name: str
    """Of the holiday."""
    number: int
    """How many they are."""


@dataclass(frozen=True, slots=True)
class RuleSaid:
    """The rule that a run was started by, and where it stands."""

    name: str
    file: str
    line: int
    """0 where the county has the rule no more."""
    amount: Amount | None
    day_end: DayEnd | None


@dataclass(frozen=True, slots=True)
class Stood:
    """A pause; `amount` is what it adds to the deadline, in the small unit (days, or minutes)."""

    since: datetime
    to: datetime | None
    amount: int
    by: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The deadline was moved."""

    at: datetime
    why: FactKind
    by: str
    before: datetime
    after: datetime
    granted: int
    """By an extension: so many of the clock's own units; else 0."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Somebody who was told."""

    audience: Audience
    department: str
    at: datetime
    channels: tuple[str, ...]
    late: bool
    """With a digest, when the quiet hours were over."""


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step of supervision: opened by a rule, or taken by a person."""

    number: int
    rung: Rung
    department: str
    at: datetime
    by: str
    letter: str
    whom: str
    persons: int
    answer: str
    open: bool
    clock: str
    mark: str


@dataclass(frozen=True, slots=True)
class MarkSaid:
    """A mark of a run, and what it did; without `recorded_at` it lies ahead."""

    mark: str
    instant: datetime
    recorded_at: datetime | None = None
    late_s: int = 0
    late: bool = False
    cause: str = ""
    sent: bool = False
    told: tuple[Heard, ...] = ()
    held_until: datetime | None = None
    """To be told when the quiet hours are over; where the clock stands still, not before it goes on."""
    stands: bool = False
    instead: str = ""
    """A higher mark that was told in its place, because both were passed at once."""
    at_the_end: bool = False
    """Recorded when the run ended: nobody had to be told any more."""
    rearmed: bool = False
    """Taken back when the deadline was moved."""
    steps: tuple[StepTaken, ...] = ()


@dataclass(frozen=True, slots=True)
class ClockSaid:
    """One run."""

    clock: ClockName
    round: int
    holder: str
    start: datetime
    begun: Fact
    rule: RuleSaid
    pauses: tuple[Stood, ...]
    extended: int
    """In the small unit."""
    moves: tuple[Moved, ...]
    days: tuple[Days, ...]
    ours: datetime | None
    city: datetime | None
    due: datetime
    original: datetime | None
    department_due: datetime | None
    margin: Margin | None
    provisional: bool
    late_cause: LateCause | None
    marks: tuple[MarkSaid, ...]
    outcome: ClockOutcome
    reason: str
    ended: datetime | None
    over: Fact | None

    @property
    def binds(self) -> str:
        """Whose deadline it is: `city` or `ours`."""
        return "city" if self.city is not None and self.due == self.city else "ours"

    @property
    def paused(self) -> bool:
        """Whether it stands still now."""
        return self.ended is None and bool(self.pauses) and self.pauses[-1].to is None

    @property
    def unit(self) -> Unit | None:
        """What it counts."""
        return self.rule.amount.unit if self.rule.amount else None


@dataclass(frozen=True, slots=True)
class Explanation:
    """All of it."""

    dispatch: str
    title: str
    state: str
    at: datetime
    """Outcomes of open runs are as of this instant."""
    covered_to: date
    """The last day that the calendar has."""
    calendar: str
    other_calendar: bool
    """The row was computed by another calendar than the one there is."""
    differs: tuple[Difference, ...]
    """In what the row is not what the facts give: by other rules than those of now, or by a fault."""
    clocks: tuple[ClockSaid, ...]
    steps: tuple[StepTaken, ...]

    @property
    def provisional(self) -> bool:
        """Whether a deadline that still runs may change with the next calendar."""
        return any(one.provisional and one.ended is None for one in self.clocks)
