"""A clock (时限): one run of a deadline over one dispatch. Rows carry the open runs; `DueMark` asks for what is due.

Which clock starts, stops and pauses when: domain study 9.1; what a deadline is in each unit: 9.3.
"""

from enum import StrEnum

from pydantic import Field

from schemas.base import Code, DispatchId, Instant, Line, Message


class ClockName(StrEnum):
    """C1 县级签收, C2 转办, C3 部门签收, C4 联系群众, C5 办理, C6 县级审核, C7 回访."""

    SIGN = "sign"
    ROUTE = "route"
    DEPARTMENT_SIGN = "department_sign"
    CONTACT = "contact"
    HANDLING = "handling"
    REVIEW = "review"
    CALLBACK = "callback"


class Unit(StrEnum):
    """What an amount counts: 分钟, 小时, 自然日, 工作日, 工作小时. Never converted into one another."""

    MINUTES = "minutes"
    HOURS = "hours"
    NATURAL_DAYS = "natural_days"
    WORKING_DAYS = "working_days"
    WORKING_HOURS = "working_hours"


class ClockOutcome(StrEnum):
    """How a run stands or ended (domain study 9.9). Each run ends in exactly one."""

    MET = "met"
    MET_LATE = "met_late"
    OPEN_IN_TIME = "open_in_time"
    OPEN_OVERDUE = "open_overdue"
    CANCELLED = "cancelled"
    EXCLUDED = "excluded"


class LateCause(StrEnum):
    """Why a run was over when it came to the county: the city showed it too late, or we read it too late."""

    CITY = "city"
    BRIDGE = "bridge"


class Pause(Message):
    """From when to when a clock stood still; `to` is absent while it does."""

    since: Instant
    to: Instant | None = None


class ClockRun(Message):
    """One open run. Fields at their default are not written."""

    clock: ClockName
    round: int = 1
    holder: Code | None = None
    """Whose run it is, where each department has one: `department_sign`."""
    rule: Line
    """Name of the rule of `deadlines.yaml` that it was started by."""
    start: Instant
    due: Instant
    """What binds: the earlier of ours and the city's."""
    original: Instant | None = None
    """The first deadline, kept when `due` was moved."""
    city: Instant | None = None
    """The city's own deadline, moved only by what the city granted or showed."""
    extended: int = 0
    """Granted, in the run's own unit (minutes where it counts hours)."""
    grants: int = 0
    """How often it was extended."""
    pauses: tuple[Pause, ...] = ()
    fired: tuple[str, ...] = ()
    """Marks that have been recorded."""
    next: Instant | None = None
    """When the next mark is due; absent while it stands still, and when none is left."""
    provisional: bool = False
    """A day beyond the published calendar was counted."""
    late_cause: LateCause | None = None
    """It was over before it began here."""

    @property
    def paused(self) -> bool:
        """Whether it stands still now."""
        return bool(self.pauses) and self.pauses[-1].to is None


class DueMark(Message):
    """A question to the inbox: something of this case is due, look. Acting on it is the case's own business."""

    dispatch: DispatchId
    gen: int
    """The generation of the clocks that was due; another one means the question has been overtaken."""
    due: Instant
    at: Instant
    """When it was asked: the instant that the decision acts at."""
    calendar: str | None = Field(default=None, max_length=80)
    """Asked because the calendar is another than the one the clocks were computed by."""
