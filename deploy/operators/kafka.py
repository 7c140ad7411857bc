"""Reading a topic to its end, and writing records that are acked before anything is said to be done."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from connectors.runtime import offsets
from deploy.console import WRONG, UserError, t
from schemas.kafka import KafkaSettings

ACK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class ToSend:
    """One record for a partition we choose ourselves."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


def read(kafka: KafkaSettings, topic: str, partitions: Iterable[int]) -> Iterator[Any]:
    """Every record of these partitions up to the end they have now (kafka-python ConsumerRecord), each in order.

    Raises UserError when Kafka cannot be reached or the topic is not there.
    """
    with _consumer(kafka) as consumer:
        if consumer.partitions_for_topic(topic) is None:
            raise UserError(
                t(f"没有主题 {topic}：paidan topics apply", f"no topic {topic}: paidan topics apply"), code=WRONG
            )
        places = [TopicPartition(topic, partition) for partition in partitions]
        consumer.assign(places)
        ends = offsets.ends(consumer, places)
        for place, begin in offsets.beginnings(consumer, places).items():
            consumer.seek(place, begin)
        while any(consumer.position(place) < ends[place] for place in places):
            for place, batch in consumer.poll(timeout_ms=1000).items():
                yield from (record for record in batch if record.offset < ends[place])


def committed(kafka: KafkaSettings, group: str, topic: str, partition: int) -> int:
    """The next offset the consumer group will read; 0 when it never committed."""
    with _consumer(kafka, group_id=group) as consumer:
        return consumer.committed(TopicPartition(topic, partition)) or 0


def send(kafka: KafkaSettings, records: Iterable[ToSend]) -> list[int]:
    """The offsets of the records, in order, once the broker has them all; equal partitions keep the order given.

    Raises UserError when Kafka cannot be reached or refuses one: nobody knows then which of them it has.
    """
    try:
        # A short wait and a large batch: what goes to one partition arrives in one piece, with nothing in between.
        producer = KafkaProducer(
            **kafka.for_kafka_python(), acks="all", enable_idempotence=True, linger_ms=50, batch_size=900_000
        )
    except KafkaError as error:
        raise _unreachable(error) from error
    try:
        waits = [
            producer.send(one.topic, one.value, key=one.key, partition=one.partition, headers=list(one.headers))
            for one in records
        ]
        return [wait.get(ACK_SECONDS).offset for wait in waits]
    except KafkaError as error:
        raise _unreachable(error) from error
    finally:
        producer.close(timeout=ACK_SECONDS)


@contextmanager
def _consumer(kafka: KafkaSettings, **options: Any) -> Iterator[Any]:
    try:
        consumer = KafkaConsumer(
            **kafka.for_kafka_python(), enable_auto_commit=False, auto_offset_reset="earliest", **options
        )
    except KafkaError as error:
        raise _unreachable(error) from error
    try:
        yield consumer
    except KafkaError as error:
        raise _unreachable(error) from error
    finally:
        consumer.close()


def _unreachable(error: KafkaError) -> UserError:
    return UserError(t(f"Kafka 出错：{type(error).__name__}", f"Kafka failed: {type(error).__name__}"), code=WRONG)
