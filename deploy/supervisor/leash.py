"""Ends a process group when its owner is gone: run as `python leash.py OWNER`, standard library only.

It leads the group that all children of a supervisor join, so a SIGKILL of the supervisor leaves none of them behind.
"""

import os
import select
import signal
import sys
import time


def main(owner: int) -> None:
    """Returns never: when `owner` is gone, the whole group ends, this process with it."""
    if hasattr(os, "pidfd_open"):
        try:
            poll = select.poll()
            poll.register(os.pidfd_open(owner), select.POLLIN)
            poll.poll()
        except ProcessLookupError:
            pass
    else:
        while os.getppid() == owner:
            time.sleep(0.5)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main(int(sys.argv[1]))
