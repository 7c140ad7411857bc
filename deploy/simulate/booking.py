"""The books over the simulated year: they take every record as it is appended, as they would read it from Kafka."""

from collections import defaultdict
from typing import Final

from deploy.books import Books
from deploy.books.audit import balance
from deploy.books.ground import Ground
from deploy.books.sorting import Sorter
from schemas.topics import CASES, PARTITIONS
from streams.records import Record

CHUNK: Final = 2_000


class Booking:
    """One world's books, on an empty ground."""

    def __init__(self, ground: Ground) -> None:
        self._ground, self._sorter = ground, Sorter(ground)
        self._waiting: defaultdict[str, list[Record]] = defaultdict(list)

    def take(self, record: Record) -> None:
        """The next record of its partition."""
        waiting = self._waiting[record.topic]
        waiting.append(record)
        if len(waiting) == CHUNK:
            self._sorter.take(record.topic, waiting)
            waiting.clear()

    def balance(self) -> Books:
        """What they say, when nothing is on its way any more."""
        for topic, records in self._waiting.items():
            self._sorter.take(topic, records)
        for partition in range(PARTITIONS):
            self._sorter.finish(CASES, partition)
        return balance(self._ground, city=False, expected=False)
