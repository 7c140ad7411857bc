"""The only push loop: `city.feedback` to the system, in order for each dispatch, and what it answered to the inbox.

An item is finished when its outcome (and its dead letter, if it is one) is acked; offsets are committed only below
the oldest unfinished item. So after a crash some feedback is sent again, under the same id.
"""

import queue
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import structlog

from connectors.runtime import breaker, records
from connectors.runtime.breaker import Breaker, Position
from connectors.runtime.feedback_kafka import FeedbackReader
from connectors.runtime.lanes import Item, Lanes
from connectors.runtime.metrics import Metrics
from connectors.runtime.outcomes import PUSH, TRIPS, Next, delay
from connectors.runtime.ports import Accepted, Failed, Failure, Priority, Sink, State
from connectors.runtime.records import Out
from connectors.runtime.settings import BreakerRules, PushRules, RetryRules
from connectors.runtime.topic_reader import Record
from connectors.runtime.writer_kafka import Writer
from schemas import envelope
from schemas.codec import UndecodableError, decode
from schemas.dead_letter import DeadReason
from schemas.envelope import EnvelopeError
from schemas.feedback import Feedback, FeedbackKind, Outcome, OutcomeKind

COMMIT_EVERY_S = 1.0
IDLE_S = 0.2
BUSY_S = 0.02
MESSAGE_MOST = 500

log = structlog.get_logger(__name__)

At = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Job:
    """A feedback as it came."""

    record: Record
    feedback: Feedback
    id: str
    traceparent: str


@dataclass(frozen=True, slots=True)
class _Told:
    item: Item[Job]
    answer: Accepted | Failed
    asked: bool
    """The answer is to the question what the system knows, not to the feedback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushPolicy:
    """How patient, how many at once."""

    push: PushRules
    retry: RetryRules
    breaker: BreakerRules


class Pusher:
    """Pushes for one connector. One thread calls `step`; the calls to the system are made by threads of its own.

    Crash points, in order: `feedback_sent` (the city has answered, we have not looked), `feedback_answered`,
    `outcome_acked`, `feedback_committed`.
    """

    def __init__(
        self,
        connector: str,
        code: str,
        sink: Sink,
        reader: FeedbackReader,
        writer: Writer,
        metrics: Metrics,
        policy: PushPolicy,
        now: Callable[[], datetime],
        at: At,
    ) -> None:
        self._connector = connector
        self._code = code
        self._sink = sink
        self._reader = reader
        self._writer = writer
        self._metrics = metrics
        self._policy = policy
        self._now = now
        self._at = at
        self._lanes: Lanes[Job] = Lanes()
        self._told: queue.SimpleQueue[_Told] = queue.SimpleQueue()
        self._threads = ThreadPoolExecutor(policy.push.parallel, thread_name_prefix=f"push-{connector}")
        self._running = 0
        self._breaker = Breaker()
        self._committed: dict[int, int] = {}
        self._commit_due = 0.0
        self._last_success = time.monotonic()
        self._known_ends: dict[int, int] | None = None
        self._answered: dict[str, int] = {}
        self.state: tuple[State, str] = (State.RUNNING, "")

    def step(self, *, paused: bool = False) -> None:
        """Reads, tells, and writes what came of it, once around. Takes at most about a quarter of a second.

        Raises WriteError when Kafka does not ack: the process must end.
        """
        if self._known_ends is None:
            self._known_ends = self._reader.end_offsets()
            self._answered = self._reader.answered()
        dead: list[Out] = []
        self._reader.hold(paused or len(self._lanes) >= self._policy.push.waiting_most)
        for record in self._reader.poll(self._patience()):
            dead += self._take(record)
        told = self._collect()
        finished = [self._judge(each) for each in told]
        if not paused:
            self._start()
        self._finish(dead, [each for each in finished if each is not None])
        self._commit()
        self._show(paused=paused)

    def close(self) -> None:
        """Waits for the calls under way, writes their outcomes, commits, and lets go of Kafka."""
        self._threads.shutdown(wait=True)
        finished = [self._judge(each) for each in self._collect()]
        self._finish([], [each for each in finished if each is not None])
        self._commit_due = 0.0
        self._commit()
        self._reader.close()

    def _patience(self) -> float:
        if self._running or not self._told.empty():
            return 0.0
        until = self._lanes.next_at()
        return IDLE_S if until is None else min(max(until - time.monotonic(), 0.0), IDLE_S)

    def _take(self, record: Record) -> list[Out]:
        try:
            feedback = decode(Feedback, record.value)
            said = envelope.read(record.headers)
            if record.key != feedback.dispatch.encode():
                raise UndecodableError(DeadReason.KEY_MISMATCH)
        except (UndecodableError, EnvelopeError) as problem:
            self._lanes.passed(record.partition, record.offset)
            reason = problem.reason if isinstance(problem, UndecodableError) else DeadReason.INVALID
            log.warning("feedback_not_readable", connector=self._connector, reason=reason)
            return [records.dead_feedback(record.key, record.value or b"", record.headers, reason, record.origin, "")]
        if feedback.source != self._code:
            self._lanes.passed(record.partition, record.offset)
            return []
        if record.timestamp <= self._answered.get(said.id, -1):
            # its outcome was written by the process before this one, which was killed before the commit
            self._lanes.passed(record.partition, record.offset)
            return []
        self._lanes.add(
            Item(
                key=record.key,
                partition=record.partition,
                offset=record.offset,
                what=Job(record, feedback, said.id, said.traceparent),
                rank=_priority(feedback),
                since=time.monotonic(),
                # what lay on the topic when this process began may have been sent by the one before it
                unknown=not self._sink.idempotent and record.offset < (self._known_ends or {}).get(record.partition, 0),
            )
        )
        return []

    def _start(self) -> None:
        now = time.monotonic()
        if breaker.wait(self._breaker, now) > 0:
            return
        trial = breaker.position(self._breaker, now) is Position.HALF_OPEN
        most = 1 if trial else self._policy.push.parallel * 2 - self._running
        for item in self._lanes.ready(now, most):
            if trial:
                self._breaker = breaker.calling(self._breaker, now)
            self._running += 1
            self._threads.submit(self._tell, item)

    def _tell(self, item: Item[Job]) -> None:
        job = item.what
        priority = _priority(job.feedback)
        try:
            if item.unknown and self._sink.reads_back:
                known = self._sink.has(job.feedback, job.id, priority)
                if isinstance(known, Failed) and known.failure is not Failure.NOT_FOUND:
                    self._told.put(_Told(item, known, asked=True))
                    return
                if known is True:
                    self._told.put(_Told(item, Failed(failure=Failure.EXISTS), asked=True))
                    return
            answer = self._sink.send(job.feedback, job.id, priority)
            self._at("feedback_sent")
            self._told.put(_Told(item, answer, asked=False))
        except BaseException as problem:
            log.exception("sink_broke", connector=self._connector)
            self._told.put(_Told(item, Failed(failure=Failure.UNREADABLE, detail=type(problem).__name__), asked=False))
            raise

    def _collect(self) -> list[_Told]:
        told = []
        patience = BUSY_S if self._running else 0.0
        while True:
            try:
                told.append(self._told.get(timeout=patience) if patience else self._told.get_nowait())
            except queue.Empty:
                break
            patience = 0.0
        self._running -= len(told)
        return told

    def _judge(self, told: _Told) -> tuple[Item[Job], list[Out]] | None:
        """What to write for an answer; None when the item waits."""
        item = told.item
        item.attempts += 1
        if told.answer.failure in TRIPS if isinstance(told.answer, Failed) else False:
            self._breaker = breaker.failed(self._breaker, time.monotonic(), self._policy.breaker)
        else:
            self._breaker = breaker.succeeded(self._breaker)
            self._last_success = time.monotonic()
        if isinstance(told.answer, Accepted):
            return self._said(item, OutcomeKind.DELIVERED, told.answer.city_code, told.answer.city_message)
        failed = told.answer
        follows = PUSH[failed.failure]
        if told.asked and follows is not Next.EXISTS:
            follows = Next.ASK
        match follows:
            case Next.EXISTS:
                return self._said(item, OutcomeKind.EXISTS, failed.city_code, failed.city_message)
            case Next.REJECT:
                return self._rejected(item, failed)
            case _:
                if self._hopeless(item):
                    return self._rejected(item, failed)
                self._wait(item, failed, unknown=follows is Next.ASK)
                return None

    def _hopeless(self, item: Item[Job]) -> bool:
        """It fails by itself for very long, while the system takes others."""
        now = time.monotonic()
        patience = self._policy.push.give_up.total_seconds()
        return now - item.since > patience and now - self._last_success < patience / 10

    def _wait(self, item: Item[Job], failed: Failed, *, unknown: bool) -> None:
        seconds = delay(item.attempts, failed.retry_after, self._policy.retry)
        if unknown:
            seconds = max(seconds, self._policy.push.settle.total_seconds())
        self._lanes.later(item, time.monotonic() + seconds, unknown=unknown)
        self._count(item, "asked" if unknown else "retried")
        log.warning(
            "feedback_waits",
            connector=self._connector,
            kind=item.what.feedback.kind,
            reason=failed.failure,
            detail=failed.detail,
            attempt=item.attempts,
            seconds=round(seconds, 1),
        )

    def _said(
        self, item: Item[Job], kind: OutcomeKind, code: str | None, message: str | None
    ) -> tuple[Item[Job], list[Out]]:
        job = item.what
        said = Outcome(
            dispatch=job.feedback.dispatch,
            feedback_id=job.id,
            kind=job.feedback.kind,
            round=job.feedback.round,
            outcome=kind,
            at=self._now(),
            attempts=item.attempts,
            city_code=code,
            city_message=message[:MESSAGE_MOST] if message else None,
        )
        self._count(item, kind)
        return item, [records.outcome(self._connector, said, job.traceparent)]

    def _rejected(self, item: Item[Job], failed: Failed) -> tuple[Item[Job], list[Out]]:
        record = item.what.record
        log.warning(
            "feedback_rejected", connector=self._connector, kind=item.what.feedback.kind, reason=failed.failure,
            code=failed.city_code,
        )  # fmt: skip
        said = self._said(item, OutcomeKind.REJECTED, failed.city_code or failed.failure, failed.city_message)
        reason, why = DeadReason.CITY_REJECTED, failed.city_code or failed.failure
        letter = records.dead_feedback(record.key, record.value or b"", record.headers, reason, record.origin, why)
        return item, [letter, *said[1]]

    def _finish(self, dead: list[Out], finished: list[tuple[Item[Job], list[Out]]]) -> None:
        out = [*dead, *(record for _, made in finished for record in made)]
        if finished:
            self._at("feedback_answered")
        if out:
            self._writer.settle(self._writer.send(out))
        if finished:
            self._at("outcome_acked")
            self._metrics.last_success.labels(self._connector, "push").set_to_current_time()
        for item, _ in finished:
            self._lanes.finish(item)

    def _commit(self) -> None:
        now = time.monotonic()
        if now < self._commit_due:
            return
        self._commit_due = now + COMMIT_EVERY_S
        offsets = self._lanes.committable()
        moved = {number: offset for number, offset in offsets.items() if self._committed.get(number) != offset}
        if moved and self._reader.commit(moved):
            self._committed.update(moved)
            self._at("feedback_committed")

    def _count(self, item: Item[Job], outcome: str) -> None:
        self._metrics.pushed.labels(self._connector, item.what.feedback.kind, outcome).inc()

    def _show(self, *, paused: bool) -> None:
        now = time.monotonic()
        stands = breaker.position(self._breaker, now)
        self._metrics.breaker.labels(self._connector, "push").set(stands)
        self._metrics.waiting.labels(self._connector).set(len(self._lanes))
        oldest = self._lanes.oldest()
        self._metrics.oldest.labels(self._connector).set(0.0 if oldest is None else now - oldest)
        if paused:
            self.state = (State.PAUSED, "")
        elif stands is Position.CLOSED:
            self.state = (State.RUNNING, "")
        else:
            self.state = (State.DEGRADED, "the system does not answer")
        self._metrics.show_state(self._connector, "push", self.state[0])


def _priority(feedback: Feedback) -> Priority:
    return Priority.SIGN if feedback.kind is FeedbackKind.SIGN else Priority.FEEDBACK
