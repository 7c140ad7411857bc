"""Killed at every named point, stopped, paused and woken, without a broker: nothing lost, counted twice or swapped."""

import re
import signal
from collections import Counter
from zlib import crc32

import pytest

from streams.engine import POINTS
from tests.stream import judge
from tests.stream.processes import Process
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka

KEYS = [b"k%d" % number for number in range(40)]
SMALL_BATCHES = {"batch_bytes": 1500}
FAST = {"settings": {"broker_commit_interval": 0.1}}


class Ground:
    """One test's topics and workers."""

    def __init__(self, bootstrap, name, folder):
        self.bootstrap, self.name, self.folder = bootstrap, name, folder
        self.workers, self.sent = [], {}

    def topics(self, **more):
        self.t = judge.create(self.bootstrap, self.name, **more)

    def start(self, worker="w1", **more):
        job = self.t.job(self.bootstrap, worker, self.folder, **(FAST | more))
        self.workers.append(Process("fold_worker.py", job, self.folder))
        return self.workers[-1]

    def send(self, topic, messages):
        messages = list(messages)
        judge.send(self.bootstrap, topic, messages)
        for key, value in messages:
            self.sent.setdefault((topic, key), []).append(value.decode())

    def out(self):
        return judge.read(self.bootstrap, self.t.out)

    def rows(self):
        return judge.last_rows(judge.read(self.bootstrap, self.t.rows))

    def done(self, within_s=90.0):
        """Wait until each key's last row counts as many as were sent to it."""
        wanted = Counter()
        for (_, key), values in self.sent.items():
            wanted[key] += len(values)

        def all_counted():
            rows = self.rows()
            return all(rows.get(key, {"n": 0})["n"] >= count for key, count in wanted.items())

        eventually(all_counted, within_s, "rows missing")
        return wanted

    def balances(self):
        """Everything sent went out once in effect, in the order of its source; the rows say the same."""
        wanted = self.done()
        out = judge.sent_by_key(self.out())
        assert {key: len(values) for key, values in out.items()} == dict(wanted)
        assert {key: row["n"] for key, row in self.rows().items()} == dict(wanted)
        for (topic, key), values in self.sent.items():
            mine = [value for value in out[key] if value in set(values)]
            assert mine == values, f"{topic} out of order"
        return len(self.out()) - sum(wanted.values())


@pytest.fixture
def ground(request, bootstrap, tmp_path):
    found = Ground(bootstrap, re.sub("[^a-z0-9]+", "-", request.node.name[5:]), tmp_path)
    yield found
    for worker in found.workers:
        worker.kill()


def numbered(mark, count):
    return [(KEYS[number % len(KEYS)], b"%s-%d" % (mark, number)) for number in range(count)]


@pytest.mark.timeout(400)
def test_a_sigkill_at_each_named_point_loses_nothing(ground):
    """Two source topics in one inbox; one worker after another dies at the next point, each with new records to do."""
    ground.topics(sources=2)
    for turn, point in enumerate(POINTS):
        for place, source in enumerate(ground.t.sources):
            ground.send(source, numbered(b"%d.%d" % (turn, place), 200))
        worker = ground.start(crash=f"{point}:{2 if point.endswith('half') else 1 + turn % 3}", **SMALL_BATCHES)
        assert worker.ended() == -signal.SIGKILL, (point, worker.words)
    ground.start()
    repeats = ground.balances()
    assert repeats > 0, "no kill came between outputs and rows: the points prove nothing"


def test_what_is_committed_is_in_the_rows_and_out(ground):
    ground.topics()
    ground.send(ground.t.inbox, numbered(b"a", 3000))
    short_runs = {"broker_commit_interval": 0.05, "broker_max_poll_records": 20}
    worker = ground.start(crash="committed:1", **SMALL_BATCHES, settings=short_runs)
    assert worker.ended() == -signal.SIGKILL
    committed = judge.committed(ground.bootstrap, ground.t.group, ground.t.inbox)
    inbox = [
        one for one in judge.read(ground.bootstrap, ground.t.inbox) if one.offset < committed.get(one.partition, 0)
    ]
    assert inbox
    done = {value for values in judge.sent_by_key(ground.out()).values() for value in values}
    assert {one.value.decode() for one in inbox} <= done
    counted = Counter(one.key for one in inbox)
    rows = ground.rows()
    assert all(rows[key]["n"] >= count for key, count in counted.items())


def test_a_clean_stop_finishes_and_commits_what_is_in_work(ground):
    ground.topics()
    slow = [(KEYS[number % len(KEYS)], b"slow0.01%05d" % number) for number in range(400)]
    ground.send(ground.t.inbox, slow)
    many_runs = {"settings": {"broker_commit_interval": 60.0, "broker_max_poll_records": 10}}
    worker = ground.start(**many_runs)
    eventually(lambda: sum(judge.ends(ground.bootstrap, ground.t.out).values()) > 20, 60, "started")
    worker.signal(signal.SIGTERM)
    assert worker.ended(30) == 0, worker.words
    before = len(ground.out())
    assert sum(judge.committed(ground.bootstrap, ground.t.group, ground.t.inbox).values()) == before < 400
    ground.start(**many_runs)
    assert ground.balances() == 0


def test_a_partition_that_waits_holds_up_no_other_and_keeps_its_order(ground):
    ground.topics()
    waits, other = (next(key for key in KEYS if crc32(key) % 4 == place) for place in (0, 1))
    ground.send(ground.t.inbox, [(waits, b"slow4"), (waits, b"after it")])
    ground.start(settings={"broker_max_poll_records": 1000})
    ground.send(ground.t.inbox, [(other, b"%d" % number) for number in range(50)])
    eventually(lambda: len(judge.sent_by_key(ground.out()).get(other, {})) == 50, 60, "held up")
    assert waits not in judge.sent_by_key(ground.out())
    ground.balances()


def test_a_run_that_is_cancelled_ends_the_worker_and_is_done_again(ground):
    """A client that closes cancels what waits for it; the partition would stand still while the others go on."""
    ground.topics()
    judge.send(ground.bootstrap, ground.t.inbox, [(KEYS[0], b"cancelled")])
    assert ground.start().ended() == 70
    assert judge.committed(ground.bootstrap, ground.t.group, ground.t.inbox) == {}


def test_a_stop_that_cannot_finish_ends_like_a_sigkill(ground):
    ground.topics()
    judge.send(ground.bootstrap, ground.t.inbox, [(b"k", b"hang")])
    worker = ground.start(show=True, stop_seconds=1.5, crash=None)
    worker.says("ready")
    eventually(lambda: "table_read_back" in worker.words, 60)
    worker.signal(signal.SIGTERM)
    assert worker.ended() == 70
    assert judge.committed(ground.bootstrap, ground.t.group, ground.t.inbox) == {}


def test_a_restart_on_a_table_with_rows_reads_them_all(ground):
    ground.topics()
    keys = [b"row%d" % number for number in range(3000)]
    ground.send(ground.t.inbox, ((key, b"1") for key in keys))
    worker = ground.start(show=True)
    ground.done()
    worker.kill()
    worker = ground.start(show=True)
    worker.says("ready 3000 uvloop")
    ground.send(ground.t.inbox, ((key, b"2") for key in keys))
    ground.balances()


def test_a_paused_worker_that_wakes_after_its_replacement_does_no_harm(ground):
    """It writes rows that are older than its replacement's. They do not stay the last: it goes on to the newer records
    itself, or whoever reads the partitions back repairs them."""
    ground.topics()
    keys = [b"z%d" % number for number in range(400)]
    ground.send(ground.t.inbox, ((key, b"1") for key in keys))
    session = {"session": 1.5, "batch_bytes": 1500}
    zombie = ground.start("w1", pause="rows_half:2", **session)
    eventually(zombie.stopped, 60, "paused between outputs and rows")
    other = ground.start("w2", **session)
    ground.done()
    ground.send(ground.t.inbox, ((key, b"2") for key in keys))
    ground.done()
    zombie.signal(signal.SIGCONT)
    eventually(lambda: stale_rows(ground) > 0, 60, "the woken worker wrote nothing stale")
    eventually(lambda: stale_ends(ground) == 0 and all_last_rows_count(ground, 2), 60, "not repaired")
    assert zombie.code is None
    assert other.code is None
    ground.send(ground.t.inbox, ((key, b"3") for key in keys))
    ground.balances()


def stale_rows(ground):
    """Rows in the log that lie behind a newer one of their key."""
    best, stale = {}, 0
    for record in judge.read(ground.bootstrap, ground.t.rows):
        at = int(record.headers["at"])
        stale += at < best.get(record.key, -1)
        best[record.key] = max(at, best.get(record.key, -1))
    return stale


def stale_ends(ground):
    """Keys whose last row in the log, the one that compaction keeps, is not their newest."""
    best, last = {}, {}
    for record in judge.read(ground.bootstrap, ground.t.rows):
        last[record.key] = int(record.headers["at"])
        best[record.key] = max(last[record.key], best.get(record.key, -1))
    return sum(last[key] < best[key] for key in best)


def all_last_rows_count(ground, count):
    return all(row["n"] == count for row in ground.rows().values())


def test_stale_rows_of_a_worker_that_died_are_repaired_by_the_audit(ground):
    ground.topics()
    ground.send(ground.t.inbox, ((key, value) for value in (b"1", b"2") for key in KEYS))
    ground.start(audit_seconds=1.0)
    ground.done()
    judge.send(ground.bootstrap, ground.t.rows, [(KEYS[0], b'{"n": -1}')], at=b"0")
    eventually(lambda: "repaired=1" in ground.workers[0].words, 60, "not repaired")
    ground.balances()


@pytest.mark.parametrize("reckless", [False, True], ids=["committed-first", "planted-fault"])
def test_a_forgotten_case_is_not_opened_again_by_a_replay(ground, reckless):
    """Forgotten before its offset is committed, the replay of a crash finds no row and counts from one again."""
    ground.topics()
    ground.send(ground.t.inbox, [(b"k", b"1"), (b"k", b"close")])
    worker = ground.start(crash="run_handled:1", reckless=reckless)
    assert worker.ended() == -signal.SIGKILL
    assert ("forgotten 1" in worker.words) is reckless
    worker = ground.start()
    partition = crc32(b"k") % judge.PARTITIONS
    eventually(lambda: committed(ground, partition) == 2, 60, "committed")
    rows = [one for one in judge.read(ground.bootstrap, ground.t.rows) if one.key == b"k"]
    if reckless:
        assert [one.value is None for one in rows] == [False, True, False]
        assert len(ground.out()) == 4
        return
    assert [one.value is None for one in rows] == [False]
    assert len(ground.out()) == 2
    worker.kill()


def committed(ground, partition):
    return judge.committed(ground.bootstrap, ground.t.group, ground.t.inbox).get(partition)


def test_a_closed_case_leaves_the_table_once_it_is_committed(ground):
    ground.topics()
    partition = crc32(b"k") % judge.PARTITIONS
    neighbour = next(key for key in KEYS if crc32(key) % judge.PARTITIONS == partition)
    ground.send(ground.t.inbox, [(b"k", b"1"), (b"k", b"close")])
    worker = ground.start()
    eventually(lambda: committed(ground, partition) == 2, 60, "committed")
    judge.send(ground.bootstrap, ground.t.inbox, [(neighbour, b"x")])
    worker.says("forgotten 1")
    eventually(lambda: committed(ground, partition) == 3, 60, "committed")
    worker.kill()
    worker = ground.start(show=True)
    worker.says("ready 1 ")
    assert ground.rows().keys() == {neighbour}
    assert len(ground.out()) == 3


def test_a_broker_that_is_killed_is_waited_for(ground, broker):
    ground.topics()
    ground.send(ground.t.inbox, numbered(b"a", 2000))
    worker = ground.start(quiet=True)
    ground.done()
    broker.kill()
    broker.start()
    ground.send(ground.t.inbox, numbered(b"b", 2000))
    ground.balances()
    assert worker.code is None
    assert len(worker.words.splitlines()) < 100


def test_a_worker_without_its_topics_refuses_to_start_and_names_them(ground):
    ground.topics(out=False)
    worker = ground.start()
    assert worker.ended() == 2
    assert f"topics are missing: {ground.t.out}; create them with: paidan topics apply" in worker.words
