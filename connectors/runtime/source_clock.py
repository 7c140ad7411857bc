"""The source's own time: ours plus what its answers show it to be ahead."""

from collections.abc import Callable
from datetime import datetime, timedelta

NOISE = timedelta(seconds=2)
"""An HTTP date is cut to the second and the answer was on its way: so much is no skew."""


class LearnedClock:
    """`ours` gives this machine's UTC. Written by one thread at a time; reading is safe from any."""

    def __init__(self, ours: Callable[[], datetime]) -> None:
        self._ours = ours
        self._skew: timedelta | None = None

    @property
    def known(self) -> bool:
        """Whether anything was learned yet; before, `now` is this machine's."""
        return self._skew is not None

    @property
    def skew(self) -> timedelta:
        """How far the source is ahead of us; below zero, behind."""
        return self._skew or timedelta(0)

    def now(self) -> datetime:
        """UTC."""
        return self._ours() + self.skew

    def observe(self, theirs: datetime) -> None:
        """The source said that it is `theirs` now."""
        skew = theirs - self._ours()
        self._skew = timedelta(0) if abs(skew) <= NOISE else skew
