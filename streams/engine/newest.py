"""Which record of a key counts: the one made from the highest offset, not the last in the log.

A worker that was stopped past its session and resumed may still write an old row after a newer one. Each row says in
its header `at` which input offset it was made from, so such a row is recognised without decoding anything.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

AT: Final = "at"
DUE: Final = "due"
TAG: Final = "tag"

Record = Any
"""aiokafka ConsumerRecord: partition, offset, key, value, headers."""


class UnreadableRowError(ValueError):
    """A record of the topic is not a row of ours. Names topic, partition and offset, never the key."""


def at_of(record: Record) -> int:
    """The input offset the row was made from. Raises UnreadableRowError."""
    for name, value in record.headers:
        if name == AT and value is not None and value.isdigit():
            return int(value)
    raise UnreadableRowError(f"{record.topic}/{record.partition}/{record.offset} carries no header '{AT}'")


class Head(NamedTuple):
    """What a row's writer says of it, for who watches rows and reads none."""

    due: int
    """When it wants to be looked at, in the writer's own measure; 0 when it does not."""
    tag: bytes
    """A short description; empty where it has none."""


NO_HEAD: Final = Head(0, b"")


def head_of(headers: Sequence[tuple[str, bytes | None]]) -> Head:
    """Due and tag of a row."""
    if len(headers) < 2:  # `at` alone
        return NO_HEAD
    due, tag = 0, b""
    for name, value in headers:
        if value is None:
            continue
        if name == TAG:
            tag = value
        elif name == DUE and value.isdigit():
            due = int(value)
    return Head(due, tag)


class Newest:
    """Fed with the records of a partition in log order, tells which count and which keys end in a stale one."""

    def __init__(self) -> None:
        self.at: dict[bytes, int] = {}
        self.gone: set[bytes] = set()
        """Keys whose newest record is a tombstone."""
        self.stale: set[bytes] = set()
        """Keys whose last record in the log is not the newest one."""

    def feed(self, records: Iterable[Record]) -> list[tuple[bytes, int, bytes, Record]]:
        """Records that count so far, in order; of one key only the last of them. Raises UnreadableRowError."""
        kept: dict[bytes, tuple[bytes, int, bytes, Record]] = {}
        known_at, stale, gone = self.at, self.stale, self.gone
        for record in records:
            key, at = record.key, at_of(record)
            known = known_at.get(key, -1)
            # A tombstone is made from the row it removes, so at the same offset it is the newer one.
            if at < known or (at == known and key in gone and record.value is not None):
                stale.add(key)
                continue
            known_at[key] = at
            if stale:
                stale.discard(key)
            if record.value is None:
                gone.add(key)
                kept.pop(key, None)
            else:
                if gone:
                    gone.discard(key)
                kept[key] = (key, at, record.value, record)
        return list(kept.values())
