"""What the clocks do while the tour runs: the journal, read as it grows, as far as it speaks of them."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from schemas.clock import ClockName
from schemas.fact import FactKind
from schemas.kafka import KafkaSettings
from schemas.topics import JOURNAL, PARTITIONS
from streams.domain.deadlines import Mark

_ENDS = (FactKind.CLOSED, FactKind.WITHDRAWN, FactKind.MERGED)
_TOLD = tuple(f'"fact":"{kind}"'.encode() for kind in (FactKind.MARKED, FactKind.EXTENDED, FactKind.SUPERVISED, *_ENDS))


@dataclass(frozen=True, slots=True)
class Asked:
    """A step of supervision that a rule opened and that waits for a person."""

    dispatch: str
    rung: str
    department: str


@dataclass(slots=True)
class Watched:
    """Facts so far, each counted once. `overdue`: open dispatches whose time for handling is over, in that order."""

    marks: int = 0
    breached: set[str] = field(default_factory=set)
    overdue: dict[str, None] = field(default_factory=dict)
    steps: Counter[str] = field(default_factory=Counter)
    extended: int = 0
    open: dict[tuple[str, str, str], Asked] = field(default_factory=dict)
    _seen: set[tuple[str, int]] = field(default_factory=set)

    def take(self, fact: dict[str, Any]) -> None:
        """One record; the same fact again has no effect."""
        dispatch, kind, said = fact["dispatch"], fact["fact"], fact["details"]
        if (dispatch, fact["seq"]) in self._seen:
            return
        self._seen.add((dispatch, fact["seq"]))
        if kind == FactKind.MARKED:
            self.marks += 1
            if said["mark"] == Mark.BREACH:
                self.breached.add(dispatch)
                if said["clock"] == ClockName.HANDLING:
                    self.overdue[dispatch] = None
        elif kind == FactKind.EXTENDED:
            self.extended += 1
        elif kind == FactKind.SUPERVISED:
            self._supervised(dispatch, said)
        else:
            self.overdue.pop(dispatch, None)
            self.open = {place: asked for place, asked in self.open.items() if asked.dispatch != dispatch}

    def _supervised(self, dispatch: str, said: dict[str, Any]) -> None:
        place = (dispatch, said["rung"], said["to"])
        if said.get("open"):
            self.steps[said["rung"]] += 1
            self.open[place] = Asked(*place)
        elif self.open.pop(place, None) is None:
            self.steps[said["rung"]] += 1


class Watch:
    """Reads the journal from its beginning; a broker that is away is waited for by nobody."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self._kafka = kafka
        self._consumer: Any = None
        self.watched = Watched()

    def look(self) -> Watched:
        """What there is by now; never waits."""
        try:
            if self._consumer is None:
                self._consumer = KafkaConsumer(
                    **self._kafka.for_kafka_python(), enable_auto_commit=False, auto_offset_reset="earliest"
                )
                self._consumer.assign([TopicPartition(JOURNAL, number) for number in range(PARTITIONS)])
            for batch in self._consumer.poll(timeout_ms=0, max_records=5000).values():
                for record in batch:
                    if record.value is not None and any(told in record.value for told in _TOLD):
                        self.watched.take(json.loads(record.value))
        except (KafkaError, OSError):
            self.close()
        return self.watched

    def close(self) -> None:
        """Lets go of the connection; what is known stays known, and facts that come again are known by their number."""
        if self._consumer is not None:
            self._consumer.close(autocommit=False)
            self._consumer = None
