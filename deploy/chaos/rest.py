"""When a run has come to rest. Pure: what was seen at each look is given."""

from dataclasses import dataclass
from typing import Final

QUIET_S: Final = 4.0
"""Nothing was written for so long and nobody is behind: everything came to rest. Departments pause up to 3 s."""
SILENT_S: Final = 1.5
"""The connectors ask twice a second; a city that was not asked for so long has nobody to read it."""


@dataclass(slots=True)
class Rest:
    """Quiet counts only while the city is being asked.

    What a page showed may be with a process that was killed before it wrote it: the city has served it, nobody is
    behind, and nothing is written until the connectors are back and read it again.
    """

    _since: float | None = None
    _written: int = -1
    _asked: int = -1
    _asked_at: float = 0.0

    def reached(self, now: float, *, busy: bool, asked: int, written: int) -> bool:
        """`now` in seconds, by any clock; `asked` and `written` are counts so far; `busy`: something is left to do."""
        if asked != self._asked:
            self._asked, self._asked_at = asked, now
        if busy or written != self._written or now - self._asked_at > SILENT_S or self._since is None:
            self._since, self._written = now, written
            return False
        return now - self._since >= QUIET_S
