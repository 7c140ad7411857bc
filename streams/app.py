"""build_worker: the only place that puts the streams' parts together. No global app; nothing happens at import."""

import ctypes
import gc
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from prometheus_client import CollectorRegistry

from schemas.case import decode_row
from schemas.kafka import KafkaSettings
from schemas.topics import CASES, CHECKPOINTS, CITY, INBOX, department_reports, topics
from streams.agents.cases import Cases
from streams.agents.intake import Intake, admit_dispatch, admit_report
from streams.agents.timers import Timers
from streams.case_metrics import CaseMetrics, Coverage
from streams.domain.decision import IgnoredReason
from streams.domain.policy import Policy
from streams.domain.rules import Rules
from streams.domain.timetable import Timetable
from streams.due_heap import DueHeap
from streams.engine import At, Engine, no_op
from streams.health import Health
from streams.lens import Lens, LensClock
from streams.metrics import REPORTS, Metrics, Seen
from streams.names import GROUP, TICK_SECONDS
from streams.reading import Known
from streams.steady_clock import SteadyClock
from streams.watching import Watching

HEARTBEAT_SECONDS = 5.0


class Worker:
    """One process of the streams: intake and cases. Any number may run; Kafka spreads the partitions."""

    def __init__(self, engine: Engine, metrics: Metrics, topics: tuple[str, ...]) -> None:
        """Made by `build_worker`. `topics` are those that must be there before anything is read."""
        self._engine, self._metrics, self.topics = engine, metrics, topics

    @property
    def registry(self) -> CollectorRegistry:
        """For /metrics."""
        return self._metrics.registry

    def health(self) -> Health:
        """May be asked from any thread."""
        why = self._engine.unready()
        return Health(alive=True, ready=not why, why=why)

    def run(self) -> int:
        """Run until SIGTERM or SIGINT; answers 0 after a clean stop.

        Raises MissingTopicsError before anything is read. What is not one record's fault ends the process with exit
        code 70 before the ack: start it again and it goes on where it was.
        """
        _collect_rarely()
        _keep_what_is_freed()
        return self._engine.run(self.topics)


def build_worker(
    kafka: KafkaSettings,
    policy: Policy,
    timetable: Timetable | None = None,
    *,
    name: str,
    datadir: Path,
    at: At = no_op,
    lens: Lens | None = None,
) -> Worker:
    """A worker of the county that `policy` describes; without a timetable it watches no deadlines.

    `name` is unique among the workers and stable over restarts. `datadir` holds spooled rows and may be lost. `at` is
    called with each crash point's name (`streams.engine.POINTS`). `lens` is for demonstrations. Raises UnsupportedError
    where Faust is another.
    """
    codes = [department.code for department in policy.departments]
    metrics = Metrics(IgnoredReason)
    # Not compressed: departments read with the client they have, and a plain kafka-python cannot read zstd.
    engine = Engine(GROUP, kafka.for_aiokafka(), worker=name, folder=datadir, at=at, compression=None)
    calendar = "" if timetable is None else timetable.calendar.version
    heap = DueHeap(calendar)
    business = CaseMetrics(
        policy.departments,
        working_time=partial(_working, timetable, lens),
        calendars=partial(_coverage, timetable, lens),
    )
    table = engine.table(CASES, source=INBOX, decode=decode_row, watch=Watching(heap, business))
    reports = [department_reports(code) for code in codes]
    known = Known()

    city = Intake(CITY, admit_dispatch, engine.outbox, metrics, known)
    departments = Intake(REPORTS, admit_report, engine.outbox, metrics, known)
    cases = Cases(table, engine.outbox, Rules.of(policy, timetable), metrics, known, lens=lens)
    engine.agent([CITY], city.handle, name="intake-city")
    engine.agent(reports, departments.handle, name="intake-reports")
    engine.agent([INBOX], cases.handle, name="cases")

    async def beat() -> None:
        metrics.heartbeat["loop"].set_to_current_time()

    engine.every(HEARTBEAT_SECONDS, beat, name="heartbeat")
    if timetable is not None:
        clock = SteadyClock() if lens is None else LensClock(lens)
        timers = Timers(table, heap, engine.outbox, metrics, clock=clock, calendar=calendar)
        engine.every(TICK_SECONDS, timers.tick, name="timers")
    metrics.registry.register(business)
    declared = topics(codes)
    read = [CITY, INBOX, *reports]
    metrics.registry.register(
        Seen(
            [(topic.name, n) for topic in declared if topic.name in read for n in range(topic.partitions)],
            lag=engine.lag,
            assigned=lambda topic: len(engine.partitions(topic)),
            recovering=lambda: table.loading,
            rows=table.count,
            timers=heap.pending,
        )
    )
    return Worker(engine, metrics, tuple(topic.name for topic in declared if topic.name != CHECKPOINTS))


def _now(lens: Lens | None) -> datetime:
    now = datetime.now(UTC)
    return now if lens is None else lens.at(now)


def _working(timetable: Timetable | None, lens: Lens | None) -> bool:
    """Whether office hours are now; always, where no calendar says."""
    now = _now(lens)
    return timetable is None or timetable.calendar.next_open(now) == now


def _coverage(timetable: Timetable | None, lens: Lens | None) -> list[Coverage]:
    if timetable is None:
        return []
    calendar, now = timetable.calendar, _now(lens)
    until = calendar.end_of(calendar.last)
    return [Coverage(calendar.name, until.timestamp(), calendar.days_left(calendar.date_of(now)))]


def _collect_rarely() -> None:
    """A run makes up to half a million objects that all live until it is delivered and die without any cycle.

    To look through half a million stops the loop for 0.2 to 0.5 s and finds none; what is imported never dies.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000_000, 10, 10)


def _keep_what_is_freed() -> None:
    """Let the allocator keep up to 256 MB that it would give back to the system (glibc; others have no `mallopt`).

    A fetch of 12 MB comes and goes for every six thousand rows that are read back, and the system cleared its pages
    each time: a twelfth of the whole, with the same peak.
    """
    trim_threshold, mmap_threshold = -1, -3  # malloc.h
    with suppress(AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(mmap_threshold, 32 << 20)
        mallopt(trim_threshold, 256 << 20)
