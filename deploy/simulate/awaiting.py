"""Driving the agents' coroutines by hand: they go on until something simulated holds them, or breaks them.

Every await of an agent ends in a collaborator of ours, so a step between two awaits is atomic, and a coroutine that is
dropped at one is a process that was killed there.
"""

from collections.abc import Callable, Coroutine, Generator
from enum import StrEnum
from typing import Any, Final, NamedTuple


class Trouble(StrEnum):
    """What may befall a worker at an await."""

    CRASH = "crash"
    STALL = "stall"
    """The whole process stands still, as if stopped; others may take its partitions over."""
    LOST_ACK = "lost_ack"
    """The broker has the batch and the producer does not know: it is sent again."""


class CrashedError(BaseException):
    """The process is gone. No `except Exception` of the code under test may catch it."""


class Hold:
    """Awaited: stand still for so many milliseconds."""

    def __init__(self, ms: int) -> None:
        self.ms = ms

    def __await__(self) -> Generator["Hold", None, None]:
        yield self


def step(coroutine: Coroutine[Any, Any, None]) -> Hold | None:
    """Go on to where it is held next; None where it is done. Raises what it raises."""
    try:
        held = coroutine.send(None)
    except StopIteration:
        return None
    if not isinstance(held, Hold):
        raise TypeError("an agent awaited something that is not simulated")
    return held


class Armed(NamedTuple):
    """A trouble that strikes when so many more awaits have been passed."""

    trouble: Trouble
    awaits: int
    ms: int = 0


class Fuse:
    """The troubles that wait for one worker, and the awaits it passes."""

    def __init__(self, struck: Callable[[Trouble], None]) -> None:
        self._armed: list[Armed] = []
        self._struck = struck

    @property
    def armed(self) -> bool:
        """Whether anything is to come: else there is no point in passing one."""
        return bool(self._armed)

    def arm(self, armed: Armed) -> None:
        """Add one."""
        self._armed.append(armed)

    def clear(self) -> None:
        """Whatever was to come has come otherwise."""
        self._armed.clear()

    async def point(self) -> None:
        """An await between two effects. Raises CrashedError."""
        if (due := self._due((Trouble.CRASH, Trouble.STALL))) is None:
            return
        self._struck(due.trouble)
        if due.trouble is Trouble.CRASH:
            raise CrashedError
        await Hold(due.ms)

    def ack_is_lost(self) -> bool:
        """After a batch: whether it is sent again."""
        if not self._armed or (due := self._due((Trouble.LOST_ACK,))) is None:
            return False
        self._struck(due.trouble)
        return True

    def _due(self, kinds: tuple[Trouble, ...]) -> Armed | None:
        for number, armed in enumerate(self._armed):
            if armed.trouble not in kinds:
                continue
            if armed.awaits > 0:
                self._armed[number] = armed._replace(awaits=armed.awaits - 1)
                continue
            del self._armed[number]
            return armed
        return None


LANE_ONLY_MS: Final = 5_000
"""A hold of up to this long is a slow broker: one lane waits, the others go on."""
