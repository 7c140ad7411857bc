"""Kafka's own compaction against stale rows: it keeps the last row of a key, so the repair must come before it."""

import json
import os

import pytest

from deploy.broker import EmbeddedBroker
from deploy.broker.configuration import Choices
from streams.engine import Outbox, Outgoing, Row, Table
from tests.stream import judge
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka

P = 1
RESTLESS = {"segment.ms": "100", "min.cleanable.dirty.ratio": "0.01", "min.compaction.lag.ms": "0"}
"""Compacts whatever is not in the newest segment, at once."""


@pytest.fixture(scope="module")
def bootstrap(tmp_path_factory):
    """A broker that looks for something to compact five times a second."""
    choices = Choices(extra={"log.cleaner.backoff.ms": "200"})
    with EmbeddedBroker(tmp_path_factory.mktemp("cleaner"), owner_pid=os.getpid(), choices=choices) as broker:
        yield broker.bootstrap


@pytest.fixture
async def outbox(bootstrap):
    found = Outbox({"bootstrap_servers": bootstrap})
    await found.start()
    yield found
    await found.stop()


def compacted(bootstrap, topic, outbox_records):
    """Roll the segment and wait until the cleaner left at most one record of each key but the roller's."""
    producer_turn = iter(range(10_000))

    def once_each():
        judge.send(bootstrap, topic, [(b"roll4", b"%d" % next(producer_turn))], at=b"0")
        keys = [one.key for one in judge.read(bootstrap, topic) if one.partition == P and one.key == b"a"]
        return len(keys) == 1

    assert outbox_records > 1
    eventually(once_each, 60, "not compacted")
    return [one for one in judge.read(bootstrap, topic) if one.key == b"a"]


@pytest.mark.parametrize("repaired", [True, False], ids=["repaired", "planted-fault"])
async def test_compaction_keeps_the_newest_row_only_where_the_repair_came_first(bootstrap, outbox, tmp_path, repaired):
    topic = f"compaction.{repaired}"
    judge.make(bootstrap, {topic: {"cleanup.policy": "compact"} | RESTLESS})

    def table():
        return Table(topic, {"bootstrap_servers": bootstrap}, outbox, tmp_path, decode=json.loads)

    one = table()
    await one.ensure(P)
    await one.write(P, [Row(b"a", 10, b'{"at": 10}')])
    await outbox.deliver([Outgoing(topic, P, b"a", b'{"at": 4}', [("at", b"4")])])
    if repaired:
        assert (await one.audit(P)).repaired == 1
    left = compacted(bootstrap, topic, len(judge.read(bootstrap, topic)))
    assert [json.loads(one.value)["at"] for one in left] == [10 if repaired else 4]
    again = table()
    await again.ensure(P)
    assert again.row(P, b"a") == {"at": 10 if repaired else 4}


async def test_rows_read_back_through_holes_that_compaction_left(bootstrap, outbox, tmp_path):
    topic = "holes"
    judge.make(bootstrap, {topic: {"cleanup.policy": "compact"} | RESTLESS})
    one = Table(topic, {"bootstrap_servers": bootstrap}, outbox, tmp_path, decode=json.loads)
    await one.ensure(P)
    keys = [b"a", *(b"k%d" % number for number in range(300))]
    for turn in range(1, 6):
        await one.write(P, [Row(key, turn * 1000 + place, b'{"turn": %d}' % turn) for place, key in enumerate(keys)])
    await one.forget(P, [b"k7"], committed=10_000)
    compacted(bootstrap, topic, 1500)
    again = Table(topic, {"bootstrap_servers": bootstrap}, outbox, tmp_path, decode=json.loads)
    await again.ensure(P)
    assert set(again.keys(P)) - {b"roll4"} == set(keys) - {b"k7"}
    assert all(again.row(P, key) == {"turn": 5} for key in keys if key != b"k7")
