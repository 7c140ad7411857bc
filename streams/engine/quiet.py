"""A log filter for libraries that repeat themselves: while a broker is away aiokafka writes 1,500 lines a second."""

import logging
from collections.abc import Callable
from time import monotonic
from typing import Final

from typing_extensions import override

SECONDS: Final = 10.0
LIBRARIES: Final = ("aiokafka", "faust", "mode", "kafka")
KINDS: Final = 1000


class OneOfAKind(logging.Filter):
    """One record of a kind (logger, level, unformatted text) passes per `seconds` and says how many were held back."""

    def __init__(self, *, seconds: float = SECONDS, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._seconds, self._clock = seconds, clock
        self._passed: dict[tuple[str, int, str], float] = {}
        self._held: dict[tuple[str, int, str], int] = {}

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        """Only records of the libraries are held to it."""
        if record.name.partition(".")[0] not in LIBRARIES:
            return True
        kind, now = (record.name, record.levelno, str(record.msg)), self._clock()
        if now - self._passed.get(kind, -self._seconds) < self._seconds:
            self._held[kind] = self._held.get(kind, 0) + 1
            return False
        if len(self._passed) >= KINDS:
            self._passed.clear()
            self._held.clear()
        self._passed[kind] = now
        if held := self._held.pop(kind, 0):
            record.msg = f"{record.getMessage()} ({held} more like it held back)"
            record.args = ()
        return True


def quiet_logs(seconds: float = SECONDS) -> None:
    """Put the filter on each handler of the root logger: filters on a logger do not see its children's records."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(OneOfAKind(seconds=seconds))
