"""A notice (提醒): a message to a person about a dispatch. Delivery is a connector's business."""

from enum import StrEnum

from schemas.base import Code, DispatchId, Instant, Line, Message
from schemas.clock import ClockName
from schemas.dispatch import Urgency
from schemas.order import Rung


class Audience(StrEnum):
    """Who is told."""

    DEPARTMENT = "department"
    LEADER = "leader"
    """Who is in charge at the department."""
    DUTY_DESK = "duty_desk"
    """The county centre."""


class NoticeKind(StrEnum):
    """Why somebody is told."""

    ASSIGNED = "assigned"
    AMENDED = "amended"
    WITHDRAWN = "withdrawn"
    REDO = "redo"
    RETURNED = "returned"
    ARBITRATION = "arbitration"
    UNKNOWN_CODE = "unknown_code"
    CITY_REJECTED = "city_rejected"
    PARKED = "parked"
    MARK = "mark"
    SUPERVISION = "supervision"
    EXTENDED = "extended"
    EXTENSION_REFUSED = "extension_refused"


class Notice(Message):
    """One notice. Carries no caller data and no body: whoever is told looks the dispatch up."""

    dispatch: DispatchId
    seq: int
    kind: NoticeKind
    audience: Audience
    department: Code | None = None
    urgency: Urgency = Urgency.NORMAL
    occurred_at: Instant
    due_at: Instant | None = None
    title: Line | None = None
    reason: Line | None = None
    clock: ClockName | None = None
    mark: Line | None = None
    """The mark that was passed (`p50`, `yellow`, `breach`, ...); the highest, where several were."""
    late_s: int | None = None
    """Seconds between the mark and this notice that were ours: an outage. Quiet hours are not counted."""
    rung: Rung | None = None
    step: int | None = None
    channels: tuple[Line, ...] = ()
    """In order of preference; empty: as the receiver's contact says."""
    digest: Line | None = None
    """Notices to one receiver that share this may be shown as one."""
