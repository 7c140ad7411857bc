"""The watcher ends the broker when its owner is gone, and itself when the broker is."""

import signal
import subprocess
import sys

import pytest

from deploy.broker import watch
from tests.support.waiting import eventually, lives


@pytest.fixture
def processes():
    """An owner, a broker that ends when asked, and one that does not listen; all gone afterwards."""
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    made = [
        subprocess.Popen(["sleep", "60"]),
        subprocess.Popen(["sleep", "60"]),
        subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE),
    ]
    made[2].stdout.readline()
    yield made
    for process in made:
        process.kill()
        process.wait()


def watching(owner, broker):
    return subprocess.Popen([sys.executable, "-ISE", watch.__file__, str(owner.pid), str(broker.pid)])


def test_the_broker_ends_with_its_owner_though_nobody_asks_for_the_dead_owner(processes):
    owner, broker, _ = processes
    watcher = watching(owner, broker)
    owner.send_signal(signal.SIGKILL)
    eventually(lambda: not lives(broker.pid))
    assert watcher.wait(10) == 0


def test_a_broker_that_does_not_listen_is_killed(processes, monkeypatch):
    owner, _, stubborn = processes
    owner.kill()
    owner.wait()
    monkeypatch.setattr(watch, "GRACE_S", 0.3)
    watch.main(owner.pid, stubborn.pid)
    assert stubborn.wait(10) == -signal.SIGKILL


def test_the_watcher_ends_with_the_broker_and_leaves_the_owner_alone(processes):
    owner, broker, _ = processes
    watcher = watching(owner, broker)
    broker.kill()
    assert watcher.wait(10) == 0
    assert owner.poll() is None


def test_where_there_is_no_handle_on_processes_it_looks_again_and_again(processes, monkeypatch):
    owner, broker, _ = processes
    monkeypatch.delattr("os.pidfd_open", raising=False)
    owner.kill()
    watch.main(owner.pid, broker.pid)
    assert broker.wait(10) == -signal.SIGTERM
