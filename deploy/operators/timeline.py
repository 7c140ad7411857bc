"""One dispatch: what the journal says of it, and where it stands. Only its own partition is read."""

from dataclasses import dataclass

from deploy.operators.kafka import read
from schemas.case import Case, decode_row
from schemas.codec import UndecodableError, decode
from schemas.dispatch import Dispatch
from schemas.fact import Fact
from schemas.kafka import KafkaSettings
from schemas.topics import CASES, JOURNAL, partition_of


@dataclass(frozen=True, slots=True)
class Timeline:
    """Facts in order, each once; the case as its row says it, and the city's last words."""

    facts: tuple[Fact, ...]
    case: Case | None
    dispatch: Dispatch | None


def timeline(kafka: KafkaSettings, dispatch: str) -> Timeline:
    """Everything known of the dispatch; no fact and no case where nothing is. Raises UserError for a failing Kafka."""
    key = dispatch.encode()
    facts: dict[int, Fact] = {}
    for record in read(kafka, JOURNAL, [partition_of(key)]):
        if record.key == key:
            fact = decode(Fact, record.value, checked=True)
            # A replay after a crash writes a fact again: the same number, the same content.
            facts.setdefault(fact.seq, fact)
    row = newest_row(kafka, key)
    if row is None:
        return Timeline(tuple(facts[seq] for seq in sorted(facts)), None, None)
    case, snapshot = decode_row(row)
    try:
        last = decode(Dispatch, snapshot, checked=True)
    except UndecodableError:
        last = None
    return Timeline(tuple(facts[seq] for seq in sorted(facts)), case, last)


def newest_row(kafka: KafkaSettings, key: bytes) -> bytes | None:
    """The row that counts: made from the highest inbox offset, not the last in the log."""
    newest: bytes | None = None
    highest = -1
    for record in read(kafka, CASES, [partition_of(key)]):
        if record.key == key:
            at = int(dict(record.headers).get("at", b"-1"))
            if at >= highest:
                highest, newest = at, record.value
    return newest
