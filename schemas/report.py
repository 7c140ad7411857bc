"""A report (反馈): what a department says about a dispatch that it holds."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.base import Code, DispatchId, Instant, Line, Message, Text
from schemas.dispatch import Attachment


class ReportKind(StrEnum):
    """签收, 联系群众, 办理进展, 办理结果, 退单, 申请延期, 转办."""

    SIGNED = "signed"
    CONTACTED = "contacted"
    PROGRESS = "progress"
    RESULT = "result"
    RETURN = "return"
    EXTENSION = "extension"
    TRANSFER = "transfer"


class ReturnReason(StrEnum):
    """Why a department gives a dispatch back (退单). A return without one of these is not accepted."""

    NOT_OURS = "not_ours"
    WRONG_AREA = "wrong_area"
    DUPLICATE = "duplicate"
    INSUFFICIENT = "insufficient"
    NOT_GOVERNMENT = "not_government"
    IN_LITIGATION = "in_litigation"


class Report(Message):
    """One report. Who speaks is decided by the topic it came from, so there is no department field.

    `result` needs `public_reply`; `return` needs `reason`; `extension` needs `extend_days`; `transfer` needs `to`.
    The two texts are kept apart: `note` stays inside the county and city offices, `public_reply` reaches the citizen.
    """

    dispatch: DispatchId
    kind: ReportKind
    at: Instant
    """When it happened at the department."""
    round: int | None = Field(default=None, ge=1)
    """The round it speaks of; absent means the current one."""
    handler: Line | None = None
    note: Text = ""
    public_reply: Text = ""
    contacted: bool | None = None
    contacted_at: Instant | None = None
    founded: bool | None = None
    """诉求属实: the complaint is true."""
    solved: bool | None = None
    unsolved_reason: Text = ""
    reason: ReturnReason | None = None
    to: Code | None = None
    extend_days: Annotated[int, Field(ge=1, le=60)] | None = None
    """Working days."""
    attachments: tuple[Attachment, ...] = ()
