"""The watchdog: with static membership a hung agent is never expelled, because heartbeats come from another thread.

So a worker that has work, and acks nothing for a minute, ends itself.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from streams.engine.crash import fatal

log = structlog.get_logger(__name__)

LIMIT_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Sight:
    """What the watchdog sees at one instant."""

    now: float
    """Monotonic seconds."""
    acked: int
    """Runs acked since the start."""
    lag: int
    """Records of our partitions that are not acked."""
    excused: bool = False
    """The worker knows that it waits: for the broker, a topic, a table being read back."""


class Watch:
    """Pure: fed with sights in order of time."""

    def __init__(self, limit_seconds: float = LIMIT_SECONDS) -> None:
        self._limit = limit_seconds
        self._since: Sight | None = None

    def hung(self, sight: Sight) -> bool:
        """Whether, for the limit and longer, there was work, it did not become less, and nothing was acked."""
        since = self._since
        if since is None or sight.excused or sight.acked != since.acked or not 0 < since.lag <= sight.lag:
            self._since = sight
            return False
        return sight.now - since.now >= self._limit


def start(look: Callable[[], Sight], *, limit_seconds: float) -> Callable[[], None]:
    """Watch from a thread of its own, so that a blocked event loop is seen too. Answers how to stop it."""
    stop, watch, every_seconds = threading.Event(), Watch(limit_seconds), min(LOOK_SECONDS, limit_seconds / 4)

    def body() -> None:
        while not stop.wait(every_seconds):
            try:
                sight = look()
            except Exception as problem:  # noqa: BLE001 - a watchdog that dies in silence is worse than a blind moment
                log.warning("watchdog_blind", error=repr(problem))
                continue
            if watch.hung(sight):
                fatal("watchdog", f"{sight.lag} records wait and nothing was acked for {limit_seconds:.0f} s")

    threading.Thread(target=body, name="watchdog", daemon=True).start()
    return stop.set
