"""An assignment (交办): what one department is told about one dispatch, with only what it may see."""

from enum import StrEnum

from schemas.base import Code, DispatchId, Instant, Line, Message, Text
from schemas.dispatch import Attachment, Caller, CategoryCode, Kind, Place, Urgency


class Role(StrEnum):
    """主办, 协办."""

    LEAD = "lead"
    ASSIST = "assist"


class Action(StrEnum):
    """What the department is told: a new share, a change of it, its end, or to do it again."""

    ASSIGNED = "assigned"
    AMENDED = "amended"
    WITHDRAWN = "withdrawn"
    REDO = "redo"


class WithdrawnReason(StrEnum):
    """Why a department no longer holds its share."""

    CITY_WITHDREW = "city_withdrew"
    CITY_CLOSED = "city_closed"
    MERGED = "merged"
    REROUTED = "rerouted"
    TRANSFERRED = "transferred"
    RETURNED = "returned"
    CLOSED = "closed"


class Assignment(Message):
    """One record on `dept.<code>.dispatches`. After `withdrawn` the content fields are absent."""

    dispatch: DispatchId
    department: Code
    seq: int
    """The dispatch's sequence number: grows with every fact, so a reader sees order and repeats."""
    version: int
    """Which state of the content this is: 1, 2, ... per dispatch."""
    round: int
    action: Action
    role: Role
    lead: Code
    assists: tuple[Code, ...] = ()
    occurred_at: Instant
    reason: WithdrawnReason | None = None
    due_at: Instant | None = None
    issued_at: Instant | None = None
    kind: Kind | None = None
    urgency: Urgency | None = None
    title: Line | None = None
    body: Text | None = None
    category: CategoryCode | None = None
    category_names: tuple[Line, ...] = ()
    place: Place | None = None
    caller: Caller | None = None
    remark: Text | None = None
    attachments: tuple[Attachment, ...] = ()
    hidden: tuple[str, ...] = ()
    """Names of fields kept from this reader, so that an absence is never taken for an empty value."""
