"""The outbox and the table on a real broker: nothing silently absent, the newest row wins, closed cases stay closed."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from zlib import crc32

import aiokafka
import pytest
from aiokafka.errors import KafkaTimeoutError

from streams.engine import Head, MissingTopicsError, Outbox, Outgoing, RecordTooLargeError, Row, Table, missing
from streams.engine.newest import UnreadableRowError
from tests.stream import judge
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka

KEYS = [b"k%d" % number for number in range(1000)]
P = 1


@pytest.fixture
def topic(request, bootstrap):
    name = request.node.name.replace("[", ".").replace("]", "")
    judge.make(bootstrap, {name: {"cleanup.policy": "compact"}})
    return name


@pytest.fixture
async def outbox(bootstrap):
    found = Outbox({"bootstrap_servers": bootstrap})
    await found.start()
    yield found
    await found.stop()


@pytest.fixture
def table(bootstrap, outbox, topic, tmp_path):
    """Another table on the same topic at each call, as after a restart."""

    def again(**more):
        return Table(topic, {"bootstrap_servers": bootstrap}, outbox, tmp_path, decode=json.loads, **more)

    return again


def row(key, at, text="row", due=0, tag=b""):
    return Row(key, at, json.dumps({"text": text, "at": at}).encode(), due, tag)


async def raw_row(outbox, topic, key, at, value=b'{"stale": true}'):
    """What a resumed zombie writes: past the table, from whatever it remembers."""
    await outbox.deliver([Outgoing(topic, P, key, value, [("at", b"%d" % at)])])


def last(bootstrap, topic):
    """key -> (at, value) of the last record in the log."""
    return {record.key: (int(record.headers["at"]), record.value) for record in judge.read(bootstrap, topic)}


# ---------------------------------------------------------------- the outbox


async def test_a_wave_larger_than_a_batch_arrives_whole_and_in_order(bootstrap, topic):
    outbox = Outbox({"bootstrap_servers": bootstrap}, batch_bytes=2000)
    await outbox.start()
    await outbox.deliver(Outgoing(topic, number % 3, b"k", b"%d" % number) for number in range(3000))
    await outbox.stop()
    found = judge.read(bootstrap, topic)
    for partition in range(3):
        assert [int(one.value) for one in found if one.partition == partition] == list(range(partition, 3000, 3))


async def test_a_record_larger_than_a_broker_takes_is_refused_before_anything_is_sent(bootstrap, outbox, topic):
    with pytest.raises(RecordTooLargeError):
        await outbox.deliver([Outgoing(topic, 0, b"k", b"small"), Outgoing(topic, 0, b"k", b"x" * 1_000_000)])
    assert judge.read(bootstrap, topic) == []


async def test_tasks_that_send_to_one_partition_starve_on_raw_aiokafka_and_take_turns_in_the_outbox(bootstrap, topic):
    options = {"bootstrap_servers": bootstrap, "request_timeout_ms": 400, "enable_idempotence": True}

    async def raw(producer):
        waits = []
        for _ in range(100):
            batch = producer.create_batch()
            batch.append(key=b"k", value=b"x" * 1000, timestamp=None)
            waits.append(await producer.send_batch(batch, topic, partition=0))
        await asyncio.gather(*waits)

    async with aiokafka.AIOKafkaProducer(**options) as producer:
        answers = await asyncio.gather(*(raw(producer) for _ in range(10)), return_exceptions=True)
    assert any(isinstance(answer, KafkaTimeoutError) for answer in answers)

    outbox = Outbox({"bootstrap_servers": bootstrap})
    outbox._options["request_timeout_ms"] = 400
    await outbox.start()

    async def ours(name):
        for number in range(100):
            await outbox.deliver([Outgoing(topic, 1, b"%d" % name, b"%d" % number)])

    await asyncio.gather(*(ours(name) for name in range(10)))
    await outbox.stop()
    found = [one for one in judge.read(bootstrap, topic) if one.partition == 1]
    assert len(found) == 1000
    for name in range(10):
        assert [int(one.value) for one in found if one.key == b"%d" % name] == list(range(100))


async def test_a_topic_that_comes_later_is_waited_for(bootstrap, outbox, topic):
    later = topic + ".later"
    sending = asyncio.create_task(outbox.deliver([Outgoing(later, 7, b"k", b"v")]))
    await asyncio.to_thread(eventually, lambda: outbox.waiting == later)
    assert not sending.done()
    await asyncio.to_thread(judge.make, bootstrap, {later: {}})
    await asyncio.wait_for(sending, 30)
    assert [(one.partition, one.value) for one in judge.read(bootstrap, later)] == [(7 % judge.PARTITIONS, b"v")]
    assert outbox.waiting == ""


async def test_missing_topics_are_told_with_what_creates_them(bootstrap, topic):
    absent = await missing({"bootstrap_servers": bootstrap}, [topic, "zz.none", "aa.none"])
    assert absent == ("aa.none", "zz.none")
    assert str(MissingTopicsError(absent)) == (
        "topics are missing: aa.none, zz.none; create them with: paidan topics apply"
    )


# ---------------------------------------------------------------- the table


async def test_a_restart_reads_every_row_back(table, bootstrap, topic):
    first = table()
    await first.ensure(0, 1, 2, 3)
    for key in KEYS:
        await first.write(crc32(key) % 4, [row(key, 1)]) if key in KEYS[:3] else None
    for partition in range(4):
        await first.write(partition, [row(key, 5) for key in KEYS if crc32(key) % 4 == partition])
    second = table()
    await second.ensure(0, 1, 2, 3)
    assert second.count() == len(KEYS)
    for key in KEYS:
        assert second.row(crc32(key) % 4, key) == {"text": "row", "at": 5}
        assert second.at(crc32(key) % 4, key) == 5
    assert {key for p in range(4) for key in second.keys(p)} == set(KEYS)
    assert second.row(0, b"nobody") is None


async def test_a_row_counts_only_when_the_broker_has_it(table, outbox, monkeypatch):
    one = table()
    await one.ensure(P)
    await one.write(P, [row(b"k", 1, "old")])

    async def refused(*_, **__):
        raise KafkaTimeoutError

    monkeypatch.setattr(outbox, "deliver", refused)
    with pytest.raises(KafkaTimeoutError):
        await one.write(P, [row(b"k", 2, "new")])
    assert one.row(P, b"k")["text"] == "old"


async def test_stale_last_rows_are_repaired_when_the_partition_is_read_back(table, outbox, bootstrap, topic):
    first = table()
    await first.ensure(P)
    await first.write(P, [row(b"a", 10, due=77), row(b"b", 11)])
    await raw_row(outbox, topic, b"a", 4)
    assert last(bootstrap, topic)[b"a"][0] == 4
    second = table()
    await second.ensure(P)
    assert second.at(P, b"a") == 10
    found = [one for one in judge.read(bootstrap, topic) if one.key == b"a"]
    assert [int(one.headers["at"]) for one in found] == [10, 4, 10]
    assert (found[2].value, found[2].headers["due"]) == (found[0].value, b"77")


async def test_an_audit_repairs_what_a_dead_workers_last_packets_wrote(table, outbox, bootstrap, topic):
    one = table()
    await one.ensure(P)
    await one.write(P, [row(b"a", 10), row(b"b", 11)])
    await raw_row(outbox, topic, b"a", 4)
    assert await one.audit(P) == (2, 1)
    assert {key: at for key, (at, _) in last(bootstrap, topic).items()} == {b"a": 10, b"b": 11}
    assert await one.audit(P) == (2, 0)


async def test_an_audit_leaves_alone_what_was_written_meanwhile(table, outbox, bootstrap, topic, monkeypatch):
    one = table()
    await one.ensure(P)
    await one.write(P, [row(b"a", 10)])
    await raw_row(outbox, topic, b"a", 4)
    from streams.engine import table as module

    real = module.read_back

    async def and_then_a_new_row(*arguments):
        await real(*arguments)
        await one.write(P, [row(b"a", 12)])

    monkeypatch.setattr(module, "read_back", and_then_a_new_row)
    assert await one.audit(P) == (1, 0)
    assert last(bootstrap, topic)[b"a"][0] == 12


async def test_a_case_is_forgotten_only_when_its_offset_is_committed(table, bootstrap, topic):
    one = table()
    await one.ensure(P)
    await one.write(P, [row(b"a", 10), row(b"b", 20)])
    assert await one.forget(P, [b"a", b"b", b"nobody"], committed=10) == 0
    assert await one.forget(P, [b"a", b"b", b"nobody"], committed=11) == 1
    assert (one.row(P, b"a"), one.at(P, b"a"), one.at(P, b"b")) == (None, -1, 20)
    second = table()
    await second.ensure(P)
    assert list(second.keys(P)) == [b"b"]
    assert last(bootstrap, topic)[b"a"] == (10, None)


async def test_a_stale_row_does_not_bring_a_forgotten_case_back(table, outbox, bootstrap, topic):
    first = table()
    await first.ensure(P)
    await first.write(P, [row(b"a", 10)])
    await first.forget(P, [b"a"], committed=11)
    for stale in (4, 10):
        await raw_row(outbox, topic, b"a", stale)
        second = table()
        await second.ensure(P)
        assert second.row(P, b"a") is None
        assert last(bootstrap, topic)[b"a"] == (10, None)
    await raw_row(outbox, topic, b"a", 4)
    assert await first.audit(P) == (1, 1)
    assert last(bootstrap, topic)[b"a"] == (10, None)


async def test_a_case_that_comes_again_after_it_was_forgotten_is_a_new_one(table, topic):
    first = table()
    await first.ensure(P)
    await first.write(P, [row(b"a", 10)])
    await first.forget(P, [b"a"], committed=11)
    await first.write(P, [row(b"a", 30, "again")])
    second = table()
    await second.ensure(P)
    assert second.row(P, b"a")["text"] == "again"


async def test_a_partition_released_while_it_is_read_stays_absent(table):
    one = table()
    await one.ensure(P)
    await one.write(P, [row(b"a", 10)])
    two = table()
    reading = asyncio.create_task(two.ensure(P))
    await asyncio.sleep(0)  # lets it begin
    assert two.loading
    two.release([P])
    await reading
    assert not two.ready(P)
    await two.ensure(P)
    assert two.at(P, b"a") == 10


class Told:
    """What a watch was told, in order."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.partitions: list[tuple[str, int]] = []
        self.heads: dict[bytes, Head] = {}

    def row(self, *told: Any) -> None:
        self.rows.append(told)

    def loaded(self, partition: int, heads: Mapping[bytes, Head]) -> None:
        self.partitions.append(("loaded", partition))
        self.heads.update(heads)

    def released(self, partition: int) -> None:
        self.partitions.append(("released", partition))


async def test_a_watch_is_told_of_every_row_with_its_tag_before_when_written_and_when_read(table, topic):
    told = Told()
    one = table(watch=told)
    await one.ensure(P)
    assert told.partitions == [("loaded", P)]
    await one.write(P, [row(b"a", 1, due=100, tag=b"x"), row(b"b", 2)])
    await one.write(P, [row(b"a", 3, due=200, tag=b"y")])
    assert told.rows == [
        (P, b"a", (1, 100, b"x"), None),
        (P, b"b", (2, 0, b""), None),
        (P, b"a", (3, 200, b"y"), (1, 100, b"x")),
    ]
    assert (one.due(P, b"a"), one.due(P, b"b"), one.get(P, b"a")) == (200, 0, row(b"a", 3).value)
    one.release([P])
    assert told.partitions[-1] == ("released", P)
    again = Told()
    await table(watch=again).ensure(P)
    assert again.heads == {b"a": (3, 200, b"y"), b"b": (2, 0, b"")}
    assert again.partitions == [("loaded", P)]
    assert again.rows == []


async def test_a_watch_hears_of_the_release_of_a_partition_without_rows(table):
    told = Told()
    one = table(watch=told)
    await one.ensure(P)
    one.release([P])
    assert told.partitions == [("loaded", P), ("released", P)]


async def test_a_partition_released_while_its_rows_are_repaired_is_told_as_released_last(table, monkeypatch):
    told = Told()
    one = table(watch=told)

    async def revoked_meanwhile(partition: int, *_: Any) -> None:
        one.release([partition])

    monkeypatch.setattr(one, "_repair", revoked_meanwhile)
    await one.ensure(P)
    assert told.partitions == [("loaded", P), ("released", P)]


async def test_a_repaired_row_keeps_its_due_and_its_tag(table, outbox, topic):
    one = table()
    await one.ensure(P)
    await one.write(P, [row(b"a", 10, due=300, tag=b"new")])
    await outbox.deliver([Outgoing(topic, P, b"a", b"stale", [("at", b"5"), ("due", b"1"), ("tag", b"old")])])
    two = table()
    await two.ensure(P)
    told = Told()
    await table(watch=told).ensure(P)
    assert told.heads == {b"a": (10, 300, b"new")}


async def test_a_foreign_record_in_the_topic_stops_the_reading_and_names_its_place(table, outbox, topic):
    await outbox.deliver([Outgoing(topic, P, b"secret-key", b"not a row")])
    with pytest.raises(UnreadableRowError, match=f"{topic}/{P}/0") as refused:
        await table().ensure(P)
    assert "secret" not in str(refused.value)


async def test_the_cache_of_decoded_rows_is_bounded_and_follows_the_writes(table):
    one = table(cache_rows=10)
    await one.ensure(P)
    await one.write(P, [row(key, 1) for key in KEYS[:50]])
    assert all(one.row(P, key) for key in KEYS[:50])
    assert len(one._decoded) == 10
    await one.write(P, [row(KEYS[49], 2, "newer")])
    assert one.row(P, KEYS[49])["text"] == "newer"
