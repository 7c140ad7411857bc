"""Which record of a key counts: the one made from the highest offset, not the last in the log.

A worker that was stopped past its session and resumed may still write an old row after a newer one. Each row says in
its header `at` which input offset it was made from, so such a row is recognised without decoding anything.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

AT: Final = "at"
DUE: Final = "due"
TAG: Final = "tag"

Record = Any
"""aiokafka ConsumerRecord: partition, offset, key, value, headers."""


class UnreadableRowError(ValueError):
    """A record of the topic is not a row of ours. Names topic, partition and offset, never the key."""


class Head(NamedTuple):
    """What a row's writer says of it, for who watches rows and reads none."""

    at: int
    """The input offset the row was made from."""
    due: int
    """When it wants to be looked at, in the writer's own measure; 0 when it does not."""
    tag: bytes
    """A short description; empty where it has none."""


def read(record: Record) -> tuple[int, int, bytes]:
    """The fields of its head. Raises UnreadableRowError."""
    at, due, tag = -1, 0, b""
    for name, value in record.headers:
        if value is None:
            continue
        if name == TAG:
            tag = value
        elif value.isdigit():
            if name == DUE:
                due = int(value)
            elif name == AT and at < 0:
                at = int(value)
    if at < 0:
        raise UnreadableRowError(f"{record.topic}/{record.partition}/{record.offset} carries no header '{AT}'")
    return at, due, tag


class Newest:
    """Fed with the records of a partition in log order, tells which count and which keys end in a stale one."""

    def __init__(self) -> None:
        self.heads: dict[bytes, Head] = {}
        """Of the newest record of each key, tombstones included."""
        self.gone: set[bytes] = set()
        """Keys whose newest record is a tombstone."""
        self.stale: set[bytes] = set()
        """Keys whose last record in the log is not the newest one."""
        self._tags: dict[bytes, bytes] = {}
        """Equal tags are one object: a million rows have a few thousand."""

    def rows(self) -> Mapping[bytes, Head]:
        """The heads of the keys that have a row."""
        gone = self.gone
        return {key: head for key, head in self.heads.items() if key not in gone} if gone else self.heads

    def feed(self, records: Iterable[Record]) -> list[tuple[bytes, bytes, Head]]:
        """Rows that count so far, in order, each with its key and head; of one key only the last of them.

        Raises UnreadableRowError.
        """
        kept: dict[bytes, tuple[bytes, bytes, Head]] = {}
        heads, stale, gone, tags = self.heads, self.stale, self.gone, self._tags
        for record in records:
            key, row, (at, due, tag) = record.key, record.value, read(record)
            known = heads.get(key)
            # A tombstone is made from the row it removes, so at the same offset it is the newer one.
            if known is not None and (at < known.at or (at == known.at and key in gone and row is not None)):
                stale.add(key)
                continue
            head = heads[key] = Head(at, due, tags.setdefault(tag, tag))
            if stale:
                stale.discard(key)
            if row is None:
                gone.add(key)
                kept.pop(key, None)
            else:
                if gone:
                    gone.discard(key)
                kept[key] = key, row, head
        return list(kept.values())
