"""Our real collectors, with something in each, as a worker and the connectors show them."""

import time

from prometheus_client import CollectorRegistry

from connectors.runtime.metrics import Metrics as ConnectorMetrics
from schemas.clock import ClockName
from schemas.topics import INBOX, PARTITIONS
from streams.case_metrics import CaseMetrics, Coverage
from streams.domain.decision import IgnoredReason
from streams.domain.tally import Band
from streams.metrics import DOORS, Metrics, Seen
from tests.support.domain import a_department


def worker_registry() -> tuple[CollectorRegistry, CaseMetrics]:
    """What a worker that holds every partition serves, and where its cases are counted."""
    metrics = Metrics(IgnoredReason)
    registry = metrics.registry
    places = [(INBOX, number) for number in range(PARTITIONS)]
    seen = Seen(
        places,
        lag=dict,
        assigned=lambda _: PARTITIONS,
        recovering=lambda: False,
        rows=lambda: 5,
        timers=lambda: 3,
    )
    registry.register(seen)
    cases = CaseMetrics(
        [a_department(code) for code in ("water", "gas")],
        working_time=lambda: True,
        calendars=lambda: [Coverage("cn", time.time() + 4e6, 46)],
    )
    for partition in range(PARTITIONS):
        cases.serve(partition)
    registry.register(cases)
    metrics.timer_tick.set_to_current_time()
    metrics.timer_lateness.observe(0.1)
    for door in DOORS:
        metrics.consumed[door].inc()
        metrics.ages.observe(door, 1000, [900])
    metrics.heartbeat["loop"].set_to_current_time()
    return registry, cases


def connector_registry() -> CollectorRegistry:
    """What the connectors of a county serve."""
    registry = CollectorRegistry()
    ConnectorMetrics(registry, ["city"])
    return registry


def fill(cases: CaseMetrics, turn: int) -> None:
    """Another case: under way in one way or another, one clock near its end, one over, one step of supervision."""
    band = list(Band)[turn % len(Band)]
    clock = "scdrhvb"[turn % len(ClockName)]
    who = ("water", "gas")[turn % 2]
    summary = (
        f"1|handling|{who}|utilities|phone|1|1|1|4|h:{who}:{list(Band).index(band)},r::4,v::3,b::0p"
        f"|{clock}::m:1,d:{who}:l:1,{clock}::l:1|{clock}::1,d:{who}:1|{clock}:50:1|1:{who}:1:1,4:{who}:1:3"
    )
    cases.add(turn % PARTITIONS, None, summary.encode())


def names(*registries: CollectorRegistry) -> set[str]:
    """Every name under which Prometheus would store something of theirs."""
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "info": ("_info",)}
    return {
        family.name + suffix
        for registry in registries
        for family in registry.collect()
        for suffix in suffixes.get(family.type, ("",))
    }
