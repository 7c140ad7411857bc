"""Records of any topic -> the tables they belong to; what cannot be read, or lies where it should not, is a stray."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final
from zlib import crc32

from deploy.books.entries import reader_of
from deploy.books.ground import Ground
from deploy.books.raw import Line, Record, UnreadableError, key_of
from deploy.books.rows import Row, line, newer
from schemas import topics

_KEYED: Final = frozenset({topics.CITY, topics.INBOX, topics.JOURNAL, topics.FEEDBACK})


def wanted(topic: str) -> bool:
    """Whether the topic says anything about what must balance."""
    return topic == topics.CASES or reader_of(topic) is not None


class Sorter:
    """Takes records in log order, partition by partition; keeps only the newest row of each open partition's keys."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._rows: dict[int, dict[str, Row]] = defaultdict(dict)

    def take(self, topic: str, records: Iterable[Record]) -> None:
        """The next records of one partition of `topic`."""
        if topic == topics.CASES:
            self._take_rows(records)
        elif found := reader_of(topic):
            self._take(topic, *found, records)

    def finish(self, topic: str, partition: int) -> None:
        """There are no more records of this partition."""
        if topic != topics.CASES:
            return
        lines: list[Line] = []
        for key, row in self._rows.pop(partition, {}).items():
            try:
                lines.append(line(partition, key, row))
            except UnreadableError:
                self._stray(topic, partition, row.highest, key, "unreadable")
        self._ground.add("line", lines)

    def _take(self, topic: str, table: str, read: Callable[[Record], Line], records: Iterable[Record]) -> None:
        lines: list[Line] = []
        for record in records:
            try:
                lines.append(read(record))
            except UnreadableError:
                self._stray(topic, record.partition, record.offset, key_of(record), "unreadable")
            if topic in _KEYED and crc32(record.key or b"") % topics.PARTITIONS != record.partition:
                self._stray(topic, record.partition, record.offset, key_of(record), "partition")
        self._ground.add(table, lines)

    def _take_rows(self, records: Iterable[Record]) -> None:
        for record in records:
            rows, key = self._rows[record.partition], key_of(record)
            try:
                rows[key] = newer(rows.get(key), record)
            except UnreadableError:
                self._stray(topics.CASES, record.partition, record.offset, key, "unreadable")

    def _stray(self, topic: str, partition: int, offset: int, key: str, why: str) -> None:
        self._ground.add("stray", [(topic, partition, offset, key, why)])
