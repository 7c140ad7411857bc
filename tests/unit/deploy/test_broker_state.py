"""Who is the broker is never guessed from a process number alone."""

import os
import subprocess
import sys

import pytest

from deploy.broker import EmbeddedBroker
from deploy.broker.state import State, is_locked, is_our_java, load, save, take_lock


@pytest.fixture
def stranger():
    """A living process that is no broker."""
    process = subprocess.Popen(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


def test_a_stranger_is_not_our_java_and_a_number_that_nobody_has_is_nobody(stranger, tmp_path):
    conf = tmp_path / "server.properties"
    assert not is_our_java(stranger.pid, conf)
    stranger.kill()
    stranger.wait()
    assert not is_our_java(stranger.pid, conf)


def test_a_process_with_our_configuration_on_its_line_is_ours(tmp_path):
    conf = tmp_path / "server.properties"
    words = [sys.executable, "-c", "print(flush=True); import time; time.sleep(60)", "kafka.Kafka"]
    for last, ours in ((str(conf), True), (str(tmp_path / "another.properties"), False)):
        process = subprocess.Popen([*words, last], stdout=subprocess.PIPE)
        try:
            process.stdout.readline()
            assert is_our_java(process.pid, conf) is ours
        finally:
            process.kill()
            process.wait()


def test_while_somebody_starts_it_a_number_left_over_from_before_is_not_the_broker(stranger, tmp_path):
    broker = EmbeddedBroker(tmp_path)
    broker.folder.mkdir(parents=True)
    save(broker.folder / "state.json", State(port=20_001, controller_port=20_002, pid=stranger.pid))
    lock = take_lock(broker.folder / "lock")
    try:
        assert is_locked(broker.folder / "lock")
        assert broker.pid is None
        assert not broker.stop()
        assert not broker.kill()
        assert stranger.poll() is None
    finally:
        os.close(lock)
    assert not is_locked(broker.folder / "lock")


@pytest.mark.parametrize("text", ["", "{", "{}", '{"port": "x"}'])
def test_notes_that_cannot_be_read_are_no_notes(tmp_path, text):
    file = tmp_path / "state.json"
    assert load(file) is None
    file.write_text(text)
    assert load(file) is None


def test_a_lock_is_held_by_one_and_freed_by_its_end(tmp_path):
    lock = take_lock(tmp_path / "lock")
    assert lock is not None
    assert take_lock(tmp_path / "lock") is None
    os.close(lock)
    again = take_lock(tmp_path / "lock")
    assert again is not None
    os.close(again)
