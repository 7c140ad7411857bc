"""A fact of the journal (全程记录): something that happened to a dispatch, in order, for ever."""

from enum import StrEnum

from pydantic import Field

from schemas.base import Code, DispatchId, Instant, Line, Message


class FactKind(StrEnum):
    """Every kind of fact. The list only grows."""

    RECEIVED = "received"
    AMENDED = "amended"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    CLOSED = "closed"
    REOPENED = "reopened"
    ROUTED = "routed"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    SIGNED = "signed"
    CONTACTED = "contacted"
    PROGRESSED = "progressed"
    ANSWERED = "answered"
    RETURNED = "returned"
    TRANSFERRED = "transferred"
    EXTENSION_REQUESTED = "extension_requested"
    REVIEWED = "reviewed"
    LEDGER_OPENED = "ledger_opened"
    LEDGER_CLOSED = "ledger_closed"
    FEEDBACK_SENT = "feedback_sent"
    FEEDBACK_DELIVERED = "feedback_delivered"
    FEEDBACK_REJECTED = "feedback_rejected"
    NOTED = "noted"
    IGNORED = "ignored"
    PARKED = "parked"
    UNPARKED = "unparked"
    MARKED = "marked"
    """A clock passed a mark."""
    EXTENDED = "extended"
    PAUSED = "paused"
    RESUMED = "resumed"
    DEADLINE_CHANGED = "deadline_changed"
    SUPERVISED = "supervised"
    """A step of the ladder 电话, 书面, 现场, 约谈: opened by rule, or taken by a person."""


class Actor(StrEnum):
    """Who did it."""

    CITY = "city"
    DEPARTMENT = "department"
    OPERATOR = "operator"
    BRIDGE = "bridge"


class Fact(Message):
    """One record on `bridge.journal`. Folding the facts of a dispatch in order gives its state."""

    dispatch: DispatchId
    seq: int
    fact: FactKind
    round: int
    state: str
    """The case's state after this fact."""
    actor: Actor
    department: Code | None = None
    by: Line | None = None
    occurred_at: Instant
    cause: str
    """The id of the message that caused it."""
    details: dict[str, str | int | bool | None] = Field(default_factory=dict)
