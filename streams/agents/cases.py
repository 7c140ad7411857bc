"""cases: `bridge.inbox` -> decide -> departments, city, people, journal; and the case row. The only writer of rows.

Order inside a run: decide in memory, deliver the outputs, deliver the rows, then let the run be acked. So a committed
offset implies durable rows implies delivered outputs, and a row is never there without its outputs.

Rows of closed cases stay: the city may order one again long after, and without its row it would be opened as new.
"""

import traceback
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import time
from typing import Final

import structlog

from schemas import envelope
from schemas.case import Case, encode_row
from schemas.clock import DueMark
from schemas.codec import UndecodableError, decode, encode
from schemas.dead_letter import DeadLetter, DeadReason
from schemas.dispatch import Dispatch
from schemas.feedback import Outcome
from schemas.ids import derived_id
from schemas.order import Order
from schemas.report import Report
from schemas.topics import INBOX
from schemas.types import NAMES
from streams import records
from streams.domain.built import changed
from streams.domain.decide import decide
from streams.domain.decision import Context, Decision, Ignored, Inbound, Parked
from streams.domain.parking import park
from streams.domain.rules import Rules
from streams.domain.tally import summarise
from streams.due import due_of
from streams.engine import Breaker, BreakerOpenError, Outbox, Outgoing, Row, Run, Table
from streams.lens import Lens
from streams.metrics import MOVED, Metrics
from streams.names import SOURCE
from streams.reading import Known, read
from streams.records import Record

TRIES: Final = 3
"""Of one record; a handler that fails each time has a bug, and the record becomes a dead letter."""

INBOUND: Final[dict[bytes, type[Inbound]]] = {
    NAMES[model].encode(): model for model in (Dispatch, Report, Outcome, Order, DueMark)
}
SPECVERSION: Final = ("ce_specversion", envelope.SPECVERSION)
CONTENT_TYPE: Final = ("content-type", envelope.CONTENT_TYPE)
TYPE_HEADERS: Final = {name: ("ce_type", name.encode()) for name in NAMES.values()}
SOURCE_HEADER: Final = ("ce_source", SOURCE.encode())

Held = tuple[Case, bytes]
"""A row: the case, and the city's last snapshot byte for byte."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Work:
    """What one run brings about, in memory, before anything is sent."""

    partition: int
    outputs: list[Outgoing] = field(default_factory=list)
    rows: dict[bytes, Held] = field(default_factory=dict)
    verdicts: Counter[str] = field(default_factory=Counter)
    dead: Counter[DeadReason] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    asked: list[datetime] = field(default_factory=list)
    """Due instants that were acted on."""


class Cases:
    """The shell around `decide`."""

    def __init__(
        self,
        table: Table[Held],
        outbox: Outbox,
        rules: Rules,
        metrics: Metrics,
        known: Known,
        *,
        lens: Lens | None = None,
    ) -> None:
        """`table` is co-partitioned with the inbox; `known` holds what intake in this process has just read."""
        self._table, self._outbox, self._rules, self._metrics, self._known = table, outbox, rules, metrics, known
        self._lens = lens
        self._breaker = Breaker()

    async def handle(self, run: Run) -> None:
        """Returns when outputs and rows are durable. Raises BreakerOpenError before anything is sent."""
        table, outbox, metrics = self._table, self._outbox, self._metrics
        await table.ensure(run.partition)
        started = time()
        work = Work(run.partition)
        for record in run.records:
            self._one(work, record)
        decided = time()
        await outbox.deliver(work.outputs)
        sent = time()
        await table.write(run.partition, [_row(key, held) for key, held in work.rows.items()])
        now = time()
        metrics.processing["decide"].observe(decided - started)
        metrics.processing["outputs"].observe(sent - decided)
        metrics.processing["rows"].observe(now - sent)
        metrics.consumed[INBOX].inc(len(run.records))
        metrics.failed[INBOX].inc(work.failed)
        metrics.ages.observe(INBOX, round(now * 1000), (record.timestamp for record in run.records))
        metrics.heartbeat[INBOX].set(now)
        for verdict, count in work.verdicts.items():
            metrics.messages[verdict].inc(count)
        for reason, count in work.dead.items():
            metrics.dead[INBOX, reason].inc(count)
        for name, count in work.unknown.items():
            metrics.unknown_codes[name].inc(count)
        acted = now if self._lens is None else self._lens.at(datetime.fromtimestamp(now, UTC)).timestamp()
        for due in work.asked:
            metrics.timer_lateness.observe(acted - due.timestamp())

    def _one(self, work: Work, record: Record) -> None:
        key = record.key
        if key is None:
            self._dead(work, record, DeadReason.KEY_MISMATCH)
            return
        held = work.rows.get(key) or self._table.row(work.partition, key)
        case, stored = held or (None, b"")
        if case is not None and record.offset <= case.at:
            # Applied before a crash: its outputs were out before its row was.
            return
        got = records.first_of_each(record.headers)
        model = INBOUND.get(got.get("ce_type", b""))
        if model is None:
            self._dead(work, record, DeadReason.UNKNOWN_TYPE, "ce_type")
            return
        try:
            context = _context(record, got)
            message = self._known.take(model, got["ce_id"], record.value) if context.origin else None
            if message is None:
                message = decode(model, record.value, checked=True) if context.origin else read(model, record.value)
        except UndecodableError as problem:
            self._dead(work, record, problem.reason, problem.detail)
            return
        if (message.id if isinstance(message, Dispatch) else message.dispatch).encode() != key:
            self._dead(work, record, DeadReason.KEY_MISMATCH)
            return
        if self._lens is not None:
            message, context = self._lens.message(message), self._lens.context(context)
        decided = self._decided(work, case, message, context, stored)
        if decided is None:
            self._dead(work, record, DeadReason.HANDLER_FAILED, model.__name__)
            if isinstance(message, DueMark):
                if case is not None:
                    work.rows[key] = _silenced(case, record.offset), stored
                return
            decision = self._parked(case, record, context)
            decided = decision, _enveloped(decision, work.partition, key, context)
        elif isinstance(decided[0].verdict, Parked):
            self._dead(work, record, DeadReason.PARKED, decided[0].verdict.behind)
            return
        else:
            self._count(record, dead=False)
        decision, outputs = decided
        verdict = decision.verdict
        work.verdicts[verdict.reason if isinstance(verdict, Ignored) else MOVED] += 1
        work.outputs += outputs
        if isinstance(message, DueMark) and decision.case is not case and message.calendar is None:
            work.asked.append(message.due)
        if decision.adopted and isinstance(message, Dispatch):
            # seen through a lens it has to be kept as it was seen: what is read from it later must agree
            stored = (record.value or b"") if self._lens is None else encode(message)
            work.unknown.update(message.unknown)
        if decision.case is not None and decision.case is not case:
            work.rows[key] = decision.case, stored

    def _decided(
        self, work: Work, case: Case | None, message: Inbound, context: Context, stored: bytes
    ) -> tuple[Decision, list[Outgoing]] | None:
        """The decision and its records, or None where every try raised."""
        key = (message.id if isinstance(message, Dispatch) else message.dispatch).encode()
        for _ in range(TRIES):
            try:
                decision = decide(case, message, context, self._rules, stored)
                return decision, _enveloped(decision, work.partition, key, context)
            except Exception as problem:  # noqa: BLE001 - whatever a bug raises, it is this record's and no other's
                work.failed += 1
                raised = problem
        # Its text may quote the record, so only where and what it was is said.
        last = traceback.extract_tb(raised.__traceback__)[-1]
        where = f"{last.filename.rpartition('/')[2]}:{last.lineno}"
        log.error("decide_failed", error=type(raised).__name__, where=where)
        return None

    def _parked(self, case: Case | None, record: Record, context: Context) -> Decision:
        """The case, waiting. The record that failed does not count as applied, so its replay is no repeat."""
        place = records.place(record)
        apart = replace(context, id=derived_id("parked", place), origin="")
        time = context.time or datetime.fromtimestamp(record.timestamp / 1000, UTC)
        key = (record.key or b"").decode()
        return park(case, key, place, DeadReason.HANDLER_FAILED, time, apart, self._rules)

    def _dead(self, work: Work, record: Record, reason: DeadReason, detail: str = "") -> None:
        letter = DeadLetter(reason, records.place(record), detail)
        work.dead[reason] += 1
        work.outputs.append(records.dead(record, letter))
        log.warning("record_died", reason=reason, origin=letter.origin, detail=detail)
        # Nothing is wrong with a parked record, so it says nothing about us.
        self._count(record, dead=reason is not DeadReason.PARKED)

    def _count(self, record: Record, *, dead: bool) -> None:
        if trip := self._breaker.saw(record.topic, record.partition, dead=dead):
            raise BreakerOpenError(f"the fault is ours: too many dead letters from {record.topic} ({trip})")


def _context(record: Record, got: dict[str, bytes]) -> Context:
    """Raises UndecodableError where the envelope lacks what a decision needs."""
    try:
        return Context(
            at=record.offset,
            id=got["ce_id"].decode(),
            department=got[envelope.DEPARTMENT].decode() if envelope.DEPARTMENT in got else None,
            origin=got.get(envelope.ORIGIN, b"").decode(),
            traceparent=got.get("traceparent", b"").decode(),
            recorded=datetime.fromtimestamp(record.timestamp / 1000, UTC),
            time=datetime.fromisoformat(got["ce_time"].decode()),
        )
    except (KeyError, ValueError, OverflowError):
        raise UndecodableError(DeadReason.INVALID, "envelope") from None


def _enveloped(decision: Decision, partition: int, key: bytes, context: Context) -> list[Outgoing]:
    """What the decision sends, in its order; each record's span is its own, in the trace of what caused it."""
    outputs = decision.outputs
    if not outputs:
        return []
    parent = records.trace(context.traceparent.encode())
    moment = outputs[0].occurred_at
    time = ("ce_time", records.instant(moment))
    out = []
    for topic, _, kind, message, output_id, occurred_at in outputs:
        if occurred_at is not moment:
            moment, time = occurred_at, ("ce_time", records.instant(occurred_at))
        own = output_id.encode()
        trace = ("traceparent", records.child_trace(parent, own))
        headers = [SPECVERSION, ("ce_id", own), SOURCE_HEADER, TYPE_HEADERS[kind], time, CONTENT_TYPE, trace]
        # A department's topic has one partition: the outbox takes ours modulo the topic's width.
        out.append(Outgoing(topic, partition, key, encode(message), headers))
    return out


def _silenced(case: Case, at: int) -> Case:
    """Not asked again whether something is due until it is decided anew: a bug in one case must not stop the others.

    Its generation stays, so the dead question is answered when it is replayed.
    """
    return changed(case, {"at": at, "due": None})


def _row(key: bytes, held: Held) -> Row:
    case, stored = held
    return Row(key, case.at, encode_row(case, stored), due_of(case), summarise(case), held)
