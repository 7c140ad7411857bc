"""The breaker: when too much is dead, the fault is ours, and going on would empty the topic into the dead letters."""

from collections import defaultdict, deque
from enum import StrEnum
from typing import Final

IN_A_ROW: Final = 20
SHARE: Final = 0.2
WINDOW: Final = 1000


class Trip(StrEnum):
    """Why the worker must stop."""

    IN_A_ROW = "in_a_row"
    SHARE = "share"


class BreakerOpenError(RuntimeError):
    """Raised by who asked the breaker and was told to stop; ends the worker before the run is acked."""


class Breaker:
    """Counts the dead per partition: more than `in_a_row`, or more than `share` of the last `window`, is too many.

    The share is taken of a whole window, also while fewer records were seen: two dead of the first five are no news.
    """

    def __init__(self, *, in_a_row: int = IN_A_ROW, share: float = SHARE, window: int = WINDOW) -> None:
        self._limit_row, self._limit_dead, self._window = in_a_row, share * window, window
        self._row: defaultdict[tuple[str, int], int] = defaultdict(int)
        self._last: defaultdict[tuple[str, int], deque[bool]] = defaultdict(lambda: deque(maxlen=window))
        self._dead: defaultdict[tuple[str, int], int] = defaultdict(int)

    def saw(self, topic: str, partition: int, *, dead: bool) -> Trip | None:
        """One more record of that partition was handled, well or dead."""
        place = topic, partition
        last = self._last[place]
        if len(last) == self._window and last[0]:
            self._dead[place] -= 1
        last.append(dead)
        if not dead:
            self._row[place] = 0
            return None
        self._row[place] += 1
        self._dead[place] += 1
        if self._row[place] > self._limit_row:
            return Trip.IN_A_ROW
        return Trip.SHARE if self._dead[place] > self._limit_dead else None
