"""The cases in which something will be due, partition by partition: in memory only, rebuilt from the rows.

One entry per case counts: the one that its newest row made. Those that a newer row has overtaken stay until they come
up, and are recognised then; whoever takes entries out asks the row.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from typing import Final

from streams.due import NEVER, RANK, calendar_bits, calendar_of, rank_of

ASKED_AT_ONCE: Final = 400
"""Questions of one partition on their way at a time. What comes after them in the inbox waits for no more than these:
a tenth of the longest run."""

AGAIN_SECONDS: Final = 30.0
"""A question without an answer for so long is asked again."""

Entry = tuple[int, bytes]
"""(due, key), ordered by due."""


class Partition:
    """The entries of one partition."""

    def __init__(self) -> None:
        self.heaps: tuple[list[Entry], ...] = tuple([] for _ in RANK)
        self.recount: deque[Entry] = deque()
        """Cases whose clocks were computed by another calendar."""
        self.asked: OrderedDict[bytes, tuple[int, float]] = OrderedDict()


class DueHeap:
    """Told of every row; asked by the timers."""

    def __init__(self, calendar: str) -> None:
        """`calendar`: the version that clocks are computed by now."""
        self._bits = calendar_bits(calendar)
        self._partitions: dict[int, Partition] = {}

    def loaded(self, partition: int, dues: Iterable[Entry]) -> None:
        """The partition is ours, with these rows: each due, or `NEVER`, and its key."""
        there = self._partitions[partition] = Partition()
        heaps, recount, bits = there.heaps, there.recount, self._bits
        for entry in dues:
            if (due := entry[0]) != NEVER:
                (heaps[rank_of(due)] if calendar_of(due) == bits else recount).append(entry)
        for heap in there.heaps:
            heapify(heap)

    def row(self, partition: int, key: bytes, due: int, was: int) -> None:
        """The row of `key` is due then, or never; `was`: before. Where that has changed, what was asked is answered."""
        there = self._partitions.get(partition)
        if due == was or there is None:
            return
        there.asked.pop(key, None)
        if due != NEVER:
            self._put(there, (due, key))

    def released(self, partition: int) -> None:
        """The partition is no longer ours."""
        self._partitions.pop(partition, None)

    def pending(self) -> int:
        """Entries of all partitions, overtaken ones included."""
        return sum(sum(map(len, there.heaps)) + len(there.recount) for there in list(self._partitions.values()))

    def ready(self) -> list[int]:
        """The partitions of which all is known."""
        return list(self._partitions)

    def take(self, partition: int, now_ms: int, most: int, now_s: float) -> list[Entry]:
        """At most `most` entries that are due or want another calendar, the most urgent first; out they are.

        The caller compares each with the row: an overtaken one is dropped, and one that is asked is told to `ask`.
        `now_s`: a monotonic clock.
        """
        there = self._partitions.get(partition)
        if there is None:
            return []
        self._again(there, now_s)
        room = min(most, ASKED_AT_ONCE - len(there.asked))
        limit = (now_ms + 1) << 18
        taken: list[Entry] = []
        for heap in there.heaps:
            while heap and len(taken) < room and heap[0][0] < limit:
                taken.append(heappop(heap))
        while there.recount and len(taken) < room:
            taken.append(there.recount.popleft())
        return taken

    def ask(self, partition: int, entry: Entry, now_s: float) -> None:
        """The entry stands, and its question is on its way."""
        due, key = entry
        self._partitions[partition].asked[key] = due, now_s

    def _again(self, there: Partition, now_s: float) -> None:
        while there.asked:
            key, (due, since) = next(iter(there.asked.items()))
            if now_s - since < AGAIN_SECONDS:
                return
            del there.asked[key]
            self._put(there, (due, key))

    def _put(self, there: Partition, entry: Entry) -> None:
        due = entry[0]
        if calendar_of(due) == self._bits:
            heappush(there.heaps[rank_of(due)], entry)
        else:
            there.recount.append(entry)
