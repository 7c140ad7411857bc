"""The shortest way to put records into a topic of the test's broker and to get all of them out again."""

from collections.abc import Iterable
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient


def create_topic(bootstrap: str, name: str, partitions: int = 1, **configs: str) -> None:
    """Creates a topic and waits until it has leaders; option names have `_` for `.`."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        settings = {option.replace("_", "."): value for option, value in configs.items()}
        admin.create_topics(
            {name: {"num_partitions": partitions, "replication_factor": 1, "configs": settings}}, wait_for_metadata=True
        )
    finally:
        admin.close()


def write(bootstrap: str, topic: str, values: Iterable[bytes], **options: Any) -> None:
    """Writes the values to partition 0 and returns when the broker has acked all of them."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", **options)
    try:
        for future in [producer.send(topic, value, partition=0) for value in values]:
            future.get(30)
    finally:
        producer.close()


def read(bootstrap: str, topic: str, **options: Any) -> list[bytes]:
    """Every value that partition 0 holds now."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, **options)
    try:
        place = TopicPartition(topic, 0)
        consumer.assign([place])
        consumer.seek_to_beginning(place)
        end = consumer.end_offsets([place])[place]
        values: list[bytes] = []
        while consumer.position(place) < end:
            for records in consumer.poll(1000).values():
                values += [record.value for record in records]
        return values
    finally:
        consumer.close()
