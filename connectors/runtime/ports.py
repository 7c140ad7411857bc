"""What the two loops ask of an outside system. No type of an HTTP or Kafka library appears here.

Everything an outside system may expectedly do wrong is a value: `Failed` with a `Failure` from the closed list.
A method of a port raises only for a fault of ours.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Literal, Protocol

from schemas.dead_letter import DeadReason
from schemas.dispatch import Dispatch
from schemas.feedback import Feedback


class Priority(IntEnum):
    """Who goes first where calls to one system are scarce; the lowest number wins."""

    FEEDBACK = 0
    SIGN = 1
    LIVE = 2
    DETAIL = 3
    SWEEP = 4
    BACKFILL = 5


class Operation(StrEnum):
    """What a call is for. The same word is the metric label and the log field."""

    LOGIN = "login"
    LIST = "list"
    DETAIL = "detail"
    SIGN = "sign"
    FEEDBACK = "feedback"
    READ_BACK = "read_back"


class Failure(StrEnum):
    """Why a call did not do what was asked. What follows from each is in `outcomes`."""

    UNREACHABLE = "unreachable"
    """No connection: the system certainly did nothing."""
    TIMEOUT = "timeout"
    """Sent, and no answer in time: it may have been done."""
    CUT_OFF = "cut_off"
    """The connection ended inside the answer: it may have been done."""
    SERVER_ERROR = "server_error"
    """5xx, or the system's own word for an internal error: it may have been done."""
    BUSY = "busy"
    """Asked to come back later: not done."""
    SESSION = "session"
    """Still not logged in after one fresh login."""
    LOGIN_REFUSED = "login_refused"
    """The credentials are not accepted."""
    TOO_LARGE = "too_large"
    """The answer is larger than anything we read."""
    UNREADABLE = "unreadable"
    """The answer cannot be parsed, or is not in the character set it should be in."""
    SHAPE = "shape"
    """Parsed, but the verdict or the rows are not where they should be."""
    NOT_FOUND = "not_found"
    EXISTS = "exists"
    """The system has this already, under the same key: success, seen late."""
    REJECTED = "rejected"
    """Understood and refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A call that failed. `detail` names a field or an exception, never a value; the city's words are apart."""

    failure: Failure
    detail: str = ""
    retry_after: float | None = None
    """Seconds, as the system asked."""
    city_code: str | None = None
    city_message: str | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open period `[start, end)` in the source's own time, in UTC."""

    start: datetime
    end: datetime

    @property
    def empty(self) -> bool:
        """Whether nothing can be in it."""
        return self.start >= self.end


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that cannot become a dispatch; goes to quarantine with its original bytes."""

    reason: DeadReason
    raw: bytes
    detail: str = ""
    """Where: a field's name or a rule, never a value."""
    key: bytes | None = None
    """The dispatch id, where it could be read."""


Read = Dispatch | Refused


@dataclass(frozen=True, slots=True)
class Ask:
    """One page of one window. `page` counts from 1; `token` is the previous page's `next`."""

    window: Window
    page: int = 1
    token: str | None = None
    salvage: bool = False
    """The page could not be read again and again: take it record by record, and refuse those that cannot be read."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page, in the order the source sent it."""

    records: tuple[Read, ...]
    total: int | None = None
    """How many the source says the window has; None where it does not say."""
    next: str | None = None
    """Token of the page after this one; None after the last, and for sources that number their pages."""


PagingKind = Literal["numbered", "chained", "whole"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRules:
    """How a source pages. `numbered`: by page number; `chained`: each page names the next; `whole`: one page is all."""

    kind: PagingKind
    size: int = 100
    """Records of a full page."""
    cap: int | None = None
    """Records of one window that the source will never serve beyond, however many pages are asked for."""
    ascending: bool = True
    """The source sorts by update time. Checked on every page; needed to go on by time instead of by page number."""
    grain: timedelta = timedelta(seconds=1)
    """The resolution of the source's times."""


class Source(Protocol):
    """A system that lists its dispatches by update time."""

    @property
    def rules(self) -> PageRules:
        """How it pages."""
        ...

    def fetch(self, ask: Ask, priority: Priority) -> Page | Failed:
        """One page. Has no effect at the source; may be called again, also for the same page."""
        ...


@dataclass(frozen=True, slots=True)
class Accepted:
    """The system took a feedback. Its own words, for the record."""

    city_code: str | None = None
    city_message: str | None = None


class Sink(Protocol):
    """A system that is told what became of its dispatches. Called from several threads, one feedback each."""

    @property
    def idempotent(self) -> bool:
        """Whether the system recognises the id of a feedback it was sent before, and does nothing a second time."""
        ...

    @property
    def reads_back(self) -> bool:
        """Whether `has` can be asked."""
        ...

    def send(self, feedback: Feedback, id: str, priority: Priority) -> Accepted | Failed:
        """Tells the system. `id` is the idempotency key: the same feedback always has the same."""
        ...

    def has(self, feedback: Feedback, id: str, priority: Priority) -> bool | Failed:
        """Whether the system knows of this feedback; asked after an answer was lost."""
        ...


class SourceClock(Protocol):
    """The source's own time, learned from its answers."""

    @property
    def known(self) -> bool:
        """Whether anything was learned yet; before, `now` is this machine's."""
        ...

    def now(self) -> datetime:
        """UTC."""
        ...

    def observe(self, theirs: datetime) -> None:
        """The source said that it is `theirs` now."""
        ...


class Calls(Protocol):
    """The door every call of a system goes through: one budget and one record of calls for each system."""

    def turn(self, priority: Priority) -> AbstractContextManager[None]:
        """Waits for the call's turn; the call is made inside."""
        ...

    def made(self, operation: Operation, outcome: str, seconds: float) -> None:
        """Counts one call. `outcome` is `ok` or a Failure."""
        ...


@dataclass(frozen=True, slots=True)
class Batch:
    """Records that become durable together. `mark` is the feed's own: it gets it back in `durable`."""

    records: tuple[Read, ...]
    mark: object = None


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing to do for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Finished:
    """Never anything again: a backfill or a sweep that is through."""


class State(StrEnum):
    """How a stream is. DEGRADED heals by itself or by the source; FAILED needs a person, and is tried again slowly."""

    RUNNING = "running"
    PAUSED = "paused"
    DEGRADED = "degraded"
    FAILED = "failed"
    DONE = "done"


class Feed(Protocol):
    """What the pull loop pulls. One thread; `next`, then, once all its records are acked, `durable`, and so on.

    A feed keeps its place itself, and moves it in `durable` only: after a crash between the two the same records
    come again, which is harmless, and none is passed over.
    """

    @property
    def stream(self) -> str:
        """`live`, `sweep/<name>`, `backfill/<from>/<to>`."""
        ...

    @property
    def finds(self) -> bool:
        """Whether what it brings and was not known is news to be counted: a sweep's findings."""
        ...

    @property
    def state(self) -> tuple[State, str]:
        """And why, in one sentence; empty when running."""
        ...

    def next(self) -> Batch | Idle | Finished:
        """The next records, or how long to leave it alone. Waits for the source, never for anything else."""
        ...

    def durable(self, batch: Batch) -> None:
        """All records of `batch` are acked in Kafka. May be called again for the same batch after a crash."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `paidan connectors check`."""

    name: str
    """From the closed list that the command translates: `address`, `tls`, `login`, `page`, `clock`, `mapping`, ..."""
    ok: bool
    detail: str = ""


class Probe(Protocol):
    """What `check` tries at the system, cheapest first; stops where going on makes no sense."""

    def __call__(self) -> Iterator[Finding]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a system is made of, as its builder returns it. `source` or `feed`, not both; no `sink`: tells nobody."""

    code: str
    """The `source` of its dispatches: the part of their id before the colon."""
    mapping: str
    """A digest of everything that decides how a record is translated; when it changes, a sweep reads again."""
    zone: str = "Asia/Shanghai"
    """Where a sweep's time of day is meant."""
    source: Source | None = None
    feed: Feed | None = None
    sink: Sink | None = None
    probe: Probe | None = None
    read: "Reader | None" = None
    close: "Closer | None" = None


class Reader(Protocol):
    """One original record of the system, as quarantine keeps it, read again with today's mapping."""

    def __call__(self, raw: bytes) -> Read: ...


class Closer(Protocol):
    """Lets go of connections."""

    def __call__(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Fittings:
    """What a system's builder is given beside its settings."""

    name: str
    """The connector's, for messages; not the source of its dispatches."""
    calls: Calls
    clock: SourceClock
