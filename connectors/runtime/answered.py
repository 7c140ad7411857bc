"""What the process before this one had finished without committing it: its outcomes stand in the inbox.

Sending such a feedback again is harmless where the system took it, for it knows the id. But what it refused it may
take the second time, when the case has long said something else.
"""

from collections.abc import Iterable
from typing import Any, Final

from kafka import KafkaConsumer, TopicPartition

from connectors.runtime import offsets
from schemas.codec import UndecodableError, decode
from schemas.feedback import Outcome
from schemas.kafka import KafkaSettings
from schemas.topics import FEEDBACK, INBOX, PARTITIONS
from schemas.types import NAMES

POLL_MS: Final = 500
_OUTCOME: Final = NAMES[Outcome].encode()


def answered(kafka: KafkaSettings, group: str) -> dict[str, int]:
    """Feedback id -> when its newest outcome came (epoch ms, by Kafka's clock), for all that `group` has not committed.

    A feedback and its outcome have the same partition number. Raises KafkaError.
    """
    consumer: Any = KafkaConsumer(
        **kafka.for_kafka_python(), group_id=group, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    try:
        found: dict[str, int] = {}
        for record in _since(consumer, _first_open(consumer)):
            if dict(record.headers).get("ce_type") != _OUTCOME:
                continue
            try:
                outcome = decode(Outcome, record.value, checked=True)
            except UndecodableError:
                continue
            found[outcome.feedback_id] = max(record.timestamp, found.get(outcome.feedback_id, 0))
        return found
    finally:
        consumer.close()


def _first_open(consumer: Any) -> dict[int, int]:
    """Partition -> time of the first feedback that is not committed; partitions without one are left out."""
    parts = [TopicPartition(FEEDBACK, number) for number in range(PARTITIONS)]
    consumer.assign(parts)
    first, ends = offsets.beginnings(consumer, parts), offsets.ends(consumer, parts)
    at = {part: max(consumer.committed(part) or 0, first[part]) for part in parts}
    left = [part for part in parts if at[part] < ends[part]]
    times: dict[int, int] = {}
    consumer.assign(left)
    for part in left:
        consumer.seek(part, at[part])
    while len(times) < len(left):
        for part, batch in consumer.poll(timeout_ms=POLL_MS).items():
            if part.partition not in times:
                times[part.partition] = batch[0].timestamp
                consumer.pause(part)
    return times


def _since(consumer: Any, times: dict[int, int]) -> Iterable[Any]:
    """The inbox from these times to its present end."""
    wanted = {TopicPartition(INBOX, number): time for number, time in times.items()}
    consumer.assign(list(wanted))
    if not wanted:
        return
    starts = offsets.since(consumer, wanted)
    ends = offsets.ends(consumer, starts)
    consumer.assign(list(starts))
    for part, offset in starts.items():
        consumer.seek(part, offset)
    while any(consumer.position(part) < ends[part] for part in starts):
        for batch in consumer.poll(timeout_ms=POLL_MS).values():
            yield from batch
