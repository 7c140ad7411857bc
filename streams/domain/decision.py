"""What goes into a decision about one dispatch, and what comes out of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from schemas.base import Message
from schemas.case import Case
from schemas.clock import DueMark
from schemas.dispatch import Dispatch
from schemas.feedback import Outcome
from schemas.order import Order
from schemas.report import Report

Inbound = Dispatch | Report | Outcome | Order | DueMark
"""What may stand in the inbox."""


@dataclass(frozen=True, slots=True)
class Context:
    """What an inbox record says around its message."""

    at: int
    """Its offset in the inbox."""
    id: str
    """Its envelope id. A repeat of the same statement has the same one."""
    department: str | None = None
    """Who speaks in a report: from the topic that it came from, never from the payload."""
    origin: str = ""
    """`topic/partition/offset` of the record it was made from. Empty for what was written to the inbox directly, and
    for what is replayed from the dead letters."""
    traceparent: str = ""
    recorded: datetime | None = None
    """When the broker had it in the inbox (UTC). A department may be late to tell, but cannot tell what is to come."""
    time: datetime | None = None
    """When its writer wrote it (UTC). Used where the message's own instant is not that of the act."""


class IgnoredReason(StrEnum):
    """Why a message moved nothing. The same word is the metric label."""

    REPEATED = "repeated"
    """This very message was applied before."""
    SAME = "same"
    """The city shows what it showed before."""
    STALE = "stale"
    """The city's view is older than the one we have."""
    UNKNOWN_DISPATCH = "unknown_dispatch"
    """Nothing readable about this dispatch has come from the city yet."""
    NOT_HOLDER = "not_holder"
    """The department does not hold the dispatch."""
    NOT_LEAD = "not_lead"
    """Only the lead may say this."""
    OLD_ROUND = "old_round"
    """It speaks of another round than the current one."""
    NOT_AWAITED = "not_awaited"
    """An outcome of a feedback that has been overtaken."""
    ALREADY_SIGNED = "already_signed"
    ALREADY_ANSWERED = "already_answered"
    RETURNS_LOCKED = "returns_locked"
    ILLEGAL = "illegal"
    """The state does not allow it."""
    INCOMPLETE = "incomplete"
    """A field that this kind of message needs is absent."""
    UNKNOWN_DEPARTMENT = "unknown_department"
    """Named as receiver, but not in the policy, or switched off without a deputy."""
    NO_CHANGE = "no_change"
    """The order asks for what is already so."""
    NOT_PARKED = "not_parked"
    LATE_REQUEST = "late_request"
    """An extension was asked for after the deadline."""
    OVER_CAP = "over_cap"
    """An extension longer, or one more, than the county allows."""
    OVERTAKEN = "overtaken"
    """A question about clocks that have been set anew since it was asked."""
    EARLY = "early"
    """A question about what is not due yet."""


SILENT = frozenset(
    {
        IgnoredReason.REPEATED,
        IgnoredReason.SAME,
        IgnoredReason.STALE,
        IgnoredReason.UNKNOWN_DISPATCH,
        IgnoredReason.OVERTAKEN,
        IgnoredReason.EARLY,
    }
)
"""Ignored without a word in the journal: the city, the network and our own timers say these many times. The others
leave one fact."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The message was applied."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """The message changed nothing; unless its reason is silent, one fact of the journal says so."""

    reason: IgnoredReason


@dataclass(frozen=True, slots=True)
class Parked:
    """The message must wait behind a dead record of its dispatch: put it, as it came, among the dead letters."""

    behind: str
    """`topic/partition/offset` of that record."""


Verdict = Moved | Ignored | Parked


class Output(NamedTuple):
    """A record to send: the message, where to, and the envelope's part of it."""

    topic: str
    key: str
    """The dispatch id."""
    type: str
    message: Message
    id: str
    occurred_at: datetime


class Decision(NamedTuple):
    """What becomes of one message."""

    case: Case | None
    """The very object that was given where nothing changed; otherwise a row to write, after the outputs."""
    verdict: Verdict
    outputs: tuple[Output, ...] = ()
    adopted: bool = False
    """The message is a snapshot that the row must carry from now on, byte for byte, in place of the one before."""
