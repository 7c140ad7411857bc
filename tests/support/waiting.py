"""Waiting for a condition with a deadline, in place of sleeping and hoping."""

import time
from collections.abc import Callable
from pathlib import Path


def eventually(condition: Callable[[], object], within_s: float = 10.0, why: str = "") -> None:
    """Returns as soon as `condition()` is true; fails with `why` after `within_s` seconds."""
    until = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < until, f"not within {within_s} s: {why or condition}"
        time.sleep(0.02)


def lives(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
