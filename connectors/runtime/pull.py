"""The only pull loop: records out of a feed, into Kafka, acked, and only then the feed's own mark moves.

The live feed goes first; sweeps and backfills get a page whenever it has nothing. So nothing that reads old records
ever delays a new one by more than a page.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from connectors.runtime import records
from connectors.runtime.metrics import Metrics
from connectors.runtime.ports import Batch, Feed, Finished, Idle, Read, Refused
from connectors.runtime.records import Out
from connectors.runtime.seen import Seen
from connectors.runtime.writer_kafka import Writer
from schemas.dispatch import CityStatus, Dispatch

log = structlog.get_logger(__name__)

At = Callable[[str], None]


class Agenda(Protocol):
    """Which feeds there are now, the live one first; it may start and drop sweeps and backfills."""

    def feeds(self) -> Sequence[Feed]: ...

    def finished(self, feed: Feed) -> None: ...


@dataclass(frozen=True, slots=True)
class _News:
    """A record that is not what was last written of it."""

    shown: Read
    out: Out
    name: bytes
    """Under which it is remembered."""
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Puller:
    """Pulls for one connector. One thread.

    Crash points, in order: `page_half` (half of a page handed to Kafka), `page_acked`, `checkpoint_written`.
    """

    connector: str
    agenda: Agenda
    writer: Writer
    seen: Seen
    metrics: Metrics
    at: At

    def step(self) -> float:
        """Handles the next page of the first feed that has one; returns how many seconds to wait until the next call.

        Raises WriteError when Kafka does not ack: the process must end, and the page is read again.
        """
        rest = 1.0
        for feed in self.agenda.feeds():
            began = time.monotonic()
            match feed.next():
                case Batch() as batch:
                    self._handle(feed, batch)
                    self.metrics.page_seconds.labels(self.connector).observe(time.monotonic() - began)
                    return 0.0
                case Idle(seconds):
                    rest = min(rest, seconds)
                case Finished():
                    log.info("stream_finished", connector=self.connector, stream=feed.stream)
                    self.agenda.finished(feed)
        return max(rest, 0.005)

    def _handle(self, feed: Feed, batch: Batch) -> None:
        news = [new for record in batch.records if (new := self._news(record)) is not None]
        half = len(news) // 2
        sent = list(self.writer.send(new.out for new in news[:half]))
        if half:
            self.at("page_half")
        sent += self.writer.send(new.out for new in news[half:])
        self.writer.settle(sent)
        self.at("page_acked")
        # counted when acked, and before it is remembered: what a sweep finds is what was not known until now
        self._count(feed, batch, news)
        for new in news:
            self.seen.wrote(new.name, new.id)
        feed.durable(batch)
        self.at("checkpoint_written")

    def _news(self, record: Read) -> _News | None:
        """What to write for this record; None when it is what was last written of it."""
        made = records.snapshot(self.connector, record) if isinstance(record, Dispatch) else record
        if isinstance(made, Refused):
            # by its bytes, since it may have no number
            derived = records.quarantine_id(self.connector, made)
            new = _News(made, records.quarantined(self.connector, made), f"dead/{derived}".encode(), derived)
        else:
            new = _News(record, made, made.key or b"", dict(made.headers)["ce_id"].decode())
        return None if self.seen.same(new.name, new.id) else new

    def _count(self, feed: Feed, batch: Batch, news: Sequence[_News]) -> None:
        refused = [new.shown for new in news if isinstance(new.shown, Refused)]
        written = [new.shown for new in news if isinstance(new.shown, Dispatch)]
        count = self.metrics.pulled.labels
        count(self.connector, "same").inc(len(batch.records) - len(news))
        count(self.connector, "written").inc(len(written))
        count(self.connector, "quarantined").inc(len(refused))
        for one in refused:
            self.metrics.quarantined.labels(self.connector, one.reason).inc()
            log.warning("record_quarantined", connector=self.connector, reason=one.reason, detail=one.detail)
        for dispatch in written:
            for field in dispatch.unknown:
                self.metrics.unknown_codes.labels(self.connector, field).inc()
            if feed.finds:
                self.metrics.found.labels(self.connector, self._found(dispatch)).inc()
        if news:
            log.info(
                "page_written", connector=self.connector, stream=feed.stream, read=len(batch.records),
                written=len(written), quarantined=len(refused),
            )  # fmt: skip

    def _found(self, dispatch: Dispatch) -> str:
        if dispatch.id.encode() not in self.seen:
            return "missing"
        return "withdrawn" if dispatch.status is CityStatus.WITHDRAWN else "changed"
