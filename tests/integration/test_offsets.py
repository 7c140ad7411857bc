"""Where partitions begin and end, while Kafka does not yet know the leader of one of them."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaTimeoutError

from connectors.runtime import offsets
from tests.support.kafka_io import create_topic, write

pytestmark = pytest.mark.kafka

THERE = TopicPartition("offsets.there", 0)
NEVER = TopicPartition("offsets.never", 0)


@pytest.fixture(scope="module")
def written(bootstrap: str) -> None:
    create_topic(bootstrap, THERE.topic)
    write(bootstrap, THERE.topic, [b"1", b"2"])


@pytest.fixture
def consumer(bootstrap: str, written: None) -> Iterator[Any]:
    made = KafkaConsumer(bootstrap_servers=bootstrap)
    yield made
    made.close()


@pytest.mark.parametrize(("ask", "there"), [(offsets.beginnings, 0), (offsets.ends, 2)])
def test_a_partition_whose_leader_is_not_known_yet_is_waited_for(bootstrap, consumer, ask, there):
    later = TopicPartition(f"offsets.{ask.__name__}", 0)
    making = threading.Timer(1.0, create_topic, (bootstrap, later.topic))
    making.start()
    try:
        assert ask(consumer, [THERE, later]) == {THERE: there, later: 0}
    finally:
        making.join()


def test_what_is_new_is_told_of_partitions_that_have_it(consumer):
    assert offsets.since(consumer, {THERE: 0}) == {THERE: 0}
    assert offsets.since(consumer, {THERE: 1 << 42}) == {}


def test_a_partition_that_never_has_a_leader_is_an_error_and_not_one_with_nothing_new(consumer):
    consumer.config["request_timeout_ms"] = 1500
    with pytest.raises(KafkaTimeoutError):
        offsets.since(consumer, {THERE: 0, NEVER: 0})
