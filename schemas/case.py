"""A case: what the bridge knows of one dispatch. The row of the case table, on `bridge.cases`.

A row is one JSON object: the case's own fields, then, as its last member, the dispatch as the city last showed it,
byte for byte. So a row is read and written without parsing the dispatch.
"""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from schemas.assignment import Role
from schemas.base import Code, DispatchId, Instant, Line, Message
from schemas.clock import ClockName, ClockRun
from schemas.dispatch import UNKNOWN_CATEGORY, CategoryCode, Channel, CityStatus, Kind, Urgency
from schemas.feedback import FeedbackKind


class State(StrEnum):
    """States of a case (domain study 8), with the words that operators use."""

    RECEIVED = "received"
    """已接入"""
    QUARANTINED = "quarantined"
    """待补正: a record of it is dead, and nothing readable has come yet."""
    PENDING_SIGN = "pending_sign"
    """待签收"""
    SIGNED = "signed"
    """待转办"""
    RETURN_UP_REQ = "return_up_req"
    """申请退回市级"""
    RETURNED_UP = "returned_up"
    """已退回市级"""
    DISPATCHED = "dispatched"
    """已转办"""
    HANDLING = "handling"
    """办理中"""
    ON_LEDGER = "on_ledger"
    """挂账"""
    REVIEW = "review"
    """县级审核"""
    REPORTING = "reporting"
    """待反馈市级"""
    REPORTED = "reported"
    """已反馈, 待回访"""
    REOPENED = "reopened"
    """重办"""
    CLOSED = "closed"
    """办结"""
    CANCELLED = "cancelled"
    """撤单"""
    MERGED = "merged"
    """并单"""


FINAL: Final = frozenset({State.RETURNED_UP, State.CLOSED, State.CANCELLED, State.MERGED})
"""Nobody works on it any more. Only the city opens it again."""


class HoldingState(StrEnum):
    """States of a department's share (domain study 8)."""

    OFFERED = "offered"
    SIGNED = "signed"
    WORKING = "working"
    DONE = "done"
    RETURNED = "returned"
    TRANSFERRED = "transferred"
    WITHDRAWN = "withdrawn"


LIVE: Final = (HoldingState.OFFERED, HoldingState.SIGNED, HoldingState.WORKING, HoldingState.DONE)
"""The department holds its share, and its reports count."""


class SignState(StrEnum):
    """How far the county's signing of the dispatch to the city has come."""

    NONE = "none"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class ClosedBy(StrEnum):
    """Who ended it."""

    CITY = "city"
    COUNTY = "county"


class Flag(StrEnum):
    """What an operator should know about a case; not states."""

    UNKNOWN_CODE = "unknown_code"
    """A coded field that no table knows; see the dispatch's `unknown`."""
    LEAD_BY_UNKNOWN_CODE = "lead_by_unknown_code"
    """The duty desk leads only because the category is unknown: routed again when it becomes known."""
    ABOUT_LEAD = "about_lead"
    """The lead is a department that the complaint is about: no rule knew another."""
    CITY_REJECTED = "city_rejected"
    """The city refused a feedback; which kinds is in `rejected`."""


class Holding(Message):
    """One department's share. At most one per department; the latest."""

    department: Code
    role: Role
    state: HoldingState
    since: Instant
    """When this share was given, not when its state changed: deadlines of the share run from here."""
    round: int = 1

    @property
    def live(self) -> bool:
        """Whether the department holds it now."""
        return self.state in LIVE


class Held(Message):
    """A reminder that waits for the end of the quiet hours."""

    until: Instant
    clock: ClockName
    holder: Code | None = None
    mark: Line


class Case(Message):
    """The head of a row. Fields at their default are not written."""

    at: int
    """Offset in the inbox of the record this row was made from. The highest wins."""
    seq: int
    """Facts so far."""
    source: Code
    number: Line
    state: State
    version: int = 0
    """Content versions so far; 0 while nothing readable came."""
    round: int = 1
    status: CityStatus = CityStatus.OPEN
    """What the city last said."""
    digest: str = ""
    updated_at: Instant | None = None
    """The highest update time that the city gave."""
    twins: tuple[str, ...] = ()
    """Earlier digests with that same update time: seeing one again is an old view, not a change."""
    urgency: Urgency = Urgency.NORMAL
    kind: Kind = Kind.OTHER
    category: CategoryCode = UNKNOWN_CATEGORY
    channel: Channel = Channel.OTHER
    holdings: tuple[Holding, ...] = ()
    first_receiver: Code | None = None
    """首接单位: the first lead ever; never changes."""
    bounces: int = 0
    """How often a lead returned it."""
    locked: bool = False
    """No more returns: the arbiter has it, or the city refused to take it back."""
    contacted_at: Instant | None = None
    asked_days: int = 0
    """The extension that the city has been asked for and has not answered."""
    sign: SignState = SignState.NONE
    awaits: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")] | None = None
    """Id of the feedback whose outcome moves the case on: a result, or a return to the city."""
    answer: str | None = None
    """The lead's result, a report as JSON text, while the county has not passed it. Text, so that nothing a department
    writes can look like a member of the row."""
    answered_by: Code | None = None
    rejected: tuple[FeedbackKind, ...] = ()
    """Kinds of feedback that the city refused in this round."""
    flags: tuple[Flag, ...] = ()
    closed_by: ClosedBy | None = None
    merged_into: DispatchId | None = None
    parked: Line | None = None
    """`topic/partition/offset` of the dead record that all later ones wait behind."""
    seen: tuple[str, ...] = ()
    """Short hashes of the newest applied message ids."""
    positions: dict[str, int] = Field(default_factory=dict)
    """`topic/partition` -> offset of the newest applied record from there."""
    clocks: tuple[ClockRun, ...] = ()
    """The open runs."""
    ended: tuple[str, ...] = ()
    """The runs that ended: `clock|round|holder|outcome|reason|marks`, the marks that were recorded joined by `+`, empty
    fields at the end left out; and, as outcome `rearmed`, marks of an open run that its moved deadline took back. Never
    shortened: what is counted is counted from here."""
    steps: tuple[str, ...] = ()
    """Steps of supervision (督办), in order: `rung|department|persons`."""
    held: tuple[Held, ...] = ()
    calendar: str = ""
    """Version of the calendar that the clocks were computed by."""
    gen: int = 0
    """Generation of the clocks: raised whenever `due` changes."""
    due: Instant | None = None
    """Next instant at which something is due: a mark, or the end of the quiet hours."""

    @property
    def id(self) -> str:
        """The dispatch id."""
        return f"{self.source}:{self.number}"

    @property
    def lead(self) -> str | None:
        """The department that leads now."""
        return next((held.department for held in self.holdings if held.role is Role.LEAD and held.live), None)

    @property
    def assists(self) -> tuple[str, ...]:
        """The departments that assist now."""
        return tuple(held.department for held in self.holdings if held.role is Role.ASSIST and held.live)

    def holding(self, department: str | None) -> Holding | None:
        """The latest share of this department, live or not."""
        return next((held for held in self.holdings if held.department == department), None)


_MEMBER: Final = b',"dispatch":'
_NONE: Final = b"null"


def encode_row(case: Case, dispatch: bytes) -> bytes:
    """One JSON object; `dispatch` is the JSON of the last snapshot, or empty where none could be read."""
    head = case.__pydantic_serializer__.to_json(case, exclude_defaults=True)
    return b"%b%b%b}" % (head[:-1], _MEMBER, dispatch or _NONE)


def decode_row(row: bytes) -> tuple[Case, bytes]:
    """The case, and the dispatch as it was given to `encode_row`. Raises ValueError where `row` is none of ours."""
    end = row.index(_MEMBER)
    dispatch = row[end + len(_MEMBER) : -1]
    return Case.model_validate_json(row[:end] + b"}"), b"" if dispatch == _NONE else dispatch
