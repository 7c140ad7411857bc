"""The tour, small: everything that happens in the big one, and nothing left behind."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka

PAIDAN = [sys.executable, "-m", "deploy.cli", "demo", "--dispatches", "40"]


def start(tmp_path: Path, *words: str) -> subprocess.Popen[str]:
    """The command with a folder for temporary files of its own."""
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PAIDAN_KAFKA": ""}
    return subprocess.Popen(
        [*PAIDAN, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        preexec_fn=_hears_sigint,
    )


def _hears_sigint() -> None:
    """A test run that was started in the background ignores SIGINT, and its children would inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def of_home(home: Path) -> list[int]:
    """Processes that were told of this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes() if entry.name.isdigit() else b""
        except OSError:
            continue
        if str(home).encode() in told and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


@pytest.mark.timeout(300)
def test_a_small_tour_with_kills_balances_and_leaves_nothing(tmp_path: Path) -> None:
    ended = start(tmp_path, "--json")
    out, said = ended.communicate(timeout=280)
    found = json.loads(out)
    assert ended.returncode == 0, f"{said}\n{json.dumps(found, ensure_ascii=False, indent=1)}"
    assert found["missing"] == []
    offences = ("lost", "misrouted", "repeated_effects", "out_of_order", "stale_rows", "unexplained")
    assert [found[column] for column in offences] == [0] * 6
    assert (found["pulled"], found["routed"], found["unreadable"], found["kills"], found["broker_stops"]) == (
        37, 37, 3, 3, 1,
    )  # fmt: skip
    assert found["dead"] >= 3
    assert [found[column] for column in ("marks_lost", "marks_twice", "clocks_differ")] == [0] * 3
    assert found["marks"] >= 1, "what the city held back has passed marks by the time that it is shown"
    assert list(tmp_path.iterdir()) == []
    assert of_home(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_tour_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    tour = start(tmp_path)
    assert tour.stderr is not None
    eventually(lambda: list(tmp_path.glob("*/logs/w2.log")), 60, "the workers were never started")
    tour.send_signal(number)
    tour.communicate(timeout=60)
    assert tour.returncode in (130, -signal.SIGKILL)
    eventually(lambda: of_home(tmp_path) == [], 20, "processes are left")
    if number is not signal.SIGKILL:
        assert list(tmp_path.iterdir()) == []


def test_a_tour_too_small_for_its_parts_is_refused() -> None:
    refused = subprocess.run([*PAIDAN[:-1], "3"], capture_output=True, text=True, check=False)
    assert refused.returncode == 2
