"""What a process tells whoever asks on loopback, and how it is asked to end."""

import signal
import socket
import subprocess
import sys
from dataclasses import dataclass

import httpx2
import pytest
from prometheus_client import CollectorRegistry, Counter

from deploy.console import UserError
from deploy.process import serve


@dataclass(frozen=True)
class Now:
    """A health that a test decides."""

    alive: bool = True
    ready: bool = True
    why: str = ""


@pytest.mark.parametrize(
    ("now", "healthz", "readyz", "body"),
    [
        (Now(), 200, 200, "ok\n"),
        (Now(ready=False, why="reading back"), 200, 503, "reading back\n"),
        (Now(alive=False, ready=False, why="stalled"), 503, 503, "stalled\n"),
    ],
)
def test_health_and_readiness_are_told_apart(now, healthz, readyz, body):
    with serve(0, CollectorRegistry(), lambda: now) as port:
        answers = [httpx2.get(f"http://127.0.0.1:{port}/{path}") for path in ("healthz", "readyz")]
    assert [answer.status_code for answer in answers] == [healthz, readyz]
    assert {answer.text for answer in answers} == {body}


def test_the_registry_that_was_given_is_what_is_scraped():
    registry = CollectorRegistry()
    Counter("paidan_runs", "runs", registry=registry).inc(3)
    with serve(0, registry, Now) as port:
        answer = httpx2.get(f"http://127.0.0.1:{port}/metrics")
        missing = httpx2.get(f"http://127.0.0.1:{port}/elsewhere")
    assert "paidan_runs_total 3.0" in answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    assert missing.status_code == 404


def test_only_this_machine_is_answered():
    with serve(0, CollectorRegistry(), Now) as port:
        with socket.create_server(("127.0.0.2", port)):
            pass
        with pytest.raises(UserError, match=str(port)), serve(port, CollectorRegistry(), Now):
            pass


def test_sigterm_asks_once_and_a_second_one_ends_the_process():
    script = (
        "import threading, structlog\n"
        "from deploy.process import log_to_stderr, on_stop\n"
        "log_to_stderr('x')\n"
        "asked = threading.Event()\n"
        "on_stop(asked.set)\n"
        "print('up', flush=True)\n"
        "asked.wait()\n"
        "print('asked', flush=True)\n"
        "threading.Event().wait()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "asked\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == -signal.SIGTERM
    assert "stop_asked" in process.stderr.read()
