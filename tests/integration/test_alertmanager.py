"""What mutes what, asked of a real Alertmanager with our configuration."""

import json
import shutil
import socket
import subprocess
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from deploy.prometheus.generate import ALERTS
from tests.support.waiting import eventually

CONFIG = Path(__file__).parents[2] / "deploy" / "alertmanager" / "alertmanager.yml"
ALERTMANAGER = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
pytestmark = pytest.mark.skipif(
    ALERTMANAGER is None, reason="Alertmanager is not on this machine (Debian: prometheus-alertmanager)"
)
BY_NAME = {alert.name: alert for alert in ALERTS}
DEADLINE_S = 30


@pytest.fixture
def alertmanager(tmp_path):
    """Where a fresh one listens; it tells nobody, because nobody listens where its receivers are."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = [
        f"--config.file={CONFIG}",
        f"--storage.path={tmp_path}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([ALERTMANAGER, *arguments], stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}/api/v2/alerts"
    finally:
        process.terminate()
        process.wait(30)


def labels(name, **more):
    alert = BY_NAME[name]
    return {"alertname": name, "severity": alert.severity.value, "domain": alert.domain.value, **more}


def firing(url, *alerts, muted):
    """Post them; answers {name: whether it is muted} once exactly those in `muted` are, or at last what it is."""
    body = json.dumps([{"labels": one} for one in alerts]).encode()
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"})
    expected = {one["alertname"]: one["alertname"] in muted for one in alerts}
    said: dict[str, bool] = {}

    def as_expected():
        nonlocal said
        try:
            urllib.request.urlopen(request, timeout=10).close()
            with urllib.request.urlopen(url, timeout=10) as answer:
                shown = json.load(answer)
        except OSError:
            shown = []  # it is not listening yet
        known = [one for one in shown if one["status"]["state"] != "unprocessed"]
        said = {one["labels"]["alertname"]: bool(one["status"]["inhibitedBy"]) for one in known}
        return said == expected

    with suppress(AssertionError):  # the caller's assertion says what it is instead
        eventually(as_expected, DEADLINE_S)
    return said


@pytest.mark.parametrize("cause", ["HotlineTimersStalled", "HotlineClockStepped", "HotlinePartitionsUnserved"])
def test_frozen_figures_neither_alarm_nor_reassure(alertmanager, cause):
    frozen = [labels(alert.name, department="gas") for alert in ALERTS if alert.domain.value == "sla"]
    names = {one["alertname"] for one in frozen}
    said = firing(alertmanager, labels(cause, instance="w2"), labels("HotlineDeadLetters"), *frozen, muted=names)
    assert said == {**dict.fromkeys(names, True), cause: False, "HotlineDeadLetters": False}


def test_what_runs_mutes_nothing(alertmanager):
    said = firing(
        alertmanager, labels("HotlineClockBreached", department="gas"), labels("HotlineRecordsLate"), muted=set()
    )
    assert said == {"HotlineClockBreached": False, "HotlineRecordsLate": False}


def test_a_city_that_cannot_be_reached_is_told_of_once(alertmanager):
    said = firing(
        alertmanager,
        labels("HotlineCityUnreachable", connector="city"),
        labels("HotlinePullBehind", connector="city"),
        labels("HotlineOutboxStuck", connector="other"),
        labels("HotlineIntakeSilent"),
        muted={"HotlinePullBehind", "HotlineIntakeSilent"},
    )
    assert said == {
        "HotlineCityUnreachable": False,
        "HotlinePullBehind": True,
        "HotlineOutboxStuck": False,
        "HotlineIntakeSilent": True,
    }


def test_the_exhausted_budget_of_one_clock_speaks_for_its_low_one_only(alertmanager):
    said = firing(
        alertmanager,
        labels("HotlineBreachBudgetExhausted", clock="contact"),
        labels("HotlineBreachBudgetLow", clock="contact"),
        labels("HotlineResponseBudgetBurnSlow", clock="sign"),
        muted={"HotlineBreachBudgetLow"},
    )
    assert said == {
        "HotlineBreachBudgetExhausted": False,
        "HotlineBreachBudgetLow": True,
        "HotlineResponseBudgetBurnSlow": False,
    }
