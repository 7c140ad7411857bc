"""Metrics are a contract: what a rule or a panel names, a worker or a connector really shows."""

import re
from pathlib import Path

import pytest

from deploy.grafana import generate as grafana
from deploy.prometheus import generate as prometheus
from deploy.prometheus.recordings import RECORDINGS
from tests.support.exporting import connector_registry, names, worker_registry

ROOT = Path(__file__).parents[4]
PROMETHEUS_OWN = {"up", "scrape_samples_post_metric_relabeling"}
WORD = re.compile(r"[a-zA-Z_:][\w:]*")
OURS = re.compile(r"^(hotline|bridge|connector|scrape)_\w+$|^up$")


def panels():
    for board in grafana.DASHBOARDS:
        for panel in board.panels:
            for expr in (panel.expr, *(expr for expr, _ in panel.also)):
                yield f"{board.uid}: {panel.title}", expr


def named(expr):
    """Metrics and recorded series; what stands in quotes or as a label is neither."""
    bare = re.sub(r'"[^"]*"|\[[^]]*\]|(?:by|on|without|group_left) \([^)]*\)', " ", expr)
    bare = re.sub(r"\{[^}]*\}", " ", bare)
    return {word for word in WORD.findall(bare) if ":" in word or OURS.match(word)}


EXPRESSIONS = {
    **{one.record: one.expr for one in RECORDINGS},
    **{one.name: one.expr for one in prometheus.ALERTS},
    **dict(panels()),
}


@pytest.fixture(scope="module")
def shown():
    worker, _ = worker_registry()
    return names(worker, connector_registry()) | {one.record for one in RECORDINGS} | PROMETHEUS_OWN


@pytest.mark.parametrize("where", EXPRESSIONS)
def test_every_metric_that_is_named_is_shown(where, shown):
    assert named(EXPRESSIONS[where]) <= shown
    assert named(EXPRESSIONS[where]) or where == "Watchdog"


def test_a_metric_that_nobody_shows_is_seen(shown):
    expr = 'sum by (topic) (rate(bridge_record_consumed_total{topic="x"}[5m])) > bool on (topic) a:hotline_nothing:sum'
    assert named(expr) - shown == {"bridge_record_consumed_total", "a:hotline_nothing:sum"}


@pytest.mark.parametrize("where", EXPRESSIONS)
def test_no_hotline_metric_is_added_up_before_the_workers_copies_are_one(where):
    bare = re.findall(r"(?:sum|count|avg) (?:by \([^)]*\) )?\((?:rate|increase)?\(?(hotline_\w+)", EXPRESSIONS[where])
    assert bare == [] or where == "paidan-pipeline: 未计入指标的行"  # of each worker, not of a partition


def test_the_dashboards_are_up_to_date():
    assert grafana.main(["--check"]) == 0


def test_a_stale_dashboard_is_seen(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(grafana, "FOLDER", tmp_path)
    assert grafana.main([]) == 0
    (tmp_path / "city.json").write_text("{}")
    assert grafana.main(["--check"]) == 1
    assert "city.json is out of date" in capsys.readouterr().err


def test_every_panel_says_what_to_read_from_it_and_fits_the_screen():
    for board in grafana.DASHBOARDS:
        assert len(board.panels) <= 25
        for panel in board.panels:
            assert panel.about
            assert panel.width <= 24
            for expr in (panel.expr, *(expr for expr, _ in panel.also)):
                counters = re.findall(r"\b(?:bridge|connector)_\w+_total\b", expr)
                assert not counters or re.search(r"rate\(|increase\(", expr), panel.title
    assert len({board.uid for board in grafana.DASHBOARDS}) == len(grafana.DASHBOARDS)


def test_every_alert_has_a_runbook_and_every_runbook_an_alert():
    books = {file.stem for file in (ROOT / "deploy" / "runbooks").glob("*.md")} - {"README"}
    assert books == {alert.name for alert in prometheus.ALERTS}
