"""What the connector itself needs of Kafka at start: that its topics exist, and what it wrote last."""

import time
from collections.abc import Iterable

from kafka import KafkaConsumer, TopicPartition

from connectors.runtime import offsets
from connectors.runtime.seen import Seen
from schemas.kafka import KafkaSettings
from schemas.topics import CHECKPOINTS, CITY, DEAD, FEEDBACK, INBOX, PARTITIONS

NEEDED = (CITY, INBOX, FEEDBACK, DEAD, CHECKPOINTS)

REMEMBERED = 24_000
"""Records read back from the end of `city.dispatches`, over all partitions."""
REMEMBER_S = 10.0
LOOK_MS = 5000
"""Until a Kafka that does not answer counts as not there."""


class TopicsMissingError(RuntimeError):
    """Topics that the connectors use do not exist; `topics` names them. `paidan topics apply` creates them."""

    def __init__(self, topics: Iterable[str]) -> None:
        self.topics = tuple(topics)
        super().__init__(f"no such topic: {', '.join(self.topics)}; `paidan topics apply` creates them")


def missing_topics(kafka: KafkaSettings) -> tuple[str, ...]:
    """Those of `NEEDED` that Kafka does not have."""
    consumer = KafkaConsumer(**kafka.for_kafka_python(), bootstrap_timeout_ms=LOOK_MS)
    try:
        there = consumer.topics()
    finally:
        consumer.close()
    return tuple(topic for topic in NEEDED if topic not in there)


def remember(kafka: KafkaSettings, seen: Seen) -> int:
    """Fills `seen` from the end of `city.dispatches`; returns how many records that took. Stops after ten seconds."""
    consumer = KafkaConsumer(**kafka.for_kafka_python(), enable_auto_commit=False, max_poll_records=5000)
    try:
        partitions = [TopicPartition(CITY, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        begins, ends = offsets.beginnings(consumer, partitions), offsets.ends(consumer, partitions)
        for each in partitions:
            consumer.seek(each, max(begins[each], ends[each] - REMEMBERED // PARTITIONS))
        deadline, count = time.monotonic() + REMEMBER_S, 0
        while any(consumer.position(each) < ends[each] for each in partitions) and time.monotonic() < deadline:
            for batch in consumer.poll(timeout_ms=200).values():
                for record in batch:
                    count += 1
                    written = dict(record.headers).get("ce_id", b"").decode(errors="replace")
                    if record.key is not None and written:
                        seen.wrote(record.key, written)
        return count
    finally:
        consumer.close()
