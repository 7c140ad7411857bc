"""Runs connectors: one pull thread and one push thread each, in one process.

Crash-only: a thread that meets what it cannot handle ends the process, and whoever supervises it starts it again.
"""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

import structlog
from kafka.errors import KafkaError
from prometheus_client import CollectorRegistry

from connectors.runtime import breaker
from connectors.runtime.agenda import SingleAgenda, WindowAgenda
from connectors.runtime.budget import Budget
from connectors.runtime.checkpoints import Checkpoints
from connectors.runtime.city_topic import TopicsMissingError, missing_topics, remember
from connectors.runtime.feedback_kafka import FeedbackReader
from connectors.runtime.health import Health
from connectors.runtime.meter import Meter
from connectors.runtime.metrics import Metrics
from connectors.runtime.ports import Fittings, Parts, State
from connectors.runtime.pull import Agenda, At, Puller
from connectors.runtime.push import Pusher, PushPolicy
from connectors.runtime.seen import Seen
from connectors.runtime.settings import ConnectorSettings
from connectors.runtime.source_clock import LearnedClock
from connectors.runtime.window_feed import Guard, Reach
from connectors.runtime.writer_kafka import KafkaWriter, Writer
from schemas.checkpoint import Desired
from schemas.kafka import KafkaSettings

PAUSED_S = 0.3
AWAIT_S = 1.0
"""Between two looks for a Kafka that is not there when the process starts."""
STUCK_S = 300.0
"""A loop that has not come round for so long hangs, and the process is reported dead."""

log = structlog.get_logger(__name__)

Build = Callable[[Fittings], Parts]


def utc_now() -> datetime:
    """The bridge's clock."""
    return datetime.now(UTC)


class LoopBrokenError(RuntimeError):
    """A loop met what it cannot handle, and the process must end; the cause was logged where it happened."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One connector to run: its name, what its YAML says, and how its system is built."""

    name: str
    settings: ConnectorSettings
    build: Build


@dataclass(slots=True, kw_only=True)
class Connector:
    """One connector, ready to run."""

    name: str
    parts: Parts
    settings: ConnectorSettings
    clock: LearnedClock
    agenda: Agenda | None
    puller: Puller | None
    pusher: Pusher | None
    guard: Guard
    states: dict[str, tuple[State, str]]

    def close(self) -> None:
        """Lets go of its system's connections."""
        if self.parts.close is not None:
            self.parts.close()


def build_connector(
    entry: Entry,
    *,
    kafka: KafkaSettings,
    writer: Writer,
    checkpoints: Checkpoints,
    metrics: Metrics,
    seen: Seen,
    at: At,
    now: Callable[[], datetime] = utc_now,
) -> Connector:
    """Puts one connector together; its checkpoints are loaded already. Opens no connection to its system yet."""
    settings = entry.settings
    clock = LearnedClock(now)
    parts = entry.build(Fittings(entry.name, Meter(entry.name, Budget(settings.budget), metrics), clock))
    guard = Guard(settings.breaker)
    agenda: Agenda | None = None
    if parts.source is not None:
        reach = Reach(
            connector=entry.name,
            mapping=parts.mapping,
            source=parts.source,
            clock=clock,
            now=now,
            checkpoints=checkpoints,
            metrics=metrics,
            guard=guard,
            pull=settings.pull,
            retry=settings.retry,
        )
        agenda = WindowAgenda(reach, settings.sweeps, ZoneInfo(parts.zone))
    elif parts.feed is not None:
        agenda = SingleAgenda(parts.feed)
    puller = None
    if agenda is not None:
        puller = Puller(connector=entry.name, agenda=agenda, writer=writer, seen=seen, metrics=metrics, at=at)
    pusher = None
    if parts.sink is not None:
        policy = PushPolicy(push=settings.push, retry=settings.retry, breaker=settings.breaker)
        reader = FeedbackReader(kafka, entry.name)
        pusher = Pusher(entry.name, parts.code, parts.sink, reader, writer, metrics, policy, now, at)
    return Connector(
        name=entry.name,
        parts=parts,
        settings=settings,
        clock=clock,
        agenda=agenda,
        puller=puller,
        pusher=pusher,
        guard=guard,
        states={},
    )


class Service:
    """All connectors of a county. `run` blocks until `stop` is called, or raises what broke a loop."""

    def __init__(
        self,
        entries: Sequence[Entry],
        kafka: KafkaSettings,
        *,
        at: At = lambda name: None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._entries = tuple(entries)
        self._kafka = kafka
        self._at = at
        self._now = now
        self.registry = CollectorRegistry()
        self._metrics = Metrics(self.registry, [entry.name for entry in entries])
        self._stop = threading.Event()
        self._broken: list[BaseException] = []
        self._connectors: list[Connector] = []
        self._beats: dict[str, float] = {}

    def stop(self) -> None:
        """Asks the loops to end; safe in a signal handler."""
        self._stop.set()

    def health(self) -> Health:
        """`ready` means that it does its work here: Kafka answered and the loops go round. The city is not asked."""
        if self._broken:
            return Health(False, False, "a loop has broken")
        if not self._beats:
            return Health(True, False, "starting, or waiting for Kafka")
        late = [name for name, beat in self._beats.items() if time.monotonic() - beat > STUCK_S]
        if late:
            return Health(False, False, f"{late[0]} hangs")
        return Health(True, True, "")

    def run(self) -> None:
        """Until `stop`. Waits for a Kafka that is not there yet. Raises TopicsMissingError before anything is read, and
        LoopBrokenError."""
        while not self._stop.is_set():
            try:
                self._run()
            except KafkaError as problem:
                # Only what comes before the loops lets one out: they wait for Kafka themselves.
                log.warning("kafka_awaited", error=type(problem).__name__)
                self._stop.wait(AWAIT_S)

    def _run(self) -> None:
        if missing := missing_topics(self._kafka):
            raise TopicsMissingError(missing)
        with ExitStack() as stack:
            writer = stack.enter_context(closing(KafkaWriter(self._kafka, "paidan-connectors")))
            checkpoints = Checkpoints(self._kafka, writer, self._now, self._other_writer)
            stack.callback(checkpoints.close)
            checkpoints.load()
            stack.callback(self._connectors.clear)
            for entry in self._entries:
                connector = self._build(entry, writer, checkpoints)
                stack.callback(connector.close)
                self._connectors.append(connector)
            self._loop(checkpoints)
        if self._broken:
            raise LoopBrokenError(type(self._broken[0]).__name__) from self._broken[0]

    def _build(self, entry: Entry, writer: Writer, checkpoints: Checkpoints) -> Connector:
        seen = Seen()
        count = remember(self._kafka, seen)
        log.info("connector_starts", connector=entry.name, remembered=count)
        return build_connector(
            entry,
            kafka=self._kafka,
            writer=writer,
            checkpoints=checkpoints,
            metrics=self._metrics,
            seen=seen,
            at=self._at,
            now=self._now,
        )

    def _loop(self, checkpoints: Checkpoints) -> None:
        threads = []
        for connector in self._connectors:
            if connector.puller is not None:
                threads.append(self._thread(f"pull-{connector.name}", partial(self._pull, connector, checkpoints)))
            if connector.pusher is not None:
                threads.append(self._thread(f"push-{connector.name}", partial(self._push, connector, checkpoints)))
        while not self._stop.is_set() and any(thread.is_alive() for thread in threads):
            checkpoints.refresh()
            self._stop.wait(0.5)
        for thread in threads:
            thread.join(timeout=20)

    def _thread(self, name: str, loop: Callable[[], None]) -> threading.Thread:
        def guarded() -> None:
            try:
                loop()
            except BaseException as problem:
                log.exception("loop_broke", loop=name)
                self._broken.append(problem)
            finally:
                self._stop.set()

        self._beats[name] = time.monotonic()
        thread = threading.Thread(target=guarded, name=name, daemon=True)
        thread.start()
        return thread

    def _pull(self, connector: Connector, checkpoints: Checkpoints) -> None:
        assert connector.puller is not None and connector.agenda is not None  # noqa: PT018 - its thread
        while not self._stop.is_set():
            self._beats[f"pull-{connector.name}"] = time.monotonic()
            paused = checkpoints.desired(connector.name) is Desired.PAUSED
            rest = PAUSED_S if paused else connector.puller.step()
            live = next(iter(connector.agenda.feeds()), None) if not paused else None
            state = State.PAUSED if live is None else live.state[0]
            self._metrics.show_state(connector.name, "pull", state)
            stands = breaker.position(connector.guard.breaker, time.monotonic())
            self._metrics.breaker.labels(connector.name, "pull").set(stands)
            self._metrics.clock_skew.labels(connector.name).set(connector.clock.skew.total_seconds())
            if rest > 0:
                self._stop.wait(rest)

    def _push(self, connector: Connector, checkpoints: Checkpoints) -> None:
        assert connector.pusher is not None
        while not self._stop.is_set():
            self._beats[f"push-{connector.name}"] = time.monotonic()
            connector.pusher.step(paused=checkpoints.desired(connector.name) is Desired.PAUSED)
        connector.pusher.close()

    def _other_writer(self, connector: str) -> None:
        names = {entry.name for entry in self._entries}
        if connector in names:
            log.warning("another_writer_seen", connector=connector)
            self._metrics.other_writers.labels(connector).inc()
