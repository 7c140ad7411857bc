"""The business metrics, counted from the rows of the case table: after any number of crashes, what the rows say.

A worker tells what a row was and what it is now, as summaries (`streams.domain.tally`); equal summaries are counted,
and a scrape reads only the distinct ones that changed since the last. Every series has the label `partition`, because
rows move between workers: a reader takes `max without (instance)` first and sums afterwards.

A partition is served only when all its rows are known. Half a partition would look like a counter that was reset, and
Prometheus would count the other half again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from threading import Lock
from time import perf_counter
from typing import Final, NamedTuple

import structlog
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample
from typing_extensions import override

from schemas.case import FINAL
from schemas.clock import ClockName, ClockOutcome
from schemas.order import Rung
from streams.domain.policy import Department
from streams.domain.tally import THRESHOLDS, Band, Tally, read

log = structlog.get_logger(__name__)

ENDED: Final = (ClockOutcome.MET, ClockOutcome.MET_LATE, ClockOutcome.CANCELLED, ClockOutcome.EXCLUDED)
NOTHING: Final[Mapping[bytes, int]] = {}
NOBODY: Final = ""
"""The department of what is the county's own, or of a case that nobody leads."""


class Family(NamedTuple):
    """One metric that is counted per partition."""

    name: str
    """Without `_total`."""
    counts: bool
    """A counter, which for one partition never falls."""
    about: str
    labels: tuple[str, ...] = ()


RECEIVED = Family("hotline_dispatches_received", True, "Dispatches of which something readable came")
DISPATCHES = Family("hotline_dispatches", False, "Cases by what they are about", ("category", "channel"))
OPEN = Family("hotline_dispatches_open", False, "Cases that are not over, by lead", ("department", "state"))
CLOCKS = Family(
    "hotline_sla_clocks_open",
    False,
    "Open runs by the share of their time that is used",
    ("department", "clock", "band"),
)
PAUSED = Family("hotline_sla_clocks_paused", False, "Open runs that stand still", ("department", "clock"))
CYCLES = Family("hotline_sla_cycles_completed", True, "Runs that ended", ("department", "clock", "outcome"))
BREACHES = Family("hotline_sla_breaches", True, "Runs that passed their deadline, each once", ("department", "clock"))
WARNINGS = Family("hotline_sla_warnings", True, "Marks that were passed, in percent", ("clock", "threshold"))
ESCALATIONS = Family("hotline_supervision_escalations", True, "Steps of supervision: times", ("department", "level"))
PERSONS = Family("hotline_supervision_persons", True, "Steps of supervision: persons", ("department", "level"))
SUPERVISED = Family("hotline_supervision_open", False, "Open cases by the highest step so far", ("level",))
RETURNS = Family("hotline_returns", True, "Returns and transfers by a lead")
REOPENS = Family("hotline_reopens", True, "Redos that the city ordered")

FAMILIES: Final = (
    RECEIVED, DISPATCHES, OPEN, CLOCKS, PAUSED, CYCLES, BREACHES, WARNINGS, ESCALATIONS, PERSONS, SUPERVISED, RETURNS,
    REOPENS,
)  # fmt: skip

Series = tuple[Family, tuple[str, ...]]


class Coverage(NamedTuple):
    """How far a calendar reaches."""

    calendar: str
    valid_until: float
    """Epoch seconds of the end of its last published day."""
    days_left: int


class Partition:
    """What is known of the rows of one partition."""

    def __init__(self) -> None:
        self.pending: Counter[bytes] = Counter()
        """Summary -> how many more rows have it than when it was last counted."""
        self.counted: Counter[Series] = Counter()
        self.served = False


class CaseMetrics(Collector):
    """Written by the event loop, read by the thread that answers a scrape."""

    def __init__(
        self,
        departments: Sequence[Department],
        *,
        working_time: Callable[[], bool],
        calendars: Callable[[], Iterable[Coverage]],
    ) -> None:
        """`working_time` says whether office hours are now; `calendars`, how far those of the deadlines reach."""
        self._departments, self._working_time, self._calendars = tuple(departments), working_time, calendars
        self._always = always(department.code for department in departments)
        self._partitions: dict[int, Partition] = {}
        self._writing, self._scraping = Lock(), Lock()
        self._errors = 0
        self._labels: dict[tuple[int, Series], dict[str, str]] = {}

    def add(self, partition: int, old: bytes | None, new: bytes) -> None:
        """A row has summary `new` now; `old` is what it had, or None where there was no row."""
        with self._writing:
            if (there := self._partitions.get(partition)) is None:
                there = self._partitions[partition] = Partition()
            if old != new:
                _change(there.pending, new, 1)
                if old is not None:
                    _change(there.pending, old, -1)

    def serve(self, partition: int, summaries: Mapping[bytes, int] = NOTHING) -> None:
        """The partition is here, with so many rows of each summary: from now on scrapes show it."""
        with self._writing:
            there = self._partitions.setdefault(partition, Partition())
            for summary, rows in summaries.items():
                _change(there.pending, summary, rows)
            there.served = True

    def drop(self, partition: int) -> None:
        """The partition is no longer ours."""
        with self._writing:
            self._partitions.pop(partition, None)

    @override
    def collect(self) -> Iterator[Metric]:
        """Never raises for a summary it cannot read: that is counted in `hotline_collect_errors_total`."""
        with self._scraping:
            started = perf_counter()
            families = {
                family: (CounterMetricFamily if family.counts else GaugeMetricFamily)(
                    family.name, family.about, labels=(*family.labels, "partition")
                )
                for family in FAMILIES
            }
            for number, partition in self._counted():
                for series in {**self._always, **partition.counted}:
                    family, _ = series
                    name = f"{family.name}_total" if family.counts else family.name
                    value = partition.counted[series]
                    families[family].samples.append(Sample(name, self._labelled(number, series), value))
            yield from families.values()
            yield from self._others(started)

    def _counted(self) -> list[tuple[int, Partition]]:
        """The partitions that are served, after what is pending was counted."""
        with self._writing:
            served = [(number, one) for number, one in sorted(self._partitions.items()) if one.served]
            pending = [(one, one.pending) for _, one in served]
            for one, _ in pending:
                one.pending = Counter()
        for one, changes in pending:
            for summary, change in changes.items():
                self._count(one.counted, summary, change)
        return served

    def _count(self, counted: Counter[Series], summary: bytes, change: int) -> None:
        try:
            tally = read(summary)
        except ValueError as problem:
            self._errors += abs(change)
            log.warning("summary_not_read", reason=str(problem)[:80])
            return
        for family, labels, number in contributions(tally):
            series = family, labels
            counted[series] += number * change
            if not counted[series]:
                del counted[series]

    def _labelled(self, number: int, series: Series) -> dict[str, str]:
        """The same dict for the same series: a scrape is thousands of them."""
        key = number, series
        if (labels := self._labels.get(key)) is None:
            family, values = series
            labels = self._labels[key] = dict(zip((*family.labels, "partition"), (*values, str(number)), strict=True))
        return labels

    def _others(self, started: float) -> Iterator[Metric]:
        info = InfoMetricFamily("hotline_department", "The departments", labels=["department"])
        for one in self._departments:
            info.add_metric([one.code], {"name": one.name, "kind": one.kind.value})
        yield info
        yield GaugeMetricFamily(
            "hotline_working_time", "1 in office hours of a working day, 0 otherwise", value=int(self._working_time())
        )
        until = GaugeMetricFamily(
            "hotline_calendar_valid_until_timestamp_seconds", "End of the last published day", labels=["calendar"]
        )
        left = GaugeMetricFamily(
            "hotline_calendar_covered_days_left", "Days from now to the last published one", labels=["calendar"]
        )
        for calendar, valid_until, days_left in self._calendars():
            until.add_metric([calendar], valid_until)
            left.add_metric([calendar], days_left)
        yield until
        yield left
        yield CounterMetricFamily(
            "hotline_collect_errors",
            "Rows whose summary could not be read, and that are in no figure",
            value=self._errors,
        )
        yield GaugeMetricFamily(
            "hotline_collect_duration_seconds",
            "Time that the last scrape took to count",
            value=perf_counter() - started,
        )


def _change(pending: Counter[bytes], summary: bytes, by: int) -> None:
    """What cancels out is forgotten, so that where nobody scrapes no more is kept than there are rows."""
    now = pending[summary] + by
    if now:
        pending[summary] = now
    else:
        del pending[summary]


def always(departments: Iterable[str]) -> Mapping[Series, None]:
    """The series that a partition has from the start, in order: a counter born at 1 is invisible to `increase`.

    Crossed only where each pair can occur: departments have runs of their own of `department_sign`; other clocks' runs
    are counted for the county. For 50 departments that is 748 series a partition. Gauges need no zero but where
    a sum would be empty without it.
    """
    codes = tuple(departments)
    own = [(code, ClockName.DEPARTMENT_SIGN) for code in codes]
    pairs = [*own, *((NOBODY, clock) for clock in ClockName)]
    sets: dict[Family, Iterable[tuple[str, ...]]] = {
        RECEIVED: [()],
        RETURNS: [()],
        REOPENS: [()],
        CLOCKS: product((NOBODY,), ClockName, Band),
        CYCLES: ((*pair, outcome) for pair, outcome in product(pairs, ENDED)),
        BREACHES: pairs,
        WARNINGS: product(ClockName, THRESHOLDS.values()),
        ESCALATIONS: product(codes, Rung),
        PERSONS: product(codes, Rung),
        SUPERVISED: product(Rung),
    }
    return {(family, tuple(map(str, values))): None for family, rows in sets.items() for values in rows}


def contributions(tally: Tally) -> Iterator[tuple[Family, tuple[str, ...], int]]:
    """What one case adds: metric, label values in the metric's order, number."""
    yield RECEIVED, (), int(tally.received)
    yield RETURNS, (), tally.returns
    yield REOPENS, (), tally.reopens
    if tally.received:
        yield DISPATCHES, (tally.category, str(tally.channel)), 1
    if tally.state not in FINAL:
        yield OPEN, (tally.lead, str(tally.state)), 1
    if tally.rung:
        yield SUPERVISED, (str(tally.rung),), 1
    for clock, who, band, paused in tally.open:
        yield CLOCKS, (who, str(clock), str(band)), 1
        if paused:
            yield PAUSED, (who, str(clock)), 1
    for clock, who, outcome, times in tally.ended:
        yield CYCLES, (who, str(clock), str(outcome)), times
    for clock, who, times in tally.breaches:
        yield BREACHES, (who, str(clock)), times
    for clock, threshold, times in tally.warnings:
        yield WARNINGS, (str(clock), threshold), times
    for rung, who, times, persons in tally.steps:
        yield ESCALATIONS, (who, str(rung)), times
        yield PERSONS, (who, str(rung)), persons
