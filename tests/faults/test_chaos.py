"""A small chaos run with everything in it, as the command does it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.chaos.run import Options, run
from deploy.sim.rig import Rig
from tests.support.oracle import expectations

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]


def opinion(rig: Rig) -> dict[str, tuple[str, ...]]:
    """The flat table's."""
    connector = next(iter(rig.county.connectors.values()))
    return dict(expectations(rig.city_folder / "city.jsonl", connector.settings.codes.about))


def test_nothing_is_lost_misrouted_repeated_or_out_of_order_while_everything_is_killed(tmp_path: Path) -> None:
    outcome, books = run(Options(dispatches=500, kills=6, seed=7, home=tmp_path), expected=opinion)
    assert books.offences == ()
    assert outcome.missing == ()
    assert outcome.kills == 6
    assert outcome.at_crash_points == 3
    assert outcome.broker_stops == outcome.pauses == outcome.joins == 1
    assert outcome.city_faults >= 10
    assert outcome.unasked_exits == {}


def test_the_command_prints_one_object_and_leaves_nothing_behind(tmp_path: Path) -> None:
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "deploy.cli", "chaos", "--dispatches", "50", "--kills", "0", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert {"dispatches", "kills", "pauses", "broker_stops", "recovered_p99_s", "seconds"} <= figures.keys()
    columns = ("lost", "misrouted", "repeated_effects", "out_of_order", "stale_rows")
    assert [figures[column] for column in columns] == [0] * 5
    assert not [file for file in tmp_path.iterdir() if file.name.startswith("paidan-chaos")]
