"""What stock Faust loses, repeats or hangs on, and the engine does not: the same records, the same real broker."""

import re
import signal
from zlib import crc32

import pytest
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from tests.stream import judge
from tests.stream.late_fetch import REASSIGNED
from tests.stream.processes import Process
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka

SCRIPTS = {"ours": "fold_worker.py", "stock": "stock_worker.py"}
FAST = {"broker_commit_interval": 0.2}


@pytest.fixture(params=["stock", "ours"])
def kind(request):
    return request.param


@pytest.fixture
def bench(request, bootstrap, tmp_path, kind):
    """Topics of its own and a way to start workers, all gone afterwards."""
    with Bench(bootstrap, re.sub("[^a-z0-9]+", "-", request.node.name[5:]), tmp_path, kind) as one:
        yield one


class Bench:
    """One test's workers and topics."""

    def __init__(self, bootstrap, name, folder, kind):
        self.bootstrap, self.name, self.folder, self.kind = bootstrap, name, folder, kind
        self.workers = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for worker in self.workers:
            worker.kill()

    def topics(self, **more):
        self.t = judge.create(self.bootstrap, self.name, **more)
        return self.t

    def start(self, worker="w1", **more):
        more = {"settings": FAST, **more}
        process = Process(SCRIPTS[self.kind], self.t.job(self.bootstrap, worker, self.folder, **more), self.folder)
        self.workers.append(process)
        return process

    def send(self, *values, key=b"k"):
        return judge.send(self.bootstrap, self.t.inbox, ((key, value) for value in values))

    def committed(self):
        return judge.committed(self.bootstrap, self.t.group, self.t.inbox)

    def out(self):
        return [record.value for record in judge.read(self.bootstrap, self.t.out)]

    def came(self, count, within_s=60.0):
        eventually(lambda: sum(judge.ends(self.bootstrap, self.t.out).values()) >= count, within_s, "outputs missing")


def test_an_exception_drops_the_message_on_stock_and_stops_the_worker_on_ours(bench, kind):
    bench.topics()
    bench.send(b"1", b"boom", b"3")
    worker = bench.start()
    place = crc32(b"k") % judge.PARTITIONS
    if kind == "stock":
        eventually(lambda: bench.committed().get(place) == 3, 60, "commit past the failed message")
        bench.came(2)
        assert bench.out() == [b"1", b"3"]
        return
    assert worker.ended() == 70
    assert bench.committed() == {}
    bench.start(forgiving=True)
    bench.came(3)
    assert bench.out() == [b"1", b"boom", b"3"]


def test_what_cannot_be_decoded_vanishes_on_stock_and_reaches_the_agent_on_ours(bench, kind):
    bench.topics()
    bench.send(b'{"a": 1}', b"\xff\xfe not json", b'{"a": 3}')
    bench.start(decode=True, forgiving=True) if kind == "stock" else bench.start()
    place = crc32(b"k") % judge.PARTITIONS
    if kind == "stock":
        eventually(lambda: bench.committed().get(place) == 3, 60, "commit past the message it could not read")
        bench.came(2)
        assert bench.out() == [b'{"a": 1}', b'{"a": 3}']
    else:
        bench.came(3)
        assert bench.out() == [b'{"a": 1}', b"\xff\xfe not json", b'{"a": 3}']


def test_an_output_the_broker_refuses_is_committed_away_on_stock_and_never_on_ours(bench, kind):
    bench.topics(out=False)
    judge.make(bench.bootstrap, {bench.t.out: {"max.message.bytes": "1000"}})
    large = b"x" * 5000
    bench.send(b"1", large)
    worker = bench.start()
    place = crc32(b"k") % judge.PARTITIONS
    if kind == "stock":
        eventually(lambda: bench.committed().get(place) == 2, 60, "commit past the refused output")
        bench.came(1)
        assert bench.out() == [b"1"]
        return
    assert worker.ended() == 70
    assert "MessageSizeTooLarge" in worker.words
    assert bench.committed() == {}
    admin = KafkaAdminClient(bootstrap_servers=bench.bootstrap)
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, bench.t.out, {"max.message.bytes": "100000"})])
    admin.close()
    bench.start()
    bench.came(2)
    assert set(bench.out()) == {b"1", large}


def test_a_missing_output_topic_hangs_stock_even_at_its_end_and_holds_ours_until_it_is_there(bench, kind):
    bench.topics(out=False)
    bench.send(*(b"%d" % number for number in range(100)))
    if kind == "stock":
        worker = bench.start()
        worker.says("not found in cluster metadata")
        worker.signal(signal.SIGTERM)
        with pytest.raises(AssertionError, match="lives after"):
            worker.ended(4)
        return
    worker = bench.start(skip_check=True)
    worker.says("outbox_waited")
    assert bench.committed() == {}
    judge.make(bench.bootstrap, {bench.t.out: {}})
    bench.came(100)
    assert bench.out() == [b"%d" % number for number in range(100)]
    worker.signal(signal.SIGTERM)
    assert worker.ended() == 0


def test_a_worker_that_joins_repeats_the_uncommitted_on_stock_and_nothing_on_ours(bench, kind):
    bench.topics()
    keys = [b"k%d" % number for number in range(40)]
    judge.send(bench.bootstrap, bench.t.inbox, ((key, b"x") for key in keys * 10))
    never = {"settings": {"broker_commit_interval": 3600.0}}
    bench.start(**never)
    bench.came(400)
    bench.start("w2", **never)
    if kind == "stock":
        bench.came(401)
        assert bench.committed() == {}
        return
    eventually(lambda: sum(bench.committed().values()) == 400, 60, "the revoked commit everything they did")
    judge.send(bench.bootstrap, bench.t.inbox, ((key, b"y") for key in keys))
    bench.came(440)
    assert len(bench.out()) == 440
    assert judge.sent_by_key(judge.read(bench.bootstrap, bench.t.out)) == {key: ["x"] * 10 + ["y"] for key in keys}


def test_a_first_record_that_a_rebalance_overtakes_is_lost_on_stock_and_fetched_again_on_ours(bench, kind):
    bench.topics()
    bench.send(b"first")
    worker = bench.start(late_fetch=True)
    eventually(lambda: sum(bench.committed().values()) == 1, 60, "the first record is committed")
    bench.start("w2")
    worker.says(REASSIGNED)
    others = [key for key in (b"k", b"l", b"m", b"n", b"o", b"p", b"q", b"r") if crc32(key) % 4 != crc32(b"k") % 4]
    judge.send(bench.bootstrap, bench.t.inbox, ((key, b"early") for key in others))
    eventually(lambda: any(b"early" in value for value in bench.out()), 60, "records flow again")
    judge.send(bench.bootstrap, bench.t.inbox, ((key, b"late") for key in others))
    eventually(lambda: bench.out().count(b"late") == len(others), 60, "everything later came")
    assert (bench.out().count(b"early") == len(others)) == (kind == "ours")


@pytest.mark.parametrize("how", [b"hang", b"spin"])
def test_a_hung_agent_keeps_its_partitions_for_ever_on_stock_and_ends_itself_on_ours(bench, kind, how):
    bench.topics()
    bench.send(b"1", how)
    worker = bench.start(watchdog_seconds=2)
    if kind == "stock":
        bench.came(1) if how == b"hang" else None
        with pytest.raises(AssertionError, match="lives after"):
            worker.ended(4)
        return
    assert worker.ended() == 70
    assert "watchdog" in worker.words
    assert bench.committed() == {}


def test_after_a_sigkill_stock_waits_for_the_dead_member_and_ours_does_not(bench, kind):
    bench.topics()
    session = {"broker_heartbeat_interval": 2.0, "broker_session_timeout": 20.0 if kind == "stock" else 28.0}
    bench.send(b"1")
    worker = bench.start(settings=FAST | session)
    bench.came(1)
    eventually(lambda: bench.committed(), 60, "committed")
    worker.kill()
    bench.send(b"2")
    again = bench.start(settings=FAST | session)
    if kind == "stock":
        with pytest.raises(AssertionError, match="outputs missing"):
            bench.came(2, 6)
    else:
        bench.came(2, 25)
        assert bench.out() == [b"1", b"2"]
    assert again.code is None
