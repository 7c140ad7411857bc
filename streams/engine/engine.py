"""Engine: the parts of one worker, wired: app, outbox, tables, watchdog, readiness."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, Final, TypeVar

import structlog
from aiokafka.errors import KafkaError
from faust.exceptions import ConsumerNotStarted
from faust.types import TP

from streams.engine import watchdog
from streams.engine.agents import Handle, Start, attach, every, guarded
from streams.engine.app import make_app
from streams.engine.crash import At, no_op
from streams.engine.outbox import BATCH_BYTES, Compression, Outbox
from streams.engine.progress import TopicPartition
from streams.engine.table import CACHE_ROWS, Table, Watch
from streams.engine.topics import MissingTopicsError, missing
from streams.engine.worker import STOP_SECONDS, run_worker

AUDIT_SECONDS: Final = 1800.0
"""Less than the `min.compaction.lag.ms` of a table's topic (an hour), or compaction comes before the repair."""

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Engine:
    """One worker of consumer group `name`. Attach agents and tables, then `run`."""

    def __init__(
        self,
        name: str,
        kafka: Mapping[str, Any],
        *,
        worker: str,
        folder: Path,
        at: At = no_op,
        compression: Compression | None = None,
        batch_bytes: int = BATCH_BYTES,
        watchdog_seconds: float = watchdog.LIMIT_SECONDS,
        **settings: Any,
    ) -> None:
        """`kafka`, `worker`, `folder`, `settings` as for `make_app`. Raises UnsupportedError."""
        self._kafka, self._folder, self._watchdog_seconds = kafka, folder, watchdog_seconds
        self.app = make_app(name, kafka, worker=worker, folder=folder, at=at, **settings)
        self.outbox = Outbox(
            kafka, compression=compression, batch_bytes=batch_bytes, client_id=f"{name}-{worker}-outbox", at=at
        )
        self.progress = self.app.progress
        self._tables: list[tuple[str, Table[Any]]] = []

    def agent(self, topics: Sequence[str], handle: Handle, *, name: str) -> None:
        """Give the runs of `topics` to `handle`; see `agents.attach`."""
        attach(self.app, topics, handle, name=name, start=self.outbox.start)

    def every(self, seconds: float, body: Start, *, name: str) -> None:
        """Call `body` each `seconds`, once the outbox is connected; see `agents.every`."""

        async def connected() -> None:
            await self.outbox.start()
            await body()

        every(self.app, seconds, connected, name=name)

    def table(
        self,
        topic: str,
        *,
        source: str,
        decode: Callable[[bytes], T],
        watch: Watch | None = None,
        cache_rows: int = CACHE_ROWS,
        audit_seconds: float = AUDIT_SECONDS,
    ) -> Table[T]:
        """A table co-partitioned with `source`: dropped and read back with its partitions, audited regularly."""
        table: Table[T] = Table(
            topic, self._kafka, self.outbox, self._folder, decode=decode, watch=watch, cache_rows=cache_rows
        )
        self._tables.append((source, table))

        async def revoked(_: Any, partitions: Any, **__: Any) -> None:
            table.release([place.partition for place in partitions if place.topic == source])

        async def audit() -> None:
            for partition in sorted(p for p in self.partitions(source) if table.ready(p)):
                try:
                    await table.audit(partition)
                except KafkaError as problem:
                    log.warning("table_audit_skipped", topic=topic, partition=partition, error=repr(problem))

        async def warm() -> None:
            await self.outbox.start()
            await table.ensure(*self.partitions(source))

        async def assigned(_: Any, partitions: Any, **__: Any) -> None:
            self.app.add_future(guarded(f"warm-{topic}", warm))

        self.app.on_partitions_assigned.connect(assigned, weak=False)  # type: ignore[arg-type]
        self.app.on_partitions_revoked.connect(revoked, weak=False)  # type: ignore[arg-type]
        self.every(audit_seconds, audit, name=f"audit-{topic}")
        return table

    def partitions(self, topic: str) -> set[int]:
        """Of `topic`, those that are ours now."""
        return {partition for name, partition in self._assigned() if name == topic}

    def lag(self) -> dict[TopicPartition, int]:
        """Records not acked, for each partition of ours of which the end is known."""
        found = {}
        for place in self._assigned():
            try:
                end = self.app.consumer.highwater(TP(*place))
            except (AssertionError, AttributeError):
                continue  # revoked between the two questions
            position = self.progress.acked.get(place, self.progress.committed.get(place))
            if end is not None:
                found[place] = max(0, end - (position or 0))
        return found

    def unready(self) -> str:
        """Why the worker is not ready; empty when it is."""
        if not self._assigned() or self.app.rebalancing:
            return "no partitions assigned yet"
        if self.outbox.waiting:
            return f"waiting for {self.outbox.waiting}"
        for source, table in self._tables:
            if not all(table.ready(partition) for partition in self.partitions(source)):
                return f"reading back {table.topic}"
        return ""

    def run(self, topics: Sequence[str] = (), *, stop_seconds: float = STOP_SECONDS) -> int:
        """Run until a signal; answers 0. Raises MissingTopicsError before anything is consumed; else dies with 70."""
        if absent := asyncio.run(missing(self._kafka, topics)):
            raise MissingTopicsError(absent)
        stop = watchdog.start(self._sight, limit_seconds=self._watchdog_seconds)
        try:
            return run_worker(self.app, stop_seconds=stop_seconds)
        finally:
            stop()

    def _assigned(self) -> set[TopicPartition]:
        # `app.consumer` makes one where there is none yet: not for a health check in another thread to do.
        consumer = self.app._consumer
        if consumer is None:
            return set()
        try:
            return {(place.topic, place.partition) for place in consumer.assignment()}
        except ConsumerNotStarted:
            return set()

    def _sight(self) -> watchdog.Sight:
        # A rebalance is no excuse: it waits for the run in work, and a hung one would make it wait for ever.
        waits = bool(self.outbox.waiting) or any(table.loading for _, table in self._tables)
        return watchdog.Sight(monotonic(), self.progress.runs, sum(self.lag().values()), waits)
