"""Where partitions begin and end, asked one at a time.

Asked for several at once, kafka-python 3.0 says nothing of a partition whose leader it does not know while it knows
the leader of another, as in the moments after topics were made or a broker went: a missing key, or, where a time is
asked for, what reads as "nothing is that new". Asked for one it looks for the leader until it has it. Every function
raises KafkaError when it has none within the consumer's `request_timeout_ms`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from kafka import TopicPartition


def beginnings(consumer: Any, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
    """Partition -> the oldest offset there is."""
    return {each: consumer.beginning_offsets([each])[each] for each in partitions}


def ends(consumer: Any, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
    """Partition -> the offset that the next record will get."""
    return {each: consumer.end_offsets([each])[each] for each in partitions}


def since(consumer: Any, times: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
    """Partition -> the first offset written at that time (epoch ms, Kafka's clock) or later; absent where none is."""
    found = {each: consumer.offsets_for_times({each: time})[each] for each, time in times.items()}
    return {each: at.offset for each, at in found.items() if at is not None}
