"""Every case against its facts: rows and journal are read partition by partition, so only one twelfth is held."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from deploy.operators.kafka import read
from schemas.case import Case, decode_row
from schemas.codec import decode
from schemas.fact import Fact
from schemas.kafka import KafkaSettings
from schemas.topics import CASES, JOURNAL, PARTITIONS
from streams.domain.replaying import Difference, Skipped, differences, skipped
from streams.domain.timetable import Timetable


class Mismatch(NamedTuple):
    """A case whose row is not what its facts give."""

    dispatch: str
    differs: tuple[Difference, ...]


@dataclass(slots=True)
class Comparison:
    """What came of it."""

    cases: int = 0
    clocks: int = 0
    """Runs of the cases that were compared, open and ended."""
    equal: int = 0
    skipped: Counter[Skipped] = field(default_factory=Counter)
    mismatches: list[Mismatch] = field(default_factory=list)

    def unreadable(self, key: bytes) -> None:
        """One more case, of which the row or a fact cannot be read."""
        self.cases += 1
        self.mismatches.append(Mismatch(key.decode(errors="replace"), (Difference.UNREADABLE,)))

    def add(self, case: Case, facts: Sequence[Fact], timetable: Timetable) -> None:
        """One more case."""
        self.cases += 1
        if reason := skipped(case, facts, timetable):
            self.skipped[reason] += 1
            return
        self.clocks += len(case.clocks) + len(case.ended)
        if differs := differences(case, facts, timetable):
            self.mismatches.append(Mismatch(case.id, tuple(differs)))
        else:
            self.equal += 1


def compare_all(kafka: KafkaSettings, timetable: Timetable) -> Comparison:
    """All cases. Raises UserError when Kafka cannot be reached."""
    found = Comparison()
    for key, row, facts in rows_and_facts(kafka):
        try:
            case, known = read_case(row, facts)
        except ValueError:
            found.unreadable(key)
        else:
            found.add(case, known, timetable)
    return found


def rows_and_facts(kafka: KafkaSettings) -> Iterator[tuple[bytes, bytes, list[bytes]]]:
    """Key, row and facts in order, each once, of every case. Raises UserError when Kafka cannot be reached."""
    for partition in range(PARTITIONS):
        # the rows first: a row that is written meanwhile then has its facts, and facts without a row do no harm
        rows = dict(_rows(kafka, partition))
        facts = _facts(kafka, partition)
        for key, row in rows.items():
            yield key, row, [fact for _, fact in sorted(facts.get(key, {}).items())]


def read_case(row: bytes, facts: Iterable[bytes]) -> tuple[Case, list[Fact]]:
    """Raises ValueError where one of them cannot be read."""
    return decode_row(row)[0], [decode(Fact, fact, checked=True) for fact in facts]


def _rows(kafka: KafkaSettings, partition: int) -> Iterator[tuple[bytes, bytes]]:
    """Of each dispatch the row that was made from the highest inbox offset."""
    newest: dict[bytes, tuple[int, bytes]] = {}
    for record in read(kafka, CASES, [partition]):
        at = int(dict(record.headers).get("at", b"-1"))
        if record.value is None:
            newest.pop(record.key, None)
        elif at >= newest.get(record.key, (-1, b""))[0]:
            newest[record.key] = at, record.value
    yield from ((key, row) for key, (_, row) in newest.items())


def _facts(kafka: KafkaSettings, partition: int) -> dict[bytes, dict[int, bytes]]:
    """Of each dispatch its facts by number. After a crash a fact is written again: the same number, the same bytes.
    What cannot be read has the number 0, and is found again when the dispatch is looked at."""
    found: dict[bytes, dict[int, bytes]] = defaultdict(dict)
    for record in read(kafka, JOURNAL, [partition]):
        try:
            seq = decode(Fact, record.value, checked=True).seq
        except ValueError:
            seq = 0
        found[record.key].setdefault(seq, record.value)
    return found
