"""One lane for each dispatch: its feedback goes one after another, and a lane that waits blocks no other. Pure.

Also knows how far each partition may be committed: below its oldest feedback that is not finished.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Item(Generic[T]):
    """One feedback under way. Times are monotonic seconds."""

    key: bytes
    partition: int
    offset: int
    what: T
    rank: int
    """The lowest goes first among those that are ready."""
    since: float
    not_before: float = 0.0
    attempts: int = 0
    unknown: bool = False
    """An answer was lost: ask before sending again."""
    busy: bool = False


@dataclass(slots=True)
class _Partition:
    unfinished: set[int] = field(default_factory=set)
    next: int | None = None
    """The offset after the last one read."""


class Lanes(Generic[T]):
    """Bounded by whoever adds: look at `len` first."""

    def __init__(self) -> None:
        self._lanes: dict[bytes, deque[Item[T]]] = {}
        self._partitions: dict[int, _Partition] = {}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, item: Item[T]) -> None:
        """Behind what its lane has."""
        self._lanes.setdefault(item.key, deque()).append(item)
        self._partition(item).unfinished.add(item.offset)
        self._size += 1

    def passed(self, partition: int, offset: int) -> None:
        """A record that needs nothing done."""
        known = self._partitions.setdefault(partition, _Partition())
        known.next = offset + 1

    def _partition(self, item: Item[T]) -> _Partition:
        known = self._partitions.setdefault(item.partition, _Partition())
        known.next = item.offset + 1
        return known

    def ready(self, now: float, most: int) -> list[Item[T]]:
        """Up to `most` items to start now, marked busy: each is the first of its lane."""
        heads = [lane[0] for lane in self._lanes.values() if not lane[0].busy and lane[0].not_before <= now]
        chosen = sorted(heads, key=lambda item: (item.rank, item.since))[: max(most, 0)]
        for item in chosen:
            item.busy = True
        return chosen

    def next_at(self) -> float | None:
        """When the first waiting lane is ready; None when no lane waits."""
        return min((lane[0].not_before for lane in self._lanes.values() if not lane[0].busy), default=None)

    def later(self, item: Item[T], not_before: float, *, unknown: bool) -> None:
        """It failed; it stays first of its lane."""
        item.busy = False
        item.not_before = not_before
        item.unknown = item.unknown or unknown

    def finish(self, item: Item[T]) -> None:
        """It is done with: the next of its lane may go."""
        lane = self._lanes[item.key]
        assert lane[0] is item
        lane.popleft()
        if not lane:
            del self._lanes[item.key]
        self._partitions[item.partition].unfinished.discard(item.offset)
        self._size -= 1

    def committable(self) -> dict[int, int]:
        """Partition -> the offset to read from after a restart."""
        found = {}
        for number, partition in self._partitions.items():
            if partition.next is not None:
                found[number] = min(partition.unfinished, default=partition.next)
        return found

    def oldest(self) -> float | None:
        """Since when the oldest unfinished item is here; None when there is none."""
        return min((lane[0].since for lane in self._lanes.values()), default=None)

    def items(self) -> Iterable[Item[T]]:
        """All, in no order."""
        for lane in self._lanes.values():
            yield from lane
