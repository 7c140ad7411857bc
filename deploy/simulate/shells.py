"""The awaited collaborators of the agents, on the simulated broker; what they decide is the real thing's.

The table is the real one with another way to read its log; the outbox keeps only the promise of the real one: when it
returns, the broker has every record, in order per partition. The heap of the timers lives on simulated time.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from typing_extensions import override

from deploy.simulate.awaiting import Fuse
from deploy.simulate.broker import Broker
from schemas.case import Case, decode_row
from schemas.topics import CASES
from streams.case_metrics import CaseMetrics
from streams.due import NEVER, ms_of
from streams.due_heap import DueHeap, Entry
from streams.engine import Head, Outbox, Outgoing, Table
from streams.engine.newest import Newest
from streams.engine.spool import Spool
from streams.engine.table import prefix
from streams.reading import Known
from streams.watching import Watching

Held = tuple[Case, bytes]

CACHED_ROWS: Final = 4_000


class SimulatedOutbox(Outbox):
    """Delivers batch by batch, each an await at which the worker may be struck."""

    def __init__(self, broker: Broker, fuse: Fuse) -> None:
        super().__init__({})
        self._broker, self._fuse = broker, fuse

    @override
    async def deliver(self, records: Iterable[Outgoing], *, wave: str = "outputs") -> None:
        """As the real one: on return the broker has them all."""
        batches: dict[tuple[str, int], list[Outgoing]] = {}
        for record in records:
            batches.setdefault((record.topic, record.partition), []).append(record)
        fuse = self._fuse
        for (topic, partition), batch in batches.items():
            if fuse.armed:
                await fuse.point()
            self._append(topic, partition, batch)
            if fuse.armed and fuse.ack_is_lost():
                await fuse.point()
                self._append(topic, partition, batch)
        if batches and fuse.armed:
            await fuse.point()

    def _append(self, topic: str, partition: int, batch: Iterable[Outgoing]) -> None:
        place = 0 if topic.startswith("dept.") else partition
        append = self._broker.append
        for record in batch:
            append(topic, place, record.key, record.value, record.headers)


class SimulatedTable(Table[Held]):
    """The real table over the simulated log. Reading a partition back is an await, too."""

    def __init__(self, broker: Broker, outbox: Outbox, folder: Path, fuse: Fuse, watch: Watching) -> None:
        super().__init__(CASES, {}, outbox, folder, decode=decode_row, watch=watch, cache_rows=CACHED_ROWS)
        self._broker, self._fuse, self._told = broker, fuse, watch
        self.repaired = 0
        """Stale last rows that were written again."""

    @override
    async def _load(self, partitions: list[int]) -> None:
        for partition in partitions:
            before = self._releases.get(partition, 0)
            await self._fuse.point()
            if self._releases.get(partition, 0) != before:
                continue
            newest, spool = Newest(), Spool(self._folder)
            kept = newest.feed(self._broker.rows(partition))
            spool.put((key, head.at, prefix(head), row) for key, row, head in kept)
            self._spools[partition] = spool
            self._told.loaded(partition, newest.rows())
            stale = sorted(newest.stale)
            self.repaired += len(stale)
            await self._repair(partition, stale, newest)


class ReadyKnown(Known):
    """Never waits for room: on one thread nobody would make any."""

    @override
    async def room(self, size: int) -> None:
        """Return at once."""


class SimulatedHeap(DueHeap):
    """The real heap, whose monotonic clock is the world's."""

    def __init__(self, calendar: str, seconds: Callable[[], float]) -> None:
        super().__init__(calendar)
        self._seconds = seconds
        self.unanswered: set[tuple[int, bytes]] = set()
        """What was taken out and has not been told of since."""

    @override
    def row(self, partition: int, key: bytes, due: int, was: int) -> None:
        """As the real one."""
        if due != was:
            self.unanswered.discard((partition, key))
        super().row(partition, key, due, was)

    @override
    def ask(self, partition: int, entry: Entry, now_s: float) -> None:
        """As the real one."""
        self.unanswered.add((partition, entry[1]))
        super().ask(partition, entry, self._seconds())

    @override
    def released(self, partition: int) -> None:
        """As the real one."""
        self.unanswered = {place for place in self.unanswered if place[0] != partition}
        super().released(partition)

    @override
    def take(self, partition: int, now_ms: int, most: int, now_s: float) -> list[Entry]:
        """As the real one."""
        return super().take(partition, now_ms, most, self._seconds())


class Looking(Watching):
    """The real one, which also tells the world when the timers will have something to ask."""

    def __init__(self, heap: DueHeap, metrics: CaseMetrics, wake: Callable[[int], None]) -> None:
        super().__init__(heap, metrics)
        self._wake = wake

    @override
    def row(self, partition: int, key: bytes, head: Head, was: Head | None) -> None:
        """As the real one."""
        super().row(partition, key, head, was)
        if head.due != NEVER:
            self._wake(ms_of(head.due))

    @override
    def loaded(self, partition: int, heads: Mapping[bytes, Head]) -> None:
        """As the real one."""
        super().loaded(partition, heads)
        for head in heads.values():
            if head.due != NEVER:
                self._wake(ms_of(head.due))
        self._wake(0)
