"""What the oracle keeps of one dispatch, and of one message."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from deploy.simulate.days import Days
from deploy.simulate.runs import Expected


class Said(NamedTuple):
    """A record of the inbox."""

    offset: int
    kind: str
    value: bytes
    time: str
    landed: int


class Ask(NamedTuple):
    """A question of the timers."""

    offset: int
    id: str
    at: int
    due: int
    anew: bool
    """Another calendar has come: everything is to be computed anew."""


class Due(NamedTuple):
    """A mark that has to be recorded now, and whether it is told now."""

    run: Expected
    mark: str
    instant: int
    told: bool


class Told(NamedTuple):
    """One notice of a mark."""

    clock: str
    mark: str
    audience: str
    department: str
    at: int


@dataclass(slots=True)
class Watched:
    """One dispatch."""

    dispatch: str
    partition: int = 0
    seq: int = 0
    group: list[dict[str, Any]] = field(default_factory=list)
    """Facts of the message that is being read."""
    group_at: int = 0
    """When the first of them was appended."""
    asks: list[Ask] = field(default_factory=list)
    runs: dict[tuple[str, str | None], Expected] = field(default_factory=dict)
    recorded: set[tuple[str, str | None, str, int]] = field(default_factory=set)
    """Clock, holder, mark and instant of every mark that had to be recorded so far."""
    held: list[tuple[int, str, str | None, str]] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    noticed: dict[str, Told] = field(default_factory=dict)
    signed: bool = False
    """The sign clock has reached its end in some round."""
    calendar: int = 0
    """Which of the calendars that came one after the other its deadlines were computed by."""
    lead: str | None = None
    urgency: str = "normal"
    kind: str = "other"
    category: str = "unknown"
    asked_days: int = 0
    # of the message that is being read
    when: int = 0
    content: dict[str, Any] = field(default_factory=dict)
    missed: list[Due] = field(default_factory=list)
    known: int = 0

    def stands(self, held: tuple[int, str, str | None, str]) -> bool:
        """Whether its clock stands still: then nobody is reminded of it."""
        run = self.runs.get((held[1], held[2]))
        return run is not None and run.paused_since is not None

    def next(self, days: Days) -> int | None:
        """When something is due next: a mark, or the end of the quiet hours."""
        waiting = [held[0] for held in self.held if not self.stands(held)]
        for run in self.runs.values():
            instant = run.next(days)
            if instant is not None:
                waiting.append(instant)
        return min(waiting, default=None)
