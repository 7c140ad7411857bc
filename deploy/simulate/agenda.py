"""Simulated time: what is to happen next, in order. Nobody waits; the clock goes to the next event."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import Any, Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SECOND: Final = 1000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


def moment(ms: int) -> datetime:
    """Milliseconds since 1970 as an instant (UTC)."""
    return EPOCH + timedelta(milliseconds=ms)


def text(ms: int) -> str:
    """RFC 3339 in UTC."""
    return moment(ms).isoformat().replace("+00:00", "Z")


def ms_of(said: str) -> int:
    """Milliseconds since 1970 of an instant as messages write it, rounded down."""
    return (datetime.fromisoformat(said) - EPOCH) // timedelta(milliseconds=1)


class Agenda:
    """Events in the order of their time; of one time, in the order in which they were planned."""

    def __init__(self, start: int) -> None:
        self.now = start
        """Milliseconds since 1970."""
        self._planned = 0
        self._events: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []

    def at(self, ms: int, what: Callable[..., None], *args: Any) -> None:
        """Plan for an instant; one that has passed means now."""
        self._planned += 1
        heappush(self._events, (max(ms, self.now), self._planned, what, args))

    def after(self, ms: int, what: Callable[..., None], *args: Any) -> None:
        """Plan for so many milliseconds from now."""
        self.at(self.now + ms, what, *args)

    def seconds(self) -> float:
        """The time as `time.time` tells it."""
        return self.now / SECOND

    def run(self, until: int) -> None:
        """Everything that is planned up to `until`, and what that plans in turn."""
        events = self._events
        while events and events[0][0] <= until:
            self.now, _, what, args = heappop(events)
            what(*args)
        self.now = max(self.now, until)
