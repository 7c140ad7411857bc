"""`paidan notices run` on real Kafka: killed at every point that has a name, nothing is lost and nothing told twice."""

import json
import os
import signal
import subprocess
import sys

import pytest
from kafka import KafkaProducer

from schemas.codec import encode
from schemas.dead_letter import DeadLetter, DeadReason
from schemas.envelope import Envelope
from schemas.notice import Notice
from schemas.topics import DEAD, NOTICES, partition_of
from schemas.types import NAMES
from tests.support import command
from tests.support.bridge import Bridge
from tests.support.connector_city import make_topics
from tests.support.notices import NOON, received
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(170)]

POINTS = ("notices_written", "notices_shown", "notices_committed")


@pytest.fixture(scope="module")
def kafka(bootstrap):
    return make_topics(bootstrap)


@pytest.fixture
def say(kafka):
    """Writes notices as the workers do, and returns their ids."""
    producer = KafkaProducer(**kafka.for_kafka_python(), acks="all")

    def put(*batch):
        for one in batch:
            key = one.notice.dispatch.encode()
            headers = Envelope(one.id, "/paidan/streams/cases", NAMES[Notice], NOON).headers()
            producer.send(NOTICES, encode(one.notice), key, headers=headers, partition=partition_of(key)).get(20)
        return [one.id for one in batch]

    yield put
    producer.close()


@pytest.fixture
def notices(kafka, tmp_path):
    """Starts `paidan notices run` as a process, with its files in a folder of the test's."""
    started = []

    def run(*words, crash_at="", folder="out"):
        sink = (tmp_path / "log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.cli", "notices", "run", "--county", "helin", "--sink", "file",
             "--dir", str(tmp_path / folder), "--group", f"test.{tmp_path.name}", *words],
            env={**os.environ, "PAIDAN_KAFKA": kafka.bootstrap, "PAIDAN_CRASH_AT": crash_at},
            stdout=sink,
            stderr=sink,
        )  # fmt: skip
        started.append((process, sink))
        return process

    yield run
    for process, sink in started:
        if process.poll() is None:
            process.terminate()
            process.wait(30)
        sink.close()


def shown(folder):
    return [
        known
        for file in folder.glob("*/*.jsonl")
        for line in file.read_text("utf-8").splitlines()
        for known in json.loads(line)["ids"]
    ]


def test_killed_at_every_point_it_loses_nothing_and_writes_nothing_twice(notices, say, tmp_path):
    """One life for each point; in each some notices come, a digest among them, and the next life goes on."""
    told = []
    for life, point in enumerate(POINTS):
        told += say(*(received(f"K{life}{n}", department="water-supply", digest="d" * (n % 2)) for n in range(20)))
        process = notices(crash_at=f"{point}:1")
        assert process.wait(60) == -signal.SIGKILL, point
    assert notices("--once").wait(60) == 0
    found = [known for known in shown(tmp_path / "out") if known in set(told)]
    assert sorted(found) == sorted(told)
    log = (tmp_path / "log").read_text()
    assert "K00" not in log
    assert "自来水管破裂" not in log


def test_killed_from_outside_at_any_moment_it_tells_everything_once(notices, say, tmp_path):
    told = []
    for life in range(3):
        told += say(*(received(f"O{life}{n}", department="water-supply") for n in range(30)))
        process = notices()
        eventually(lambda new=set(told[-30:]): new & set(shown(tmp_path / "out")), 40, "the first notices")
        process.kill()
        process.wait(10)
    assert notices("--once").wait(60) == 0
    found = [known for known in shown(tmp_path / "out") if known in set(told)]
    assert sorted(found) == sorted(told)


def test_it_tells_what_comes_while_it_runs_and_ends_when_asked(notices, say, tmp_path):
    process = notices()
    for number in range(3):
        (one,) = say(received(f"S{number}", department="water-supply"))
        eventually(lambda known=one: known in shown(tmp_path / "out"), 40, "the notice")
    process.terminate()
    assert process.wait(30) == 0


def test_a_repeat_on_the_topic_is_told_once(notices, say, tmp_path):
    one = received("R1", department="water-supply")
    say(one, one)
    assert notices("--once").wait(60) == 0
    say(one)
    assert notices("--once").wait(60) == 0
    assert shown(tmp_path / "out").count(one.id) == 1


def test_what_cannot_be_read_becomes_a_dead_letter_and_the_rest_is_told(notices, say, kafka, tmp_path):
    bridge = Bridge(kafka.bootstrap, tmp_path)
    key = b"testcity:D1"
    bridge.put(NOTICES, key, b"{not json", [("ce_id", b"x")])
    bridge.put(NOTICES, b"testcity:OTHER", encode(received("D2").notice), Envelope("b" * 24, "/t", "t", NOON).headers())
    after = say(received("D1", department="water-supply"))
    assert notices("--once").wait(60) == 0
    reasons = {DeadLetter.read(record.headers).reason for record in bridge.records(DEAD)}
    bridge.close()
    assert {DeadReason.NOT_JSON, DeadReason.KEY_MISMATCH} <= reasons
    assert set(after) <= set(shown(tmp_path / "out"))


def test_the_console_tells_in_the_operators_language_and_a_group_goes_on_where_it_was(kafka, say):
    say(
        received("C1", department="water-supply", mark="yellow", audience="leader"),
        received("C2", department="water-supply", kind="returned", audience="duty_desk", reason="not_ours"),
    )
    words = ("notices", "run", "--sink", "console", "--once", "--county", "helin")
    chinese = command.paidan(*words, "--group", "test.zh", PAIDAN_KAFKA=kafka.bootstrap)
    assert chinese.returncode == 0, chinese.stderr
    for expected in ("自来水公司 分管领导", "黄牌：办理还剩一个工作日", "承办单位退单，请复核（非本单位职责", "C1"):
        assert expected in chinese.stdout
    again = command.paidan(*words, "--group", "test.zh", PAIDAN_KAFKA=kafka.bootstrap)
    assert again.stdout == ""
    english = command.paidan(*words, "--group", "test.en", "--lang", "en", PAIDAN_KAFKA=kafka.bootstrap)
    assert "yellow card: one working day left, handling" in english.stdout
    assert "not ours" in english.stdout


@pytest.mark.parametrize("words", [("--sink", "file"), ("--sink", "console", "--dir", "x"), ("--sink", "fax")])
def test_wrong_use_is_refused(kafka, words):
    done = command.paidan("notices", "run", *words, PAIDAN_KAFKA=kafka.bootstrap)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
