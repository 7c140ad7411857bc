"""The whole demo as a real Prometheus has it: with a city, departments, kills and a broker that stops."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.grafana.generate import DASHBOARDS
from deploy.grafana.queries import OPEN, OPEN_CLOCKS, RECEIVED
from deploy.prometheus import generate
from deploy.prometheus.recordings import COUNTERS, RECORDINGS, one_of
from tests.support.prometheus import Server, needs_prometheus, running
from tests.support.waiting import eventually

pytestmark = [needs_prometheus, pytest.mark.kafka, pytest.mark.timeout(300)]

WITHIN_S = 240
EVERY_S = 1
LISTENS = re.compile(r"127\.0\.0\.1:(\d+)/metrics")
PANELS = {
    f"{board.uid} {panel.title} {number}": expr.replace("$__rate_interval", "60s")
    for board in DASHBOARDS
    for panel in board.panels
    for number, expr in enumerate((panel.expr, *(expr for expr, _ in panel.also)), 1)
}
ONLY_WHAT_IS_OPEN = {f"sum by (state) ({OPEN})", f"{OPEN_CLOCKS} > 0"}
"""Panels that are empty when all is done."""
ALL_SERVED = (
    'count(up{job="paidan-connectors"} == 1) == 1'
    ' and sum(bridge_assigned_partitions{topic="bridge.inbox"}) == 12 and sum(bridge_table_recovering) == 0'
)
DOWN = "HotlineConnectorsDown|HotlineWorkersMissing|HotlinePartitionsUnserved"


@dataclass(frozen=True)
class Tour:
    """A demo that is over, and Prometheus, which remembers it."""

    outcome: dict[str, Any]
    server: Server
    began: float
    ended: float

    def during(self, expr: str) -> list[tuple[float, float]]:
        """(Unix seconds, value) of all its samples while the demo ran."""
        found = self.server.get(
            "/api/v1/query_range", query=expr, start=str(self.began), end=str(self.ended), step=str(EVERY_S)
        )
        return [(float(at), float(value)) for series in found["result"] for at, value in series["values"]]

    def last(self) -> float:
        """When every partition was served for the last time: just before the demo ended its processes."""
        served = self.during(ALL_SERVED)
        assert served, "the demo was never scraped as a whole"
        return max(at for at, _ in served)

    def at_last(self, expr: str) -> list[dict[str, Any]]:
        """The vector at that instant. An expression that Prometheus refuses raises HTTPError."""
        found: list[dict[str, Any]] = self.server.get("/api/v1/query", query=expr, time=str(self.last()))["result"]
        return found

    def value(self, expr: str) -> float:
        """Of an expression with one sample at that instant."""
        [one] = self.at_last(expr)
        return float(one["value"][1])


def listening(home: Path, names: Sequence[str]) -> list[int]:
    """Where each process that was started listens now; a restart takes another port and says so at the log's end."""
    logs = [file for name in names if (file := home / "logs" / f"{name}.log").exists()]
    said = [LISTENS.findall(log.read_text(encoding="utf-8", errors="replace")) for log in logs]
    return [int(ports[-1]) for ports in said if ports]


@contextmanager
def demo(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Runs in `folder`/home; ended with all its children, however the block ends."""
    command = [sys.executable, "-m", "deploy.cli", "demo", "--dispatches", "40", "--home", str(folder / "home")]
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen([*command, "--json"], stdout=out, stderr=err)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(60)


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    """Prometheus is told of every restart while the demo runs, and scrapes itself too."""
    folder = tmp_path_factory.mktemp("demo")
    with running(tmp_path_factory.mktemp("prometheus"), f"{EVERY_S}s") as server:
        began = time.time()
        with demo(folder) as process:

            def is_over() -> bool:
                server.scrape(
                    {
                        "paidan-streams": listening(folder / "home", ("w1", "w2")),
                        "paidan-connectors": listening(folder / "home", ("connectors",)),
                        "prometheus": [server.port],
                    }
                )
                try:
                    return process.wait(0.25) is not None
                except subprocess.TimeoutExpired:
                    return False

            eventually(is_over, WITHIN_S, "the demo ends")
        assert process.returncode == 0, (folder / "err").read_text()[-2000:]
        yield Tour(json.loads((folder / "out").read_text()), server, began, time.time())


def test_every_rule_was_evaluated_without_a_fault_all_the_time(tour: Tour) -> None:
    rules = [rule for group in tour.server.get("/api/v1/rules")["groups"] for rule in group["rules"]]
    assert [(rule["name"], rule.get("lastError")) for rule in rules if rule["health"] != "ok"] == []
    assert tour.value("sum(prometheus_rule_evaluations_total)") > len(rules)
    assert tour.value("sum(prometheus_rule_evaluation_failures_total)") == 0
    assert len(rules) == len(generate.ALERTS) + len(RECORDINGS)


def test_what_the_demo_pulled_is_what_was_received(tour: Tour) -> None:
    pulled = tour.outcome["pulled"]
    assert pulled == 37
    assert tour.value("sum(max without (instance) (hotline_dispatches_received_total))") == pulled
    assert tour.value(f"sum({RECEIVED})") == pulled
    assert tour.value("sum(max without (instance) (hotline_dispatches))") == pulled


def test_in_the_end_nothing_is_open(tour: Tour) -> None:
    for expr in (OPEN, OPEN_CLOCKS):
        assert max(value for _, value in tour.during(f"sum({expr})")) > 0
        assert tour.value(f"sum({expr}) or vector(0)") == 0


def test_no_counter_of_a_partition_fell_when_processes_were_killed(tour: Tour) -> None:
    assert tour.outcome["kills"] == 3
    for metric in COUNTERS:
        assert tour.value(f"sum(resets({one_of(metric)}[10m]))") == 0, metric


@pytest.mark.parametrize("where", PANELS)
def test_every_panel_shows_something(tour: Tour, where: str) -> None:
    expr = PANELS[where]
    assert "$" not in expr
    assert tour.during(expr) if expr in ONLY_WHAT_IS_OPEN else tour.at_last(expr)


def test_a_clock_that_ran_out_is_told_of(tour: Tour) -> None:
    assert tour.outcome["breached"] > 0
    assert tour.during('ALERTS{alertname="HotlineClockBreached",alertstate="firing"}')


def test_a_killed_process_is_seen_and_calls_nobody_because_it_comes_back(tour: Tour) -> None:
    assert tour.during('ALERTS{alertname="HotlineConnectorsDown",alertstate="pending"}')
    assert tour.during(f'ALERTS{{alertname=~"{DOWN}",alertstate="firing"}}') == []
