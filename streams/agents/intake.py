"""intake: what the city and the departments write -> `bridge.inbox`, keyed by dispatch.

The door: what may not come in becomes a dead letter here, and everything behind it may trust the bytes. The original
bytes go on, unknown fields included. Who speaks is said by the topic a record came from, never by the record.
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b
from time import time
from typing import Final, NamedTuple

import structlog

from schemas import envelope
from schemas.base import Message
from schemas.codec import UndecodableError
from schemas.dead_letter import DeadLetter, DeadReason
from schemas.dispatch import Dispatch
from schemas.ids import derived_id
from schemas.report import Report
from schemas.topics import CITY, INBOX, department_of, partition_of
from schemas.types import NAMES
from streams import records
from streams.engine import Breaker, BreakerOpenError, Outbox, Outgoing, Run
from streams.metrics import REPORTS, Metrics
from streams.reading import Known, read
from streams.records import Record

DISPATCH: Final = NAMES[Dispatch].encode()
REPORT: Final = NAMES[Report].encode()
DISPATCH_TYPE: Final = ("ce_type", DISPATCH)
REPORT_TYPE: Final = ("ce_type", REPORT)

Admit = Callable[[Record], "Admitted | DeadLetter"]

log = structlog.get_logger(__name__)


class Admitted(NamedTuple):
    """What goes on, with the message that was read from it and its id."""

    out: Outgoing
    id: bytes
    message: Message


def admit_dispatch(record: Record) -> Admitted | DeadLetter:
    """The inbox record for one record of `city.dispatches`, or why there is none."""
    origin = records.place(record)
    got = records.first_of_each(record.headers)
    if got.get("ce_type") != DISPATCH:
        return DeadLetter(DeadReason.UNKNOWN_TYPE, origin, "ce_type")
    try:
        own, source, moment = got["ce_id"], got["ce_source"], got["ce_time"]
        datetime.fromisoformat(moment.decode())
    except (KeyError, ValueError):
        return DeadLetter(DeadReason.INVALID, origin, "envelope")
    try:
        dispatch = read(Dispatch, record.value)
    except UndecodableError as problem:
        return DeadLetter(problem.reason, origin, problem.detail)
    key = dispatch.id.encode()
    if record.key != key or dispatch.id != f"{dispatch.source}:{dispatch.number}":
        return DeadLetter(DeadReason.KEY_MISMATCH, origin)
    if not records.is_id(own):
        own = derived_id(CITY, own.hex()).encode()
    parent = records.trace(got.get("traceparent", b""))
    headers = records.headers(own, ("ce_source", source), DISPATCH_TYPE, moment, records.child_trace(parent, own))
    headers.append((envelope.ORIGIN, origin.encode()))
    return Admitted(Outgoing(INBOX, partition_of(key), key, record.value, headers), own, dispatch)


def admit_report(record: Record) -> Admitted | DeadLetter:
    """The inbox record for one record of a department's report topic, or why there is none.

    A department need not know CloudEvents: without a type it is a report, and without an id the same bytes under the
    same key are the same report. Ids are taken per department, so that none can use up another's; nothing else of
    what a department wrote into its headers goes on.
    """
    origin = records.place(record)
    got = records.first_of_each(record.headers)
    if got.get("ce_type", REPORT) != REPORT:
        return DeadLetter(DeadReason.UNKNOWN_TYPE, origin, "ce_type")
    try:
        report = read(Report, record.value)
    except UndecodableError as problem:
        return DeadLetter(problem.reason, origin, problem.detail)
    key = report.dispatch.encode()
    if record.key != key:
        return DeadLetter(DeadReason.KEY_MISMATCH, origin)
    department = department_of(record.topic)
    own = report_id(department, report.dispatch, got.get("ce_id", b""), record.value or b"").encode()
    source = ("ce_source", f"/paidan/departments/{department}".encode())
    parent = records.trace(got.get("traceparent", b""))
    headers = records.headers(own, source, REPORT_TYPE, records.instant(report.at), records.child_trace(parent, own))
    headers.append((envelope.ORIGIN, origin.encode()))
    headers.append((envelope.DEPARTMENT, department.encode()))
    return Admitted(Outgoing(INBOX, partition_of(key), key, record.value, headers), own, report)


def report_id(department: str, dispatch: str, given: bytes, value: bytes) -> str:
    """The id of a report in the inbox: from the department's own id where it gave one, else from what it wrote."""
    if given:
        return derived_id("report", department, given.hex())
    return derived_id("report", department, dispatch, blake2b(value, digest_size=16).hexdigest())


class Intake:
    """The shell: takes runs of one kind of source, admits record by record, delivers, and lets the run be acked."""

    def __init__(self, door: str, admit: Admit, outbox: Outbox, metrics: Metrics, known: Known) -> None:
        """`door` is the metric label of the source: `city.dispatches` or `dept.reports`."""
        self._door, self._admit, self._outbox, self._metrics = door, admit, outbox, metrics
        self._known = known
        self._breaker = Breaker()
        self._silly: set[str] = set()
        """Report topics whose last records were nearly all dead."""

    async def handle(self, run: Run) -> None:
        """Returns when the broker has what came of every record. Raises BreakerOpenError before anything is sent."""
        await self._known.room(len(run.records))
        started = time()
        out, reasons = [], []
        for record in run.records:
            admitted = self._admit(record)
            if isinstance(admitted, DeadLetter):
                reasons.append(admitted.reason)
                log.warning("record_died", reason=admitted.reason, origin=admitted.origin, detail=admitted.detail)
                out.append(records.dead(record, admitted))
                self._count(run, dead=True)
            else:
                out.append(admitted.out)
                self._known.put(admitted.id, record.value, admitted.message)
                self._count(run, dead=False)
        metrics = self._metrics
        metrics.processing["intake"].observe(time() - started)
        await self._outbox.deliver(out)
        now = time()
        metrics.consumed[self._door].inc(len(run.records))
        metrics.ages.observe(self._door, round(now * 1000), (record.timestamp for record in run.records))
        metrics.heartbeat[self._door].set(now)
        for reason in reasons:
            metrics.dead[self._door, reason].inc()

    def _count(self, run: Run, *, dead: bool) -> None:
        """What the connectors write is ours, so too much of it dead is our fault. A department's is its own, and must
        not stop the others, unless several departments at once write nothing that we can read."""
        trip = self._breaker.saw(run.topic, run.partition, dead=dead)
        if trip is None:
            if self._silly and not dead:
                self._silly.discard(run.topic)
            return
        if self._door != REPORTS:
            raise BreakerOpenError(f"the fault is ours: too many dead letters from {run.topic} ({trip})")
        if run.topic not in self._silly:
            self._silly.add(run.topic)
            log.error("department_writes_only_dead_letters", topic=run.topic, trip=trip)
        if len(self._silly) > 1:
            raise BreakerOpenError(f"the fault is ours: dead letters only from {len(self._silly)} departments ({trip})")
