"""No dispatch number, name or telephone reaches a log, wherever in an event it stands."""

import json
import subprocess
import sys

import pytest

from deploy.process.logs import REDACTED, redact

PHONE, IDENTITY, NUMBER = "13800138000", "15010219900307123X", "20260310000017"


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("phone", PHONE, REDACTED),
        ("name", "王小明", REDACTED),
        ("dispatch", "hohhot:1", REDACTED),
        ("key", b"hohhot:1", REDACTED),
        ("why", f"call {PHONE} now", f"call {REDACTED} now"),
        ("why", "call 138-0013-8000", f"call {REDACTED}"),
        ("why", "call +86 138 0013 8000", f"call {REDACTED}"),
        ("why", f"身份证{IDENTITY}。", f"身份证{REDACTED}。"),
        ("why", f"case hohhot:{NUMBER} moved", f"case hohhot:{REDACTED} moved"),
        ("why", b"raw bytes", REDACTED),
        ("found", {"phone": PHONE, "n": 3}, {"phone": REDACTED, "n": 3}),
        ("found", [PHONE, ("x", {"text": PHONE})], [REDACTED, ["x", {"text": REDACTED}]]),
        ("error", ValueError(PHONE), REDACTED),
        ("offset", 123_456_789_012_345, 123_456_789_012_345),
        ("topic", "dept.gas.dispatches", "dept.gas.dispatches"),
        ("timestamp", "2026-11-25T02:33:24.955115Z", "2026-11-25T02:33:24.955115Z"),
        ("id", "3f9c0a77d2b14e5f8a6c1b2d", "3f9c0a77d2b14e5f8a6c1b2d"),
        ("seconds", 0.25, 0.25),
        ("ready", True, True),
        ("reason", None, None),
    ],
)
def test_what_is_private_is_masked_and_what_is_needed_stays(field, value, expected):
    assert redact(None, "info", {field: value}) == {field: expected}


def test_canaries_reach_stderr_by_no_road():
    script = f"""
import logging, structlog
from deploy.process import log_to_stderr
log_to_stderr("worker")
log = structlog.get_logger("streams.cases")
log.info("run_acked", topic="bridge.inbox", partition=3, offset=17, phone={PHONE!r}, value={NUMBER!r})
log.bind(why="call {PHONE}").warning("step_failed")
logging.getLogger("aiokafka.consumer").error("cannot parse %s", {PHONE!r})
logging.getLogger("elsewhere").warning("number %(n)s", {{"n": {NUMBER!r}}})
try:
    raise ValueError("no such case {NUMBER}")
except ValueError:
    log.exception("crashed")
    logging.getLogger("elsewhere").exception("crashed too")
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert len(lines) == 6
    assert {line["component"] for line in lines} == {"worker"}
    assert (lines[0]["topic"], lines[0]["partition"], lines[0]["offset"]) == ("bridge.inbox", 3, 17)
    assert "ValueError" in lines[4]["exception"]
    for canary in (PHONE, NUMBER):
        assert canary not in done.stderr
