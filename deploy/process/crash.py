"""Named crash points: where a test or the chaos run may have a process kill itself, as a power cut would."""

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Mapping

from deploy.console import UserError, t

CRASH_VARIABLE = "PAIDAN_CRASH_AT"


def crash_points(environment: Mapping[str, str] | None = None) -> Callable[[str], None]:
    """The `at` hook for named crash points: kills this process on the pass that PAIDAN_CRASH_AT names.

    PAIDAN_CRASH_AT is `name:n` (n-th pass, from 1) or several with commas; unset, the hook does nothing.
    Raises UserError for anything else.
    """
    wanted = _read_crash_points((os.environ if environment is None else environment).get(CRASH_VARIABLE, ""))
    if not wanted:
        return lambda name: None
    passed: Counter[str] = Counter()

    def at(name: str) -> None:
        passed[name] += 1
        if wanted.get(name) == passed[name]:
            sys.stderr.flush()
            os.kill(os.getpid(), signal.SIGKILL)

    return at


def _read_crash_points(text: str) -> dict[str, int]:
    wanted: dict[str, int] = {}
    for word in filter(None, text.split(",")):
        name, _, count = word.strip().rpartition(":")
        if not name or not count.isdecimal() or int(count) < 1:
            raise UserError(
                t(f"{CRASH_VARIABLE} 应为 名称:次数，而不是 {word}", f"{CRASH_VARIABLE} is name:n, not {word}")
            )
        wanted[name] = int(count)
    return wanted
