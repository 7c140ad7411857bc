"""Everything that is asked of Prometheus, asked of a real one that scrapes our real collectors."""

import re
import threading

import pytest

from deploy.grafana.generate import DASHBOARDS
from deploy.process import serve
from deploy.prometheus import generate
from streams.health import Health
from tests.support.exporting import connector_registry, fill, worker_registry
from tests.support.prometheus import needs_prometheus, running
from tests.support.waiting import eventually

pytestmark = needs_prometheus
WITHIN_S = 60


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    """Scrapes a worker twice, under two names: what is exported by two workers must count once."""
    worker, cases = worker_registry()
    healthy, stop = lambda: Health(alive=True, ready=True, why=""), threading.Event()

    def work():
        turn = 0
        while not stop.wait(0.05):
            fill(cases, turn)
            turn += 1

    working = threading.Thread(target=work)
    with (
        serve(0, worker, healthy) as one,
        serve(0, worker, healthy) as two,
        serve(0, connector_registry(), healthy) as city,
        running(tmp_path_factory.mktemp("prometheus")) as server,
    ):
        server.scrape({"paidan-streams": [one, two], "paidan-connectors": [city]})
        working.start()
        try:
            eventually(lambda: len(server.query("up == 1")) == 3, WITHIN_S, "three targets are scraped")
            yield server
        finally:
            stop.set()
            working.join()


def test_every_rule_is_evaluated_without_a_fault(prometheus):
    def rules():
        return [rule for group in prometheus.get("/api/v1/rules")["groups"] for rule in group["rules"]]

    eventually(lambda: all(rule["health"] != "unknown" for rule in rules()), WITHIN_S, "every rule was evaluated")
    assert [(rule["name"], rule.get("lastError")) for rule in rules() if rule["health"] != "ok"] == []
    assert len(rules()) == len(generate.ALERTS) + len(generate.RECORDINGS)


def test_two_workers_that_show_one_partition_count_once(prometheus):
    def both():
        shown = prometheus.query("count by (partition) (hotline_dispatches_received_total)")
        return all(one["value"][1] == "2" for one in shown) and len(shown) == 12

    eventually(both, WITHIN_S, "both workers show every partition")
    once = "sum(partition:hotline_dispatches_received:max) * 1.5 < sum(hotline_dispatches_received_total) > 40"
    eventually(lambda: prometheus.query(once), WITHIN_S, "once, not twice")


PANELS = {
    f"{board.uid}-{place}-{letter}": expr
    for board in DASHBOARDS
    for place, panel in enumerate(board.panels, 1)
    for letter, expr in zip("ABC", (panel.expr, *(expr for expr, _ in panel.also)), strict=False)
}


@pytest.mark.parametrize("where", PANELS)
def test_every_panel_shows_something(prometheus, where):
    expr = PANELS[where].replace("$__rate_interval", "5s")
    assert "$" not in expr
    eventually(lambda: prometheus.query(expr), WITHIN_S, expr)


def test_a_panel_on_a_metric_that_nobody_shows_would_be_empty(prometheus):
    assert prometheus.query("sum by (band) (department_clock_band:hotline_sla_clock_open:sum)") == []


def test_what_fires_says_so_in_words(prometheus):
    def told():
        rules = [rule for group in prometheus.get("/api/v1/rules", type="alert")["groups"] for rule in group["rules"]]
        return {
            alert["annotations"]["summary"]
            for rule in rules
            for alert in rule["alerts"]
            if alert["labels"]["alertname"] == "HotlineClockBreached" and alert["state"] == "firing"
        }

    words = re.compile(r"gas bureau有 \d+ 件的办理时限已超期")
    eventually(lambda: any(words.fullmatch(one) for one in told()), WITHIN_S, "a breached clock is told of")
    assert not [one for one in told() if "error" in one or "{{" in one]
