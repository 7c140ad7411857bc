"""Figures of real workers that are killed again and again, as a real Prometheus has them: neither more nor less."""

import pytest

from deploy.grafana.business import CLOCKS, OVERVIEW, SUPERVISION
from deploy.grafana.technical import PIPELINE
from deploy.prometheus.recordings import COUNTERS, one_of
from tests.support.bridge import Bridge, dispatch, report
from tests.support.prometheus import needs_prometheus, running
from tests.support.waiting import eventually

pytestmark = [needs_prometheus, pytest.mark.kafka, pytest.mark.timeout(300)]

KILLS = 4
LOAD = 25
"""Dispatches before each kill; all have been over for long when they come."""
RECEIVED = f"sum({one_of('hotline_dispatches_received')})"
BREACHED = f'sum({one_of("hotline_sla_breaches")}{{clock="handling"}})'
CALLED = f'sum({one_of("hotline_supervision_escalations")}{{level="phone",department="water"}})'
ENDED = f'sum({one_of("hotline_sla_cycles_completed")}{{clock="handling",outcome="met_late"}})'
RETURNED = f"sum({one_of('hotline_returns')})"
FELL = " + ".join(f"sum(resets({one_of(metric)}[10m]))" for metric in COUNTERS)


def reaches(server, expr, number):
    """Prometheus comes to have it so."""
    eventually(lambda: server.value(expr) == number, 60, f"{expr}: {number}")


@pytest.fixture(scope="module")
def scraped(bootstrap, tmp_path_factory):
    """(Prometheus, county), after the kills and while a last worker lives; each worker was scraped before its death."""
    county = Bridge(bootstrap, tmp_path_factory.mktemp("county"), watched=True)
    county.provision()
    port = county.folder / "w1.port"
    with running(tmp_path_factory.mktemp("prometheus")) as server:
        for turn in range(KILLS + 1):
            port.unlink(missing_ok=True)
            with county.worker(log=f"{turn}.log") as process:
                eventually(port.exists, 60, county.log(f"{turn}.log"))
                server.scrape({"paidan-streams": [int(port.read_text())]})
                county.city(*(dispatch(f"P{turn}-{n}") for n in range(LOAD)))
                expected = (turn + 1) * LOAD
                reaches(server, RECEIVED, expected)
                reaches(server, BREACHED, expected)
                county.says("water", report(f"P{turn}-0", "return", reason="not_ours"))
                reaches(server, RETURNED, turn + 1)
                county.city(dispatch(f"P{turn}-1", minute=5, status="closed"))
                reaches(server, ENDED, turn + 1)
                if turn < KILLS:
                    process.kill()
                else:
                    yield server
    county.close()


def test_after_any_number_of_kills_each_dispatch_is_counted_once(scraped):
    assert scraped.value(RECEIVED) == (KILLS + 1) * LOAD
    assert scraped.value(BREACHED) == (KILLS + 1) * LOAD
    assert scraped.value(RETURNED) == KILLS + 1
    assert scraped.value(ENDED) == KILLS + 1


def test_no_counter_of_a_partition_ever_fell(scraped):
    assert scraped.value(FELL) == 0


def test_steps_of_supervision_by_rule_are_counted_once(scraped):
    reaches(scraped, CALLED, (KILLS + 1) * LOAD)


@pytest.mark.parametrize("board", [OVERVIEW, CLOCKS, SUPERVISION, PIPELINE], ids=lambda board: board.uid)
def test_every_panel_shows_something_of_a_running_county(scraped, board):
    for panel in board.panels:
        for expr in (panel.expr, *(expr for expr, _ in panel.also)):
            now = expr.replace("$__rate_interval", "30s")
            eventually(lambda now=now: scraped.query(now), 30, f"{panel.title}: {now}")
