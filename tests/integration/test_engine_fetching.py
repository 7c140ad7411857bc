"""A record that comes while the ones before it lie untaken: stock Faust leaves it in Kafka, the engine fetches it."""

import asyncio

import faust
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from streams.engine.app import make_app
from streams.engine.overrides import WAIT_MS
from tests.stream import judge
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka

BUSY, SILENT = 0, 1


async def until(condition):
    await asyncio.to_thread(eventually, condition)


async def taken(client, timeout_ms):
    return [record.value for run in (await client.getmany(timeout_ms=timeout_ms)).values() for record in run]


@pytest.fixture(params=["stock", "ours"])
def kind(request):
    return request.param


@pytest.fixture
async def topic(bootstrap, kind):
    name = f"fetching-{kind}"
    await asyncio.to_thread(judge.make, bootstrap, {name: {}})
    return name


@pytest.fixture
async def client(bootstrap, kind, topic, tmp_path):
    """The Kafka client that a worker's consumer thread makes and starts, here in our loop."""
    if kind == "ours":
        app = make_app(topic, {"bootstrap_servers": bootstrap}, worker="w", folder=tmp_path)
    else:
        app = faust.App(topic, broker=f"kafka://{bootstrap}", datadir=tmp_path, consumer_auto_offset_reset="earliest")
    thread = app.consumer._new_consumer_thread()
    thread.thread_loop = asyncio.get_running_loop()
    await thread.on_start()
    yield thread._consumer
    await thread._consumer.stop()


@pytest.fixture
async def producer(bootstrap):
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as one:
        yield one


async def test_what_comes_while_records_lie_untaken_waits_for_no_silent_partition(client, producer, topic, kind):
    client.assign([TopicPartition(topic, number) for number in (BUSY, SILENT)])
    fetcher = client._fetcher
    await producer.send_and_wait(topic, b"first", partition=BUSY)
    await until(lambda: fetcher._records and not fetcher._in_flight)
    await until(lambda: fetcher._in_flight)  # for the silent partition alone
    assert await taken(client, 30_000) == [b"first"]
    await producer.send_and_wait(topic, b"second", partition=BUSY)
    # Stock's fetch has only just gone out, so it is not back by then.
    assert await taken(client, WAIT_MS // 2) == {"stock": [], "ours": [b"second"]}[kind]
