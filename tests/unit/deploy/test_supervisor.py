"""The supervisor starts again what exits, gives up what cannot run, and leaves nothing behind, killed or not."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.supervisor import Processes, Standing, Status
from tests.support.waiting import eventually, lives

SLEEPER = [sys.executable, "-c", "import signal; print('up', flush=True); signal.pause()"]


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    made = Processes(tmp_path)
    yield made
    made.close()


def only(processes: Processes) -> Status:
    (child,) = processes.status()
    return child


def test_a_killed_child_is_started_again(processes: Processes) -> None:
    processes.start("w1", SLEEPER, {})
    first = only(processes).pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    eventually(lambda: only(processes).pid not in (None, first), 10)
    assert (only(processes).standing, only(processes).restarts) == (Standing.RUNNING, 1)


def test_a_child_that_exits_at_once_is_waited_for_longer_each_time(processes: Processes) -> None:
    processes.start("w1", [sys.executable, "-c", "raise SystemExit(70)"], {})
    eventually(lambda: len(processes.unasked_exits().get("w1", [])) >= 3, 20)
    assert set(processes.unasked_exits()["w1"]) == {70}


def test_a_child_that_says_its_configuration_is_wrong_is_given_up(processes: Processes) -> None:
    processes.start("w1", [sys.executable, "-c", "raise SystemExit(2)"], {})
    eventually(lambda: only(processes).standing is Standing.GIVEN_UP, 10)
    assert processes.unasked_exits() == {"w1": [2]}


def test_a_child_that_was_stopped_stays_stopped(processes: Processes) -> None:
    processes.start("w1", SLEEPER, {})
    processes.stop("w1")
    assert only(processes).standing is Standing.STOPPED


def test_a_killed_supervisor_leaves_no_child(tmp_path: Path) -> None:
    code = f"""
import sys, time
from pathlib import Path
from deploy.supervisor import Processes
processes = Processes(Path({str(tmp_path)!r}))
processes.start("w1", {SLEEPER!r}, {{}})
print(processes.pid("w1"), flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline())
        assert lives(child)
        supervisor.kill()
    eventually(lambda: not lives(child), 10)
