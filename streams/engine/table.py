"""The case table's mechanics: rows in a compacted topic of ours, read back when a partition becomes ours.

Memory follows the log and never leads it: a row counts when the broker has it. A row carries in its header `at` the
input offset it was made from. The highest `at` wins; a stale last row is repaired by writing the right one again.
"""

import asyncio
import struct
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

import structlog

from streams.engine.newest import AT, DUE, TAG, Head, Newest
from streams.engine.outbox import Outbox, Outgoing
from streams.engine.readback import read_back
from streams.engine.spool import Spool

log = structlog.get_logger(__name__)

CACHE_ROWS: Final = 20_000

HEAD: Final = struct.Struct(">QH")
"""In the spool a row is preceded by its due and its tag's length, then the tag: a repair writes it again as it was."""

T = TypeVar("T")


class Row(NamedTuple):
    """A row to write: `at` is the offset of the input record it was made from, `decoded` what `value` decodes to.

    `due` and `tag` travel as headers and mean nothing to the table: when the row wants to be looked at, and a short
    description of it, at most 64 KB.
    """

    key: bytes
    at: int
    value: bytes
    due: int = 0
    tag: bytes = b""
    decoded: Any = None


class Watch(Protocol):
    """Is told of every row that is ours, without reading any."""

    def loaded(self, partition: int, heads: Mapping[bytes, Head]) -> None:
        """The partition is here, with these rows."""

    def row(self, partition: int, key: bytes, head: Head, was: Head | None) -> None:
        """A row has changed; `was`: its head before, None where it is new."""

    def released(self, partition: int) -> None:
        """The partition is no longer ours."""


class Audit(NamedTuple):
    """What an audit of one partition found: rows in the log, and last rows that were wrong and are now repaired."""

    rows: int
    repaired: int


class Table(Generic[T]):
    """Rows of the partitions that are ours. Used by one event loop, written by one agent."""

    def __init__(
        self,
        topic: str,
        kafka: Mapping[str, Any],
        outbox: Outbox,
        folder: Path,
        *,
        decode: Callable[[bytes], T],
        watch: Watch | None = None,
        cache_rows: int = CACHE_ROWS,
    ) -> None:
        self.topic = topic
        self._kafka, self._outbox, self._folder = kafka, outbox, folder
        self._decode, self._watch = decode, watch
        self._spools: dict[int, Spool] = {}
        self._locks: dict[int, asyncio.Lock] = {}
        self._releases: dict[int, int] = {}
        self._decoded: OrderedDict[bytes, T] = OrderedDict()
        self._cache_rows = cache_rows
        self.loading = False

    async def ensure(self, *partitions: int) -> None:
        """Return when the rows of `partitions` are here; reads them back, all at once, where they are not.

        A partition that was released while it was being read stays absent: it is no longer ours.
        """
        locks = [self._lock(partition) for partition in sorted(set(partitions) - self._spools.keys())]
        for lock in locks:
            await lock.acquire()
        try:
            absent = sorted(set(partitions) - self._spools.keys())
            if absent:
                await self._load(absent)
        finally:
            for lock in locks:
                lock.release()

    def row(self, partition: int, key: bytes) -> T | None:
        """The decoded row, or None. The same object may be given again: it must be immutable."""
        decoded = self._decoded.get(key)
        if decoded is not None:
            self._decoded.move_to_end(key)
            return decoded
        value = self.get(partition, key)
        if value is None:
            return None
        decoded = self._decode(value)
        self._remember(key, decoded)
        return decoded

    def get(self, partition: int, key: bytes) -> bytes | None:
        """The row's bytes, or None. Raises KeyError when the partition is not here."""
        kept = self._spools[partition].get(key)
        return None if kept is None else kept[_start(kept) :]

    def due(self, partition: int, key: bytes) -> int:
        """What the row says of when it wants to be looked at; 0 where there is none."""
        kept = self._spools[partition].get(key)
        return 0 if kept is None else int(HEAD.unpack_from(kept)[0])

    def at(self, partition: int, key: bytes) -> int:
        """The input offset the row was made from; -1 when there is no row."""
        return self._spools[partition].at(key)

    def keys(self, partition: int) -> Iterator[bytes]:
        """Of all rows of the partition."""
        return iter(self._spools[partition])

    def count(self) -> int:
        """Rows here, over all partitions."""
        return sum(len(spool) for spool in self._spools.values())

    def ready(self, partition: int) -> bool:
        """Whether its rows are here."""
        return partition in self._spools

    async def write(self, partition: int, rows: Sequence[Row]) -> None:
        """Wave 2: deliver the rows, then apply them. At most one row a key. Call it after the outputs are delivered."""
        if rows:
            async with self._lock(partition):
                await self._outbox.deliver([self._outgoing(partition, row) for row in rows], wave="rows")
                self.apply(partition, rows)

    def apply(self, partition: int, rows: Sequence[Row]) -> None:
        """Take over rows that the broker has."""
        spool, watch = self._spools[partition], self._watch
        before = [] if watch is None else [_head(spool.at(row.key), spool.get(row.key)) for row in rows]
        heads = [Head(row.at, row.due, row.tag) for row in rows]
        spool.put((row.key, row.at, prefix(head), row.value) for row, head in zip(rows, heads, strict=True))
        for row in rows:
            if row.decoded is None:
                self._decoded.pop(row.key, None)
            else:
                self._remember(row.key, row.decoded)
        if watch is not None:
            for row, head, was in zip(rows, heads, before, strict=True):
                watch.row(partition, row.key, head, was)

    async def forget(self, partition: int, keys: Iterable[bytes], *, committed: int) -> int:
        """Remove rows for good; answers how many. `committed` is the input offset the broker is known to have.

        A row whose input offset is not committed stays: a replay would not find it and open the case again. Call it
        from the agent that writes the table, so that no run of the partition is in work.
        """
        async with self._lock(partition):
            spool = self._spools[partition]
            going = [(key, at) for key in dict.fromkeys(keys) if 0 <= (at := spool.at(key)) < committed]
            await self._outbox.deliver([self._tombstone(partition, key, at) for key, at in going], wave="rows")
            for key, _ in going:
                spool.drop(key)
                self._decoded.pop(key, None)
        return len(going)

    async def audit(self, partition: int) -> Audit:
        """Read the partition's log again and repair last rows that are older than ours.

        Finds what a dead worker's last packets wrote after the partition was read back, before compaction makes the
        stale row the only one.
        """
        newest = Newest()

        async def take(_: int, records: list[Any]) -> None:
            newest.feed(records)

        await read_back(self._kafka, self.topic, [partition], take)
        async with self._lock(partition):
            spool = self._spools.get(partition)
            if spool is None:
                return Audit(len(newest.heads), 0)
            stale = [
                key for key in newest.stale if spool.at(key) == (-1 if key in newest.gone else newest.heads[key].at)
            ]
            await self._repair(partition, stale, newest)
        log.info("table_audited", topic=self.topic, partition=partition, rows=len(newest.heads), repaired=len(stale))
        return Audit(len(newest.heads), len(stale))

    def release(self, partitions: Iterable[int]) -> None:
        """The partitions went to somebody else: drop their rows."""
        for partition in partitions:
            self._releases[partition] = self._releases.get(partition, 0) + 1
            if (spool := self._spools.pop(partition, None)) is not None:
                spool.close()
                if self._watch is not None:
                    self._watch.released(partition)
        self._decoded.clear()

    async def _load(self, partitions: list[int]) -> None:
        started = monotonic()
        spools = {partition: Spool(self._folder) for partition in partitions}
        newest = {partition: Newest() for partition in partitions}

        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        written.set_result(None)

        async def take(partition: int, records: list[Any]) -> None:
            nonlocal written
            kept = newest[partition].feed(records)
            write = spools[partition].place((key, head.at, prefix(head), row) for key, row, head in kept)
            # The disk works on one chunk while the next one is unpacked.
            await written
            written = asyncio.get_running_loop().run_in_executor(None, write)

        before = {partition: self._releases.get(partition, 0) for partition in partitions}
        self.loading = True
        try:
            await read_back(self._kafka, self.topic, partitions, take)
            await written
        finally:
            self.loading = False
        for partition, spool in spools.items():
            if self._releases.get(partition, 0) != before[partition]:
                spool.close()
                continue
            for key in newest[partition].gone:
                spool.drop(key)
            spool.compact()
            self._spools[partition] = spool
            if self._watch is not None:
                # Before anything is awaited: the partition could be gone by then, and its release told already.
                self._watch.loaded(partition, newest[partition].rows())
            stale = sorted(newest[partition].stale)
            await self._repair(partition, stale, newest.pop(partition))
            log.info(
                "table_read_back",
                topic=self.topic,
                partition=partition,
                rows=len(spool),
                repaired=len(stale),
                seconds=round(monotonic() - started, 2),
            )

    async def _repair(self, partition: int, stale: Iterable[bytes], newest: Newest) -> None:
        spool = self._spools[partition]
        again = []
        for key in stale:
            kept = spool.get(key)
            if kept is None:
                again.append(self._tombstone(partition, key, newest.heads[key].at))
            else:
                due, length = HEAD.unpack_from(kept)
                start = HEAD.size + length
                row = Row(key, spool.at(key), kept[start:], due, kept[HEAD.size : start])
                again.append(self._outgoing(partition, row))
        await self._outbox.deliver(again, wave="rows")

    def _outgoing(self, partition: int, row: Row) -> Outgoing:
        headers = [(AT, b"%d" % row.at)]
        if row.due:
            headers.append((DUE, b"%d" % row.due))
        if row.tag:
            headers.append((TAG, row.tag))
        return Outgoing(self.topic, partition, row.key, row.value, headers)

    def _tombstone(self, partition: int, key: bytes, at: int) -> Outgoing:
        return Outgoing(self.topic, partition, key, None, [(AT, b"%d" % at)])

    def _remember(self, key: bytes, decoded: T) -> None:
        self._decoded[key] = decoded
        self._decoded.move_to_end(key)
        if len(self._decoded) > self._cache_rows:
            self._decoded.popitem(last=False)

    def _lock(self, partition: int) -> asyncio.Lock:
        return self._locks.setdefault(partition, asyncio.Lock())


def prefix(head: Head) -> bytes:
    """What precedes a row in the spool."""
    _, due, tag = head
    return HEAD.pack(due, len(tag)) + tag


def _start(kept: bytes) -> int:
    """Where the row begins."""
    return HEAD.size + int(HEAD.unpack_from(kept)[1])


def _head(at: int, kept: bytes | None) -> Head | None:
    return None if kept is None else Head(at, HEAD.unpack_from(kept)[0], kept[HEAD.size : _start(kept)])
