"""What one connector has to read: the live stream always, sweeps when they are due, backfills when they are asked for.

Everything that outlives a restart is a checkpoint: a sweep or backfill that was interrupted goes on where it was.
"""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog

from connectors.runtime import window
from connectors.runtime.ports import Feed, Priority, Window
from connectors.runtime.settings import SweepRules
from connectors.runtime.window_feed import Reach, WindowFeed, checkpoint_of
from schemas.checkpoint import Checkpoint

LIVE = "live"
SWEEP = "sweep/"
BACKFILL = "backfill/"
RELEARN = SweepRules.model_validate({"name": "mapping", "back": "30d", "every": "36500d"})
"""Begins when the mapping is no longer the one of the last checkpoint: what its tables learned is routed again."""

log = structlog.get_logger(__name__)


class SingleAgenda:
    """Of a system that brings its own feed."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    def feeds(self) -> Sequence[Feed]:
        """The one."""
        return (self._feed,)

    def finished(self, feed: Feed) -> None:
        """Never: such a feed has no end; if it says so, it is asked again."""


class WindowAgenda:
    """Of a source that lists by update time. `zone` is where a sweep's time of day is meant."""

    def __init__(self, reach: Reach, sweeps: Sequence[SweepRules], zone: ZoneInfo) -> None:
        self._reach = reach
        self._sweeps = tuple(sweeps)
        self._zone = zone
        self._others: dict[str, WindowFeed] = {}
        self.live = WindowFeed(reach, self._live_checkpoint(), Priority.LIVE)
        self._baseline()

    def _live_checkpoint(self) -> Checkpoint:
        known = self._reach.checkpoints.of(self._reach.connector, LIVE)
        if known is None:
            start = window.first_cursor(self._reach.clock.now(), self._reach.pull)
            return checkpoint_of(self._reach, LIVE, start)
        if known.mapping and known.mapping != self._reach.mapping:
            log.info("mapping_changed", connector=self._reach.connector)
            self._sweep(RELEARN)
        return known

    def _baseline(self) -> None:
        """A sweep that never ran counts from now, so that it begins at its own time and not at every first start."""
        for sweep in self._sweeps:
            if self._reach.checkpoints.of(self._reach.connector, SWEEP + sweep.name) is None:
                now = self._reach.clock.now()
                self._reach.checkpoints.save(
                    checkpoint_of(self._reach, SWEEP + sweep.name, Window(now, now), state="done")
                )

    def feeds(self) -> Sequence[Feed]:
        """The live one first."""
        self._begin_what_is_due()
        return (self.live, *self._others.values())

    def finished(self, feed: Feed) -> None:
        """It is dropped; its last checkpoint says `done`."""
        self._others.pop(feed.stream, None)

    def _begin_what_is_due(self) -> None:
        for sweep in self._sweeps:
            stream = SWEEP + sweep.name
            known = self._reach.checkpoints.of(self._reach.connector, stream)
            last = None if known is None else known.began
            if stream not in self._others and window.sweep_due(sweep, last, self._reach.now(), self._zone):
                self._sweep(sweep)
        for (connector, stream), known in self._reach.checkpoints.all().items():
            if connector == self._reach.connector and stream not in self._others and _unfinished(known):
                self._resume(known)

    def _sweep(self, sweep: SweepRules) -> None:
        now = self._reach.clock.now()
        grain = self._reach.source.rules.grain
        period = Window(window.floor(now - sweep.back, grain), window.floor(now - self._reach.pull.lag, grain))
        begun = self._reach.checkpoints.save(checkpoint_of(self._reach, SWEEP + sweep.name, period, state="running"))
        log.info("sweep_began", connector=self._reach.connector, stream=begun.stream)
        self._resume(begun)

    def _resume(self, checkpoint: Checkpoint) -> None:
        priority = Priority.BACKFILL if checkpoint.stream.startswith(BACKFILL) else Priority.SWEEP
        longest = timedelta(seconds=checkpoint.chunk_seconds) if checkpoint.chunk_seconds else None
        self._others[checkpoint.stream] = WindowFeed(self._reach, checkpoint, priority, longest=longest)


def _unfinished(checkpoint: Checkpoint) -> bool:
    return checkpoint.until is not None and checkpoint.cursor < checkpoint.until
