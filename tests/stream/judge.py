"""An independent look at the topics: kafka-python, none of the engine's code."""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple
from zlib import crc32

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError

from connectors.runtime import offsets

PARTITIONS = 4


class Record(NamedTuple):
    """One record."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: dict[str, bytes]


class Topics(NamedTuple):
    """The topics of one test and its consumer group: names that no other test uses."""

    group: str
    sources: tuple[str, ...]
    inbox: str
    out: str
    rows: str

    def job(self, bootstrap: str, worker: str, folder: Any, **more: Any) -> dict[str, Any]:
        """What fold_worker.py wants to know."""
        return {"bootstrap": bootstrap, "worker": worker, "folder": str(folder), **self._asdict(), **more}


def create(bootstrap: str, name: str, *, sources: int = 0, out: bool = True, **rows: str) -> Topics:
    """Topics for a test called `name`; `rows` are options of the table's topic, `_` for `.`."""
    inputs = tuple(f"{name}.in{number}" for number in range(sources))
    found = Topics(name, inputs, f"{name}.inbox", f"{name}.out", f"{name}.rows")
    config = {"cleanup.policy": "compact", "min.compaction.lag.ms": "3600000"}
    config |= {option.replace("_", "."): value for option, value in rows.items()}
    plain = [*inputs, found.inbox] + [found.out] * out
    make(bootstrap, {topic: {} for topic in plain} | {found.rows: config})
    return found


def make(bootstrap: str, topics: dict[str, dict[str, str]], partitions: int = PARTITIONS) -> None:
    """Create topics with their options, and wait for them."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        admin.create_topics([NewTopic(name, partitions, 1, topic_configs=config) for name, config in topics.items()])
    finally:
        admin.close()


def send(bootstrap: str, topic: str, messages: Iterable[tuple[bytes, bytes | None]], **headers: bytes) -> int:
    """Acked by the broker, each on its key's partition; answers how many."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=5)
    futures = [
        producer.send(topic, value, key=key, partition=crc32(key) % PARTITIONS, headers=list(headers.items()))
        for key, value in messages
    ]
    for future in futures:
        future.get(30)
    producer.close()
    return len(futures)


def read(bootstrap: str, topic: str) -> list[Record]:
    """All that the topic holds now, by partition and offset."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap)
    try:
        places = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = offsets.ends(consumer, places)
        found: list[Record] = []
        while any(consumer.position(place) < ends[place] for place in places):
            for place, records in consumer.poll(500).items():
                found += [
                    Record(place.partition, one.offset, one.key, one.value, dict(one.headers))
                    for one in records
                    if one.offset < ends[place]
                ]
        return sorted(found, key=lambda record: record[:2])
    finally:
        consumer.close()


def ends(bootstrap: str, topic: str) -> dict[int, int]:
    """The next offset of each partition."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap)
    try:
        places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        return {place.partition: end for place, end in offsets.ends(consumer, places).items()}
    finally:
        consumer.close()


def committed(bootstrap: str, group: str, topic: str) -> dict[int, int]:
    """Of a group; partitions without a commit are absent."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        offsets = admin.list_group_offsets(group).get(group, {})
        return {
            place.partition: found.offset
            for place, found in offsets.items()
            if place.topic == topic and found.offset >= 0
        }
    except (CoordinatorNotAvailableError, NotCoordinatorError, CoordinatorLoadInProgressError):
        return {}  # the broker is only now making or reading the partition that holds this group's commits
    finally:
        admin.close()


def sent_by_key(records: Iterable[Record]) -> dict[bytes, list[str]]:
    """key -> values in order of their first appearance by header `n`, repeats left out. Fails on a gap or a swap."""
    found: defaultdict[bytes, dict[int, str]] = defaultdict(dict)
    for record in records:
        assert record.key is not None
        number, value = int(record.headers["n"]), (record.value or b"").decode()
        known = found[record.key]
        if number in known:
            assert known[number] == value, f"two different outputs with n={number}"
        else:
            assert number == len(known) + 1, f"n={number} came after {len(known)}"
            known[number] = value
    return {key: list(values.values()) for key, values in found.items()}


def last_rows(records: Iterable[Record]) -> dict[bytes, dict[str, Any]]:
    """key -> the last row in the log, which is what compaction keeps."""
    found: dict[bytes, dict[str, Any]] = {}
    for record in records:
        assert record.key is not None
        if record.value is None:
            found.pop(record.key, None)
        else:
            found[record.key] = json.loads(record.value)
    return found
