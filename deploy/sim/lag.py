"""How far each reader is behind, as the broker knows it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec

from schemas.kafka import KafkaSettings


@dataclass(frozen=True, slots=True)
class Lag:
    """`behind`: group -> records not yet committed. `written`: records on each topic, ever."""

    behind: Mapping[str, int]
    written: Mapping[str, int]


class LagReader:
    """Asks for the lag of groups over the topics they read. One thread; the topics must exist."""

    def __init__(self, kafka: KafkaSettings, readers: Mapping[str, Iterable[str]], others: Iterable[str] = ()) -> None:
        """`readers`: group -> topics; `others` are only counted. Raises KafkaError when Kafka cannot be reached or a
        topic does not exist."""
        self._admin = KafkaAdminClient(**kafka.for_kafka_python(), request_timeout_ms=5000)
        self._readers = {group: frozenset(topics) for group, topics in readers.items()}
        names = sorted(frozenset(others).union(*self._readers.values()))
        self._partitions = [
            TopicPartition(found["name"], partition["partition_index"])
            for found in self._admin.describe_topics(names)
            for partition in found["partitions"]
        ]

    def read(self) -> Lag:
        """A partition never committed counts from offset 0. Raises KafkaError."""
        ends = self._admin.list_partition_offsets(dict.fromkeys(self._partitions, OffsetSpec.LATEST))
        committed = self._admin.list_group_offsets(list(self._readers))
        behind = dict.fromkeys(self._readers, 0)
        written: dict[str, int] = {}
        for place in self._partitions:
            end = ends[place].offset
            written[place.topic] = written.get(place.topic, 0) + end
            for group, topics in self._readers.items():
                if place.topic in topics:
                    done = committed[group][place].offset if place in committed[group] else 0
                    behind[group] += max(0, end - max(0, done))
        return Lag(behind, written)

    def close(self) -> None:
        """Lets go of the connection."""
        self._admin.close()
