"""Simulated Kafka: partitions as lists in memory, committed offsets, and who is told of a new record.

What agents read is kept until it is committed. The table's topic keeps of each key its last few records, as a
compacted one does. What nobody of ours reads back is handed on at once and not kept.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Final

from schemas.topics import CASES, CITY, INBOX
from streams.records import Record

Place = tuple[str, int]
"""Topic and partition."""

KEPT_ROWS: Final = 3
"""Records of one key that compaction has not reached yet."""


DEPARTMENTS: Final = "dept"
"""In `Broker.readers`: every topic that a department reads."""


class Kind(Enum):
    """What becomes of the records of a topic."""

    ROWS = "rows"
    READ = "read"
    DEPARTMENT = "department"
    OUT = "out"


class Log:
    """One partition that agents read."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.first = 0
        """Offset of `records[0]`."""

    @property
    def end(self) -> int:
        """The offset that the next record gets."""
        return self.first + len(self.records)


class Broker:
    """All partitions. `now`: the broker's clock, in milliseconds since 1970."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self.logs: defaultdict[Place, Log] = defaultdict(Log)
        self.committed: defaultdict[Place, int] = defaultdict(int)
        self._rows: defaultdict[int, dict[bytes, list[Record]]] = defaultdict(dict)
        self._ends: defaultdict[Place, int] = defaultdict(int)
        self.told: Callable[[Place], None] = _nobody
        """Is told that a partition which agents read has grown."""
        self.readers: dict[str, Callable[[Record], None]] = {}
        """Topic, or `DEPARTMENTS` -> who reads it besides the agents, at once."""
        self.heard: Callable[[Record], None] = _nobody
        """Is given every record, of whatever topic."""
        self._kinds: dict[str, Kind] = {}
        self.appended = 0

    def append(
        self, topic: str, partition: int, key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes]]
    ) -> None:
        """One record to the end of a partition."""
        self.appended += 1
        place = topic, partition
        offset = self._ends[place]
        self._ends[place] = offset + 1
        record = Record(topic, partition, offset, key, value, headers, self._now())
        self.heard(record)
        kind = self._kinds.get(topic) or self._kind(topic)
        if kind is Kind.ROWS:
            kept = self._rows[partition].setdefault(key or b"", [])
            kept.append(record)
            del kept[:-KEPT_ROWS]
            return
        if kind is Kind.READ:
            self.logs[place].records.append(record)
            self.told(place)
        if reader := self.readers.get(DEPARTMENTS if kind is Kind.DEPARTMENT else topic):
            reader(record)

    def _kind(self, topic: str) -> "Kind":
        if topic == CASES:
            kind = Kind.ROWS
        elif topic in {CITY, INBOX} or topic.endswith(".reports"):
            kind = Kind.READ
        else:
            kind = Kind.DEPARTMENT if topic.startswith("dept.") else Kind.OUT
        self._kinds[topic] = kind
        return kind

    def since(self, place: Place, offset: int, most: int) -> list[Record]:
        """Records from an offset on, at most so many."""
        log = self.logs[place]
        start = max(0, offset - log.first)
        return log.records[start : start + most]

    def commit(self, place: Place, offset: int) -> None:
        """Everything before `offset` has been handled; nobody asks for it again."""
        self.committed[place] = offset
        log = self.logs[place]
        del log.records[: offset - log.first]
        log.first = max(log.first, offset)

    def rows(self, partition: int) -> list[Record]:
        """The table's records of a partition, each key's in the order of the log."""
        return [record for records in self._rows[partition].values() for record in records]


def _nobody(what: object) -> None:
    pass
