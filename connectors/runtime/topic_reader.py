"""Reads one of the bridge's topics for one group: all partitions, assigned by hand, so that a restart waits for nobody.

Two groups are told everything each. Two processes of one group are told everything too, and share their place: whoever
acts on what it reads knows it by its id.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from connectors.runtime import offsets
from schemas.envelope import Headers
from schemas.kafka import KafkaSettings
from schemas.topics import PARTITIONS

AWAY_S = 0.5
"""A Kafka that does not answer is asked again after so long."""

COMMIT_MS = 5_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the topic."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: int = 0
    """Epoch ms, by Kafka's clock."""

    @property
    def origin(self) -> str:
        """Where it lies."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class TopicReader:
    """One thread. A group that is new begins with the oldest record there is."""

    def __init__(self, kafka: KafkaSettings, topic: str, group: str) -> None:
        self._consumer: Any = KafkaConsumer(
            **kafka.for_kafka_python(),
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=500,
            fetch_max_wait_ms=100,
        )
        self._topic = topic
        self._partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        self._consumer.assign(self._partitions)
        self._held = False

    def end_offsets(self) -> dict[int, int]:
        """Partition -> the offset that the next record will get."""
        ends = offsets.ends(self._consumer, self._partitions)
        return {each.partition: end for each, end in ends.items()}

    def reached(self, ends: Mapping[int, int]) -> bool:
        """Whether everything below these offsets has been read."""
        return all(self._consumer.position(each) >= ends[each.partition] for each in self._partitions)

    def hold(self, held: bool) -> None:
        """Whether to read no more for now."""
        if held != self._held:
            self._held = held
            (self._consumer.pause if held else self._consumer.resume)(*self._partitions)

    def poll(self, seconds: float) -> list[Record]:
        """What came, at most 500; waits at most `seconds` for the first. Nothing comes from a Kafka that is away."""
        try:
            polled = self._consumer.poll(timeout_ms=int(seconds * 1000))
        except KafkaError as problem:
            self._away(problem)
            return []
        return [
            Record(one.topic, one.partition, one.offset, one.key, one.value, list(one.headers), one.timestamp)
            for batch in polled.values()
            for one in batch
        ]

    def commit(self, offsets: Mapping[int, int]) -> bool:
        """Where to go on after a restart. False when Kafka is away: it is to be tried again."""
        places = {TopicPartition(self._topic, number): OffsetAndMetadata(at, "", -1) for number, at in offsets.items()}
        try:
            self._consumer.commit(places, timeout_ms=COMMIT_MS)
        except KafkaError as problem:
            self._away(problem)
            return False
        return True

    def _away(self, problem: KafkaError) -> None:
        if not problem.retriable:
            raise problem
        log.warning("kafka_away", reason=type(problem).__name__)
        time.sleep(AWAY_S)

    def close(self) -> None:
        """Lets go of the connection."""
        self._consumer.close()
