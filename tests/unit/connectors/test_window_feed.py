"""A feed: the cursor moves only over what is durable, and what goes wrong is waited for, salvaged or shown."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from prometheus_client import CollectorRegistry

from connectors.runtime.checkpoints import Checkpoints
from connectors.runtime.metrics import Metrics
from connectors.runtime.outcomes import PATIENCE
from connectors.runtime.ports import (
    Ask,
    Batch,
    Failed,
    Failure,
    Finished,
    Idle,
    Page,
    PageRules,
    Priority,
    Refused,
    State,
    Window,
)
from connectors.runtime.settings import BreakerRules, PullRules, RetryRules
from connectors.runtime.source_clock import LearnedClock
from connectors.runtime.window_feed import SLOWLY_S, Guard, Reach, WindowFeed, checkpoint_of
from schemas.checkpoint import Checkpoint
from schemas.dead_letter import DeadReason
from schemas.dispatch import Dispatch, stamped

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ZERO = timedelta(0)


def dispatch(number: int, at: datetime) -> Dispatch:
    return stamped(
        Dispatch(
            id=f"c:{number}", source="c", number=str(number), digest="0" * 16, issued_at=at, updated_at=at, title="停水"
        )
    )


@dataclass
class FakeSource:
    """Answers what it is told to, in turn; the last answer again and again."""

    answers: list[Page | Failed]
    rules: PageRules = field(default_factory=lambda: PageRules(kind="numbered", size=10))
    asked: list[Ask] = field(default_factory=list)

    def fetch(self, ask: Ask, priority: Priority) -> Page | Failed:
        self.asked.append(ask)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


@dataclass
class Kept:
    """Checkpoints in memory."""

    saved: list[Checkpoint] = field(default_factory=list)

    def save(self, checkpoint: Checkpoint) -> Checkpoint:
        self.saved.append(checkpoint)
        return checkpoint


def feed(source: FakeSource, kept: Kept, period: Window | None = None) -> Any:
    clock = LearnedClock(lambda: NOON)
    clock.observe(NOON)
    pull = PullRules(every=timedelta(microseconds=1), overlap=timedelta(minutes=1), lag=ZERO, invalid_least=2)
    reach = Reach(
        connector="c",
        mapping="m",
        source=source,
        clock=clock,
        now=lambda: NOON,
        checkpoints=cast("Checkpoints", kept),
        metrics=Metrics(CollectorRegistry(), ["c"]),
        guard=Guard(BreakerRules(failures=1000)),
        pull=pull,
        retry=RetryRules(first=ZERO, longest=ZERO),
    )
    at: Window | datetime = period or NOON - timedelta(minutes=10)
    stream = "backfill/x" if period else "live"
    return WindowFeed(reach, checkpoint_of(reach, stream, at), Priority.LIVE if not period else Priority.BACKFILL)


def page(*records: Dispatch | Refused) -> Page:
    return Page(records)


def test_the_cursor_moves_over_what_is_durable_and_nothing_else() -> None:
    kept, source = Kept(), FakeSource([page(dispatch(1, NOON - timedelta(minutes=5)))])
    live = feed(source, kept)
    before = live.cursor
    batch = live.next()
    assert isinstance(batch, Batch)
    assert live.cursor == before
    live.durable(batch)
    assert live.cursor == NOON
    assert kept.saved[-1].cursor == NOON


def test_a_failure_is_waited_for_and_the_same_page_asked_again() -> None:
    kept = Kept()
    source = FakeSource([Failed(failure=Failure.SERVER_ERROR), page()])
    live = feed(source, kept)
    assert isinstance(live.next(), Idle)
    assert live.state[0] is State.DEGRADED
    assert isinstance(live.next(), Batch)
    assert live.state[0] is State.RUNNING
    assert source.asked[0] == source.asked[1]


@pytest.mark.parametrize("failure", [Failure.LOGIN_REFUSED, Failure.SHAPE, Failure.REJECTED])
def test_what_waiting_does_not_cure_is_shown_and_tried_slowly(failure: Failure) -> None:
    live = feed(FakeSource([Failed(failure=failure)]), Kept())
    waits = [live.next() for _ in range(PATIENCE)]
    assert [wait.seconds for wait in waits] == [0.0] * (PATIENCE - 1) + [SLOWLY_S]
    assert live.state[0] is State.FAILED
    assert live.cursor == NOON - timedelta(minutes=10)


def test_a_page_that_stays_unreadable_is_taken_record_by_record() -> None:
    source = FakeSource([Failed(failure=Failure.UNREADABLE)] * PATIENCE + [page(dispatch(1, NOON))])
    live = feed(source, Kept())
    while not isinstance(live.next(), Batch):
        pass
    assert [ask.salvage for ask in source.asked] == [False] * PATIENCE + [True]


def test_a_page_of_which_most_cannot_be_read_is_at_fault_itself() -> None:
    """A schema that has changed must not send every order to quarantine."""
    refused = [Refused(DeadReason.NO_NUMBER, bytes([number])) for number in range(3)]
    live = feed(FakeSource([page(*refused, dispatch(1, NOON))]), Kept())
    waits = [live.next() for _ in range(PATIENCE)]
    assert all(isinstance(wait, Idle) for wait in waits)
    assert live.state == (State.FAILED, "shape: 3 of 4 records cannot be read")


def test_a_few_that_cannot_be_read_go_with_the_rest() -> None:
    refused = Refused(DeadReason.NO_NUMBER, b"{}")
    batch = feed(FakeSource([page(refused, dispatch(1, NOON - timedelta(minutes=1)))]), Kept()).next()
    assert isinstance(batch, Batch)
    assert batch.records[0] == refused


def test_a_known_period_ends() -> None:
    kept = Kept()
    period = Window(NOON - timedelta(hours=30), NOON - timedelta(hours=20))
    filling = feed(FakeSource([page()]), kept, period)
    while not isinstance(found := filling.next(), Finished):
        assert isinstance(found, Batch)
        filling.durable(found)
    assert kept.saved[-1].cursor == period.end
    assert kept.saved[-1].state == "done"


def test_an_idle_stream_still_says_that_it_lives() -> None:
    """Nothing new, and the clock stands still: the checkpoint is written once, and not at every turn."""
    kept = Kept()
    live = feed(FakeSource([page()]), kept)
    for _ in range(5):
        batch = live.next()
        if isinstance(batch, Batch):
            live.durable(batch)
    assert 1 <= len(kept.saved) <= 2


def test_the_cursor_never_runs_ahead_of_the_sources_own_clock() -> None:
    """Until its first answer the window was made with our clock, and the source's may be behind."""
    kept, source = Kept(), FakeSource([page()])
    live = feed(source, kept)
    batch = live.next()
    live._reach.clock.observe(NOON - timedelta(minutes=5))
    live.durable(batch)
    assert live.cursor == NOON - timedelta(minutes=5)
