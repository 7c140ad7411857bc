"""The wall clock, as long as it can be believed: a deadline must not fire because somebody set the clock.

The wall is compared with a clock that nobody sets and that goes on while the machine sleeps. NTP's slewing (0.5 ms a
second) is followed. A step is not: the clock says nothing until both agree again, or until the new time has stood for
`HOLD_SECONDS`, in which an operator is alarmed and can put it right.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import structlog

STEP_SECONDS: Final = 1.0
"""Between two looks, some tenths of a second apart, no slewing changes the difference by so much."""

HOLD_SECONDS: Final = 600.0

log = structlog.get_logger(__name__)

Seconds = Callable[[], float]


def boot_time() -> float:
    """Seconds since some fixed moment, time asleep included where the system can tell it (Linux)."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


class SteadyClock:
    """Asked a few times a second by one task."""

    def __init__(self, wall: Seconds = time.time, steady: Seconds = boot_time) -> None:
        self._wall, self._steady = wall, steady
        self._offset = wall() - steady()
        self._held_since: float | None = None
        self._stepped_to = 0.0
        self.step = 0.0
        """Seconds by which the wall was set; 0 while it is believed."""

    def now(self) -> datetime | None:
        """The time (UTC), or None while the wall clock is not to be believed."""
        wall, steady = self._wall(), self._steady()
        offset = wall - steady
        self.step = offset - self._offset
        if abs(self.step) <= STEP_SECONDS:
            if self._held_since is not None:
                log.warning("clock_agrees_again")
                self._held_since = None
            self._offset, self.step = offset, 0.0
        elif self._held_since is None or abs(offset - self._stepped_to) > STEP_SECONDS:
            self._held_since, self._stepped_to = steady, offset
            log.error("clock_stepped", seconds=round(self.step, 3))
        elif steady - self._held_since >= HOLD_SECONDS:
            log.error("clock_step_accepted", seconds=round(self.step, 3))
            self._offset, self._held_since, self.step = offset, None, 0.0
        return None if self._held_since is not None else datetime.fromtimestamp(wall, UTC)
