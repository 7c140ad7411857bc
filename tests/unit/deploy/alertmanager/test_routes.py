"""Who is told: every alert by its own labels, asked of amtool."""

import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.prometheus.generate import ALERTS

CONFIG = Path(__file__).parents[4] / "deploy" / "alertmanager" / "alertmanager.yml"
AMTOOL = shutil.which("amtool")
pytestmark = pytest.mark.skipif(
    AMTOOL is None, reason="amtool is not on this machine (Debian: prometheus-alertmanager)"
)
BY_NAME = {alert.name: alert for alert in ALERTS}

NEAR = {"department": "gas", "clock": "handling", "name": "燃气公司"}
ROUTES = {
    # alert, further labels, receivers in order
    "near, of a department": ("HotlineClockNearDeadline", NEAR, "departments"),
    "near, of the county itself": ("HotlineClockNearDeadline", {"clock": "sign"}, "duty-office"),
    "over, of a department: the duty office too": ("HotlineClockBreached", NEAR, "duty-office,departments"),
    "over, of the county itself: told once": ("HotlineClockBreached", {"clock": "sign"}, "duty-office"),
    "interview": ("HotlineSupervisionInterviewOpen", {"level": "interview"}, "leadership"),
    "dead-man's switch": ("Watchdog", {}, "watchdog"),
    "a department of that name changes nothing elsewhere": ("HotlineDeadLetters", NEAR, "operations"),
}
DOMAINS = {
    ("sla", "critical"): "duty-office",
    ("sla", "warning"): "duty-office",
    ("supervision", "warning"): "leadership",
    ("pipeline", "critical"): "operations-now",
    ("pipeline", "warning"): "operations",
    ("city", "critical"): "operations-now",
    ("city", "warning"): "operations",
    ("meta", "warning"): "operations",
    ("meta", "none"): "watchdog",
}


def amtool(*arguments):
    return subprocess.run([AMTOOL, *map(str, arguments)], capture_output=True, text=True, check=False)


def routed(alert, labels, receivers):
    """Whether that alert goes to these receivers and no others."""
    every = {"alertname": alert.name, "severity": alert.severity.value, "domain": alert.domain.value, **labels}
    pairs = [f"{name}={value}" for name, value in every.items()]
    done = amtool("config", "routes", "test", f"--config.file={CONFIG}", f"--verify.receivers={receivers}", *pairs)
    return done.returncode == 0


def test_amtool_finds_nothing_to_blame():
    done = amtool("check-config", CONFIG)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("name", "labels", "receivers"), ROUTES.values(), ids=ROUTES)
def test_an_alert_goes_where_it_should(name, labels, receivers):
    assert routed(BY_NAME[name], labels, receivers)
    assert not routed(BY_NAME[name], labels, "leadership,watchdog")


@pytest.mark.parametrize("name", BY_NAME)
def test_no_alert_is_left_to_chance(name):
    alert = BY_NAME[name]
    assert routed(alert, {}, DOMAINS[alert.domain.value, alert.severity.value])
