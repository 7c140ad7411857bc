"""A crash point kills on the pass that was named, and otherwise is nothing."""

import signal
import subprocess
import sys

import pytest

from deploy.console import UserError
from deploy.process import crash_points

PASSES = """
from deploy.process import crash_points
at = crash_points()
for name in ["sent", "acked", "sent", "acked", "sent"]:
    at(name)
    print(name, flush=True)
"""


@pytest.mark.parametrize(
    ("wanted", "passed", "code"),
    [
        ("", 5, 0),
        ("sent:1", 0, -signal.SIGKILL),
        ("sent:2", 2, -signal.SIGKILL),
        ("acked:2", 3, -signal.SIGKILL),
        ("sent:3, acked:1", 1, -signal.SIGKILL),
        ("sent:9", 5, 0),
        ("elsewhere:1", 5, 0),
    ],
)
def test_the_process_dies_on_the_pass_that_was_named(monkeypatch, wanted, passed, code):
    monkeypatch.setenv("PAIDAN_CRASH_AT", wanted)
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", PASSES], capture_output=True, text=True, check=False)
    assert (len(done.stdout.split()), done.returncode) == (passed, code)


@pytest.mark.parametrize("wrong", ["sent", "sent:0", "sent:x", ":1", "sent:-1"])
def test_a_point_that_cannot_be_understood_is_refused(wrong):
    with pytest.raises(UserError, match="PAIDAN_CRASH_AT"):
        crash_points({"PAIDAN_CRASH_AT": wrong})
