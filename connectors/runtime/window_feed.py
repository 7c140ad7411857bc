"""The feed of a source that lists by update time: walks windows and pages, and keeps the cursor.

One class for the live stream, which never ends, and for sweeps and backfills, which have an end.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from connectors.runtime import breaker, paging, window
from connectors.runtime.breaker import Breaker
from connectors.runtime.checkpoints import Checkpoints
from connectors.runtime.metrics import Metrics
from connectors.runtime.outcomes import PATIENCE, PULL, TRIPS, Next, delay
from connectors.runtime.paging import Plan, Step
from connectors.runtime.ports import (
    Batch,
    Failed,
    Failure,
    Finished,
    Idle,
    Page,
    Priority,
    Refused,
    Source,
    SourceClock,
    State,
    Window,
)
from connectors.runtime.settings import BreakerRules, PullRules, RetryRules
from schemas.checkpoint import Checkpoint

HEARTBEAT_S = 30.0
"""An idle stream writes its checkpoint so often, so that a standstill can be told from silence."""
SLOWLY_S = 300.0
"""A failed stream is tried again so often: a source that was put right needs nobody here."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Guard:
    """The breaker of a connector's pulls, shared by its feeds. One thread."""

    rules: BreakerRules
    breaker: Breaker = field(default_factory=Breaker)

    def wait(self) -> float:
        """Seconds until a call may be made."""
        return breaker.wait(self.breaker, time.monotonic())

    def answered(self, *, well: bool) -> None:
        """How a call ended: did the system answer, whatever it said?"""
        now = time.monotonic()
        self.breaker = breaker.succeeded(self.breaker) if well else breaker.failed(self.breaker, now, self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What a feed works with; the same for all feeds of a connector."""

    connector: str
    mapping: str
    source: Source
    clock: SourceClock
    now: Callable[[], datetime]
    checkpoints: Checkpoints
    metrics: Metrics
    guard: Guard
    pull: PullRules
    retry: RetryRules


@dataclass(frozen=True, slots=True)
class _Mark:
    step: Step
    window_end: datetime


class WindowFeed:
    """See `ports.Feed`. `until` None: the live stream."""

    def __init__(
        self,
        reach: Reach,
        checkpoint: Checkpoint,
        priority: Priority,
        *,
        longest: timedelta | None = None,
    ) -> None:
        self._reach = reach
        self._saved = checkpoint
        self._cursor = checkpoint.cursor
        self._priority = priority
        self._longest = longest or reach.pull.longest
        self._plan: Plan | None = None
        self._due = 0.0
        self._failures = 0
        self._salvage = False
        self._state: tuple[State, str] = (State.RUNNING, "")
        self._written = 0.0
        self._last_success: datetime | None = checkpoint.last_success_at
        self._records = 0
        if checkpoint.until is not None and checkpoint.cursor >= checkpoint.until:
            self._state = (State.DONE, "")

    @property
    def stream(self) -> str:
        """`live`, `sweep/<name>`, `backfill/<from>/<to>`."""
        return self._saved.stream

    @property
    def finds(self) -> bool:
        """Whether it is a sweep."""
        return self._priority is Priority.SWEEP

    @property
    def state(self) -> tuple[State, str]:
        """And why."""
        return self._state

    @property
    def cursor(self) -> datetime:
        """Everything before it is durable."""
        return self._cursor

    def next(self) -> Batch | Idle | Finished:
        """The next page, or how long to leave the source alone."""
        if self._state[0] is State.DONE:
            return Finished()
        left = self._due - time.monotonic()
        if left > 0:
            return Idle(left)
        if (blocked := self._reach.guard.wait()) > 0:
            return Idle(blocked)
        if self._plan is None and (idle := self._begin()) is not None:
            return idle
        assert self._plan is not None
        answer = self._reach.source.fetch(replace(self._plan.ask, salvage=self._salvage), self._priority)
        if isinstance(answer, Failed):
            return self._failed(answer)
        if (fault := self._page_fault(answer)) is not None:
            return self._failed(fault)
        return self._batch(self._plan, answer)

    def _begin(self) -> Idle | None:
        source_now, grain = self._reach.clock.now(), self._reach.source.rules.grain
        if self._saved.until is not None:
            planned = window.fixed(self._cursor, self._saved.until, self._longest, grain)
        else:
            planned = window.live(self._cursor, source_now, self._reach.pull, grain)
            if window.beyond_retention(self._cursor, source_now, self._reach.pull):
                self._stand(State.FAILED, "the cursor is older than what the source still serves")
                return self._rest(SLOWLY_S)
        if planned.empty:
            return self._rest(min(1.0, self._reach.pull.every.total_seconds()))
        self._plan = paging.begin(planned)
        return None

    def _batch(self, plan: Plan, page: Page) -> Batch | Idle:
        self._reach.guard.answered(well=True)
        step = paging.after(plan, paging.facts(page), self._reach.source.rules)
        if step.trouble is not None:
            self._reach.metrics.page_troubles.labels(self._reach.connector, step.trouble).inc()
            log.info("page_did_not_add_up", connector=self._reach.connector, stream=self.stream, reason=step.trouble)
        if step.unreachable:
            self._reach.metrics.unreachable.labels(self._reach.connector).inc(step.unreachable)
            log.error("records_unreachable", connector=self._reach.connector, count=step.unreachable)
        if step.plan is not None and paging.stuck(step.plan):
            self._plan = None
            return self._failed(Failed(failure=Failure.SHAPE, detail="the pages never add up"))
        self._failures, self._salvage = 0, False
        self._last_success = self._reach.now()
        self._reach.metrics.last_success.labels(self._reach.connector, "pull").set(self._last_success.timestamp())
        self._stand(State.RUNNING, "")
        return Batch(page.records, _Mark(step, plan.windows[-1].end))

    def durable(self, batch: Batch) -> None:
        """Moves the cursor over what is now acked, and writes it down."""
        mark = batch.mark
        assert isinstance(mark, _Mark)
        self._records += len(batch.records)
        step = mark.step
        self._plan = step.plan
        live = self._saved.until is None
        reached = self._honest(step.complete_to) if live else step.complete_to
        if step.plan is None or reached > self._cursor:
            moved, self._cursor = reached != self._cursor, reached
        else:
            moved = False
        if step.plan is None and live:
            self._due = time.monotonic() + self._pace(mark.window_end)
        if not live and self._saved.until is not None and self._cursor >= self._saved.until:
            self._state = (State.DONE, "")
        if moved or self._state[0] is State.DONE or self._heartbeat_due():
            self._save()
        self._show_lag()

    def _honest(self, reached: datetime) -> datetime:
        """Never beyond the source's own now: before its first answer the window was made with our clock."""
        return min(reached, self._reach.clock.now() - self._reach.pull.lag)

    def _pace(self, window_end: datetime) -> float:
        """A window that ends well before now is followed at once: there is something to catch up with."""
        behind = self._reach.clock.now() - self._reach.pull.lag - window_end
        every = self._reach.pull.every
        return 0.0 if behind > every + self._reach.pull.overlap else every.total_seconds()

    def _failed(self, failed: Failed) -> Idle:
        self._failures += 1
        self._reach.guard.answered(well=failed.failure not in TRIPS)
        stop = PULL[failed.failure] is Next.STOP and self._failures >= PATIENCE
        if stop and failed.failure is Failure.UNREADABLE and not self._salvage:
            self._salvage, stop = True, False
        self._stand(State.FAILED if stop else State.DEGRADED, f"{failed.failure}: {failed.detail}".rstrip(": "))
        seconds = SLOWLY_S if stop else delay(self._failures, failed.retry_after, self._reach.retry)
        log.warning(
            "pull_failed",
            connector=self._reach.connector,
            stream=self.stream,
            reason=failed.failure,
            detail=failed.detail,
            attempt=self._failures,
            seconds=round(seconds, 1),
        )
        return self._rest(seconds)

    def _page_fault(self, page: Page) -> Failed | None:
        refused = sum(isinstance(record, Refused) for record in page.records)
        rules = self._reach.pull
        if refused >= rules.invalid_least and refused > rules.invalid_share * len(page.records):
            return Failed(failure=Failure.SHAPE, detail=f"{refused} of {len(page.records)} records cannot be read")
        return None

    def _rest(self, seconds: float) -> Idle:
        self._due = time.monotonic() + seconds
        if self._heartbeat_due():
            self._save()
        self._show_lag()
        return Idle(seconds)

    def _stand(self, state: State, why: str) -> None:
        changed = state is not self._state[0]
        self._state = (state, why)
        if changed:
            self._written = 0.0

    def _heartbeat_due(self) -> bool:
        return time.monotonic() - self._written >= HEARTBEAT_S

    def _save(self) -> None:
        self._written = time.monotonic()
        self._saved = self._reach.checkpoints.save(
            self._saved.model_copy(
                update={
                    "cursor": self._cursor,
                    "mapping": self._reach.mapping,
                    "state": self._state[0].value,
                    "why": self._state[1][:500],
                    "last_success_at": self._last_success,
                    "records": self._records,
                }
            )
        )

    def _show_lag(self) -> None:
        if self._saved.until is None:
            lag = (self._reach.clock.now() - self._cursor).total_seconds()
            self._reach.metrics.cursor_lag.labels(self._reach.connector).set(max(0.0, lag))


def checkpoint_of(reach: Reach, stream: str, at: Window | datetime, **more: object) -> Checkpoint:
    """A first checkpoint: from a moment on (the live stream), or for a period."""
    start, until = (at.start, at.end) if isinstance(at, Window) else (at, None)
    fields = {"mapping": reach.mapping, **more}
    return Checkpoint.model_validate(
        {
            "connector": reach.connector,
            "stream": stream,
            "cursor": start,
            "until": until,
            "began": reach.now(),
            "written_at": reach.now(),
            **fields,
        }
    )
