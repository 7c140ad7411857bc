"""The delivery loop: reads notices, has a sink show them, then gives up their place in Kafka. In this order: after a
crash anywhere nothing is lost, and what was shown already is known to the sink by its id.
"""

import threading
import time
from collections.abc import Callable, Sequence

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from connectors.runtime import records
from connectors.runtime.health import Health
from connectors.runtime.notices import NoticeSink, Received
from connectors.runtime.records import Out
from connectors.runtime.topic_reader import Record, TopicReader
from connectors.runtime.writer_kafka import Writer
from schemas import envelope
from schemas.codec import UndecodableError, decode
from schemas.dead_letter import DeadReason
from schemas.envelope import EnvelopeError
from schemas.notice import Notice

POLL_S = 0.5
AGAIN_S = 1.0
"""Before a batch that could not be shown is tried again."""
STUCK_S = 300.0
"""A loop that has not come round for so long hangs, and is reported dead."""

RESULTS = ("shown", "known", "unreadable")

log = structlog.get_logger(__name__)


class NoticeMetrics:
    """What a sink counts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.read = Counter(
            "connector_notices_total", "Notices read, by what came of them", ["result"], registry=registry
        )
        self.last = Gauge(
            "connector_notices_last_success_timestamp_seconds", "When a notice was last shown", registry=registry
        )


class Delivery:
    """One sink and its loop; run by one thread, stopped by any."""

    def __init__(
        self,
        reader: TopicReader,
        sink: NoticeSink,
        writer: Writer,
        registry: CollectorRegistry,
        *,
        at: Callable[[str], None] = lambda point: None,
    ) -> None:
        self._reader, self._sink, self._writer, self._at = reader, sink, writer, at
        self._stop = threading.Event()
        self._beat = time.monotonic()
        self._hindered = ""
        self._places: dict[int, int] = {}
        metrics = NoticeMetrics(registry)
        self._read, self._last = metrics.read, metrics.last
        for result in RESULTS:
            self._read.labels(result)

    def stop(self) -> None:
        """Ends `run` after the batch at hand."""
        self._stop.set()

    def health(self) -> Health:
        """From any thread."""
        alive = time.monotonic() - self._beat < STUCK_S
        return Health(alive, alive and not self._hindered, self._hindered if alive else "the loop hangs")

    def run(self, *, once: bool = False) -> None:
        """Until `stop`; with `once` until all that was there at the call has been shown. Raises WriteError."""
        ends = self._reader.end_offsets() if once else None
        while not self._stop.is_set():
            self._beat = time.monotonic()
            polled = self._reader.poll(POLL_S)
            if polled:
                self._take(polled)
            self._commit()
            if ends is not None and not self._places and self._reader.reached(ends):
                return

    def _take(self, polled: Sequence[Record]) -> None:
        readable: list[Received] = []
        dead: list[Out] = []
        for record in polled:
            read = _read(record)
            if isinstance(read, Received):
                readable.append(read)
            else:
                log.warning("notice_not_readable", partition=record.partition, offset=record.offset, reason=read)
                dead.append(_letter(record, read))
        if not self._show(readable):
            return
        if dead:
            self._writer.settle(self._writer.send(dead))
            self._read.labels("unreadable").inc(len(dead))
        self._at("notices_shown")
        for record in polled:
            self._places[record.partition] = record.offset + 1

    def _show(self, batch: Sequence[Received]) -> bool:
        """Shows it however long that takes; False when it was stopped before."""
        while batch:
            try:
                shown = self._sink.deliver(batch)
            except OSError as problem:
                self._hindered = problem.strerror or type(problem).__name__
                log.warning("notices_not_shown", reason=self._hindered)
                self._beat = time.monotonic()
                if self._stop.wait(AGAIN_S):
                    return False
                continue
            self._hindered = ""
            self._read.labels("shown").inc(shown)
            self._read.labels("known").inc(len(batch) - shown)
            self._last.set_to_current_time()
            return True
        return True

    def _commit(self) -> None:
        if self._places and self._reader.commit(self._places):
            self._places.clear()
            self._at("notices_committed")


def _read(record: Record) -> Received | DeadReason:
    try:
        notice = decode(Notice, record.value)
        said = envelope.read(record.headers)
    except UndecodableError as problem:
        return problem.reason
    except EnvelopeError:
        return DeadReason.INVALID
    if notice.dispatch.encode() != record.key:
        return DeadReason.KEY_MISMATCH
    return Received(said.id, notice)


def _letter(record: Record, reason: DeadReason) -> Out:
    return records.dead_feedback(record.key, record.value or b"", record.headers, reason, record.origin, "")
