"""What looks on while the case table changes: the timers' heap and the business metrics."""

import gc
from collections import Counter
from collections.abc import Mapping

from streams.case_metrics import CaseMetrics
from streams.due import NEVER
from streams.due_heap import DueHeap
from streams.engine import Head


class Watching:
    """Passes on what the table tells (`streams.engine.Watch`)."""

    def __init__(self, heap: DueHeap, metrics: CaseMetrics) -> None:
        self._heap, self._metrics = heap, metrics

    def loaded(self, partition: int, heads: Mapping[bytes, Head]) -> None:
        """From now on the timers ask, and a scrape shows the partition."""
        self._heap.loaded(partition, ((head.due, key) for key, head in heads.items()))
        self._metrics.serve(partition, Counter(head.tag for head in heads.values()))
        # What was read back stays: looking through a million entries for cycles stops the loop for half a second.
        gc.freeze()

    def row(self, partition: int, key: bytes, head: Head, was: Head | None) -> None:
        """To both."""
        self._heap.row(partition, key, head.due, NEVER if was is None else was.due)
        self._metrics.add(partition, None if was is None else was.tag, head.tag)

    def released(self, partition: int) -> None:
        """To both."""
        self._heap.released(partition)
        self._metrics.drop(partition)
