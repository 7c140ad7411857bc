"""Feedback (回复市级): what the city is told; and its outcome: what the city answered."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.base import Code, DispatchId, Instant, Line, Message, Text
from schemas.dispatch import Attachment
from schemas.report import ReturnReason


class FeedbackKind(StrEnum):
    """签收, 联系, 进展, 办理结果, 申请退回市级, 申请延期."""

    SIGN = "sign"
    CONTACT = "contact"
    PROGRESS = "progress"
    RESULT = "result"
    RETURN = "return"
    EXTENSION = "extension"


class Timeliness(StrEnum):
    """按时, 延期后按时, 逾期: how a result stands to its deadline when it is sent."""

    IN_TIME = "in_time"
    EXTENDED = "extended"
    OVERDUE = "overdue"


class Feedback(Message):
    """One record on `city.feedback`. Its envelope id is the idempotency key that the city is given."""

    dispatch: DispatchId
    source: Code
    number: Line
    seq: int
    round: int
    kind: FeedbackKind
    occurred_at: Instant
    department: Code | None = None
    department_name: Line | None = None
    note: Text = ""
    public_reply: Text = ""
    contacted: bool | None = None
    contacted_at: Instant | None = None
    founded: bool | None = None
    solved: bool | None = None
    unsolved_reason: Text = ""
    reason: ReturnReason | None = None
    extend_days: Annotated[int, Field(ge=1, le=60)] | None = None
    attachments: tuple[Attachment, ...] = ()
    timeliness: Timeliness | None = None
    """Of a result, where the county watches its deadline."""


class OutcomeKind(StrEnum):
    """The city took it, had it already, or will not have it. An unknown outcome is never written: it is found out."""

    DELIVERED = "delivered"
    EXISTS = "exists"
    REJECTED = "rejected"


class Outcome(Message):
    """What became of one feedback; written to the inbox by the connector that delivered it."""

    dispatch: DispatchId
    feedback_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")]
    kind: FeedbackKind
    round: int
    outcome: OutcomeKind
    at: Instant
    attempts: int = 1
    city_code: Line | None = None
    city_message: Line | None = None
    """The city's words; cut to 500 characters."""
