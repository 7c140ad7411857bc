"""Which record of a key counts: the one made from the highest offset, not the last in the log.

A worker that was stopped past its session and resumed may still write an old row after a newer one. Each row says in
its header `at` which input offset it was made from, so such a row is recognised without decoding anything.
"""

from collections.abc import Iterable
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

    due: int
    """When it wants to be looked at, in the writer's own measure; 0 when it does not."""
    tag: bytes
    """A short description; empty where it has none."""


NO_HEAD: Final = Head(0, b"")


def read(record: Record) -> tuple[int, int, bytes]:
    """The input offset the row was made from, its due and its tag. Raises UnreadableRowError."""
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
        self.at: dict[bytes, int] = {}
        self.gone: set[bytes] = set()
        """Keys whose newest record is a tombstone."""
        self.stale: set[bytes] = set()
        """Keys whose last record in the log is not the newest one."""
        self._tags: dict[bytes, bytes] = {}
        """Equal tags are one object: a million rows have a few thousand."""

    def feed(self, records: Iterable[Record]) -> list[tuple[bytes, int, bytes, Head]]:
        """Rows that count so far, in order, each with its key and `at`; of one key only the last of them.

        Raises UnreadableRowError.
        """
        kept: dict[bytes, tuple[bytes, int, bytes, Head]] = {}
        known_at, stale, gone, tags = self.at, self.stale, self.gone, self._tags
        for record in records:
            key, row, (at, due, tag) = record.key, record.value, read(record)
            known = known_at.get(key, -1)
            # A tombstone is made from the row it removes, so at the same offset it is the newer one.
            if at < known or (at == known and key in gone and row is not None):
                stale.add(key)
                continue
            known_at[key] = at
            if stale:
                stale.discard(key)
            if row is None:
                gone.add(key)
                kept.pop(key, None)
            else:
                if gone:
                    gone.discard(key)
                kept[key] = key, at, row, Head(due, tags.setdefault(tag, tag))
        return list(kept.values())
