"""Ends a broker when the process that owns it is gone: run as `python watch.py OWNER BROKER`, standard library only.

Tests and the demo own their broker; a SIGKILL of theirs must not leave one behind. `paidan broker start` has no owner.
"""

import os
import select
import signal
import sys
import time
from pathlib import Path

GRACE_S = 10.0


def main(owner: int, broker: int) -> None:
    """Returns when either process is gone, having ended the broker if it was the owner."""
    if hasattr(os, "pidfd_open"):
        _wait_by_handle(owner, broker)
    else:
        while _lives(owner) and _lives(broker):
            time.sleep(0.5)
    if _lives(broker) and not _lives(owner):
        _end(broker)


def _wait_by_handle(owner: int, broker: int) -> None:
    poll = select.poll()
    for pid in (owner, broker):
        try:
            poll.register(os.pidfd_open(pid), select.POLLIN)
        except ProcessLookupError:
            return
    poll.poll()


def _lives(pid: int) -> bool:
    """Alive and not a zombie (a dead child whose parent has not asked for it yet)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        return stat.rpartition(")")[2].split()[0] != "Z"
    except OSError:
        if Path("/proc/self/stat").exists():
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _end(broker: int) -> None:
    try:
        os.kill(broker, signal.SIGTERM)
        until = time.monotonic() + GRACE_S
        while _lives(broker) and time.monotonic() < until:
            time.sleep(0.1)
        if _lives(broker):
            os.kill(broker, signal.SIGKILL)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    # Ctrl-C in the owner's terminal is for the owner; its end is what is waited for
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main(int(sys.argv[1]), int(sys.argv[2]))
