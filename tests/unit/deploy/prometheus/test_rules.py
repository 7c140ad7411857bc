"""The rules as Prometheus itself reads them: up to date, well formed, speaking and silent when they should."""

import json
import shutil
import subprocess
from importlib import util
from itertools import groupby
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from deploy.prometheus import generate
from deploy.prometheus.pipeline_alerts import SAMPLE_LIMIT
from deploy.prometheus.rule import Severity
from tests.support.exporting import connector_registry, fill, worker_registry

ROOT = Path(__file__).parents[4]
RULES = ROOT / "deploy" / "prometheus" / "rules"
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not on this machine (Debian: prometheus)")
ALERTS = {alert.name: alert for alert in generate.ALERTS}
GROUPS = ["hotline_recordings", "hotline_clocks", "hotline_pipeline", "hotline_city"]


def cases():
    spec = util.spec_from_file_location("alert_cases", Path(__file__).with_name("alert_cases.py"))
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.CASES


CASES = cases()


def promtool(*arguments):
    return subprocess.run([PROMTOOL, *map(str, arguments)], capture_output=True, text=True, check=False)


def as_tests(alert, chosen, step):
    """One promtool file: JSON is YAML."""
    tests = []
    for case in chosen:
        expected = {"eval_time": case.at, "alertname": alert.name, "exp_alerts": []}
        if case.says is not None:
            labels = {**case.labels, "severity": alert.severity.value, "domain": alert.domain.value}
            annotations = {"summary": case.says, "runbook_url": alert.runbook}
            expected["exp_alerts"] = [{"exp_labels": labels, "exp_annotations": annotations}]
        tests.append(
            {
                "name": case.about,
                "interval": step,
                "input_series": [{"series": name, "values": values} for name, values in case.series.items()],
                "alert_rule_test": [expected],
            }
        )
    files = [str(RULES / name) for name in generate.files()]
    return {"rule_files": files, "evaluation_interval": step, "group_eval_order": GROUPS, "tests": tests}


def run_cases(alert, chosen, folder):
    """What promtool says; empty when all is as expected."""
    said = ""
    for step, some in groupby(sorted(chosen, key=lambda case: case.step), key=lambda case: case.step):
        file = folder / f"{alert.name}-{step}.json"
        file.write_text(json.dumps(as_tests(alert, list(some), step), ensure_ascii=False), encoding="utf-8")
        done = promtool("test", "rules", file)
        said += done.stdout + done.stderr if done.returncode else ""
    return said


def test_the_generated_rules_are_up_to_date():
    assert generate.main(["--check"]) == 0


def test_a_stale_rule_is_seen(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(generate, "FOLDER", tmp_path)
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    (tmp_path / "alerts.yaml").write_text("groups: []\n")
    assert generate.main(["--check"]) == 1
    assert "alerts.yaml is out of date" in capsys.readouterr().err


@needs_promtool
def test_promtool_finds_nothing_to_blame():
    done = promtool("check", "rules", "--lint=all", "--lint-fatal", *(RULES / name for name in generate.files()))
    assert done.returncode == 0, done.stderr


@needs_promtool
def test_promtool_finds_one_thing_to_blame_in_what_is_shown():
    worker, cases = worker_registry()
    fill(cases, 0)
    said = []
    for registry in (worker, connector_registry()):
        done = subprocess.run(
            [PROMTOOL, "check", "metrics"], input=generate_latest(registry), capture_output=True, check=False
        )
        said += done.stderr.decode().splitlines()
    # a calendar's days are days: no number of seconds is meant
    assert said == ['hotline_calendar_covered_days_left use base unit "seconds" instead of "days"']


def test_every_alert_has_a_case_in_which_it_speaks_and_one_in_which_it_is_silent():
    assert CASES.keys() == ALERTS.keys()
    for name, some in CASES.items():
        assert any(case.says is not None for case in some), name
        assert any(case.says is None for case in some) or ALERTS[name].severity is Severity.NONE, name


@needs_promtool
@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_speaks_when_it_should_and_is_silent_when_not(name, tmp_path):
    assert run_cases(ALERTS[name], CASES[name], tmp_path) == ""


@needs_promtool
def test_an_expectation_that_is_wrong_is_seen(tmp_path):
    name = "HotlineTimersStalled"
    speaks, silent = (next(case for case in CASES[name] if (case.says is None) is want) for want in (False, True))
    assert run_cases(ALERTS[name], [speaks._replace(says=None)], tmp_path)
    assert run_cases(ALERTS[name], [silent._replace(says="w1")], tmp_path)


@needs_promtool
def test_the_example_of_a_configuration_is_one_and_has_the_limit_that_the_alert_speaks_of():
    done = promtool("check", "config", RULES.parent / "prometheus.yml")
    assert done.returncode == 0, done.stderr
    text = (RULES.parent / "prometheus.yml").read_text(encoding="utf-8")
    assert text.count(f"sample_limit: {SAMPLE_LIMIT}\n") == 2
    assert str(SAMPLE_LIMIT) in ALERTS["HotlineCardinalityHigh"].summary
