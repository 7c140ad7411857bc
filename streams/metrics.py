"""The metrics of one worker: each declared once, every label set at zero from the first scrape.

Process metrics, at least once: a replay counts again. Exact figures come from the ledger, never from here.
"""

import platform
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

from schemas.dead_letter import DeadReason
from schemas.dispatch import Unknown
from schemas.topics import CITY, INBOX

REPORTS: Final = "dept.reports"
"""One label value for the report topics of all departments: by department it would be a thousand series."""

DOORS: Final = (CITY, REPORTS, INBOX)
STAGES: Final = ("intake", "decide", "outputs", "rows")
AGE_BOUNDS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1200.0, 3600.0)
STAGE_BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

LATENESS_BOUNDS_S: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1200.0, 3600.0, 86_400.0)

MOVED: Final = "moved"


class Ages(Collector):
    """`bridge_event_age_seconds`, counted a run at a time: a histogram of the library costs 2 us an observation."""

    def __init__(self, labels: Iterable[str]) -> None:
        self._bounds = [round(bound * 1000) for bound in AGE_BOUNDS_S]
        self._counts = {label: [0] * (len(self._bounds) + 1) for label in labels}
        self._sums = dict.fromkeys(self._counts, 0)

    def observe(self, label: str, now_ms: int, timestamps_ms: Iterable[int]) -> None:
        """Records with these timestamps were handled by now. A clock that runs ahead counts as no age."""
        counts, bounds, total = self._counts[label], self._bounds, 0
        for timestamp in timestamps_ms:
            age = now_ms - timestamp
            if age < 0:
                age = 0
            counts[bisect_left(bounds, age)] += 1
            total += age
        self._sums[label] += total

    @override
    def collect(self) -> Iterator[HistogramMetricFamily]:
        """Cumulative, as Prometheus wants it."""
        family = HistogramMetricFamily(
            "bridge_event_age_seconds", "From a record's timestamp to its run being handled", labels=["topic"]
        )
        names = [*map(str, AGE_BOUNDS_S), "+Inf"]
        for label, counts in self._counts.items():
            total, buckets = 0, []
            for name, count in zip(names, list(counts), strict=True):
                total += count
                buckets.append((name, total))
            family.add_metric([label], buckets, self._sums[label] / 1000)
        yield family


class Seen(Collector):
    """Gauges read at scrape time from what the engine knows; a place that is not ours reads 0."""

    def __init__(
        self,
        places: Sequence[tuple[str, int]],
        *,
        lag: Callable[[], Mapping[tuple[str, int], int]],
        assigned: Callable[[str], int],
        recovering: Callable[[], bool],
        rows: Callable[[], int],
        timers: Callable[[], int],
    ) -> None:
        self._places, self._lag, self._assigned, self._recovering, self._rows = places, lag, assigned, recovering, rows
        self._timers = timers

    @override
    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Five families."""
        lag = GaugeMetricFamily(
            "bridge_consumer_lag_records", "Records of a partition of ours not handled", labels=["topic", "partition"]
        )
        now = self._lag()
        for topic, partition in self._places:
            lag.add_metric([topic, str(partition)], now.get((topic, partition), 0))
        yield lag
        assigned = GaugeMetricFamily("bridge_assigned_partitions", "Partitions this worker reads", labels=["topic"])
        for topic in dict.fromkeys(topic for topic, _ in self._places):
            assigned.add_metric([topic], self._assigned(topic))
        yield assigned
        yield GaugeMetricFamily(
            "bridge_table_recovering", "1 while the case table is being read back", value=int(self._recovering())
        )
        yield GaugeMetricFamily("bridge_table_rows", "Rows of the case table in this worker", value=self._rows())
        yield GaugeMetricFamily("bridge_timers_pending", "Cases in which something will be due", value=self._timers())


class Metrics:
    """What the agents count. Children are looked up once, here; the agents add once a run."""

    def __init__(self, ignored: Iterable[str]) -> None:
        """`ignored` are the reasons for which the domain lets a message change nothing."""
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry(auto_describe=True)
        self.ages = Ages(DOORS)
        self.registry.register(self.ages)
        self.consumed = self._counter("bridge_records_consumed", "Records handled", "topic", DOORS)
        self.failed = self._counter("bridge_records_failed", "Attempts at a record that raised", "topic", DOORS)
        self.messages = self._counter(
            "bridge_messages", "Messages decided, by what came of them", "verdict", (MOVED, *sorted(ignored))
        )
        self.unknown_codes = self._counter(
            "bridge_dispatches_unknown_code", "Dispatches with a code that no table knows", "field", Unknown
        )
        dead = Counter("bridge_dead_letters", "Dead letters", ("topic", "reason"), registry=self.registry)
        self.dead = {(door, str(reason)): dead.labels(door, str(reason)) for door in DOORS for reason in DeadReason}
        processing = Histogram(
            "bridge_processing_seconds",
            "Duration of one stage of one run",
            ("stage",),
            buckets=STAGE_BOUNDS_S,
            registry=self.registry,
        )
        self.processing = {stage: processing.labels(stage) for stage in STAGES}
        heartbeat = Gauge(
            "bridge_heartbeat_timestamp_seconds",
            "When the event loop last looked after its agents, and when each last finished a run",
            ("stage",),
            registry=self.registry,
        )
        self.heartbeat = {stage: heartbeat.labels(stage) for stage in ("loop", *DOORS)}
        self.timer_tick = Gauge(
            "bridge_timer_tick_timestamp_seconds", "When the timers last asked for what is due", registry=self.registry
        )
        self.clock_step = Gauge(
            "bridge_clock_step_seconds",
            "By how much the wall clock was set; not 0: nothing fires",
            registry=self.registry,
        )
        self.timer_lateness = Histogram(
            "bridge_timer_lateness_seconds",
            "From a mark's instant to its being acted on",
            buckets=LATENESS_BOUNDS_S,
            registry=self.registry,
        )
        Gauge("bridge_build_info", "What runs", ("version", "python", "faust"), registry=self.registry).labels(
            version("paidan"), platform.python_version(), version("faust-streaming")
        ).set(1)

    def _counter(self, name: str, about: str, label: str, values: Iterable[str]) -> dict[str, Any]:
        family = Counter(name, about, (label,), registry=self.registry)
        return {str(value): family.labels(str(value)) for value in values}
