"""One list names every variable that is read, and Kafka is found without a word where the embedded one runs."""

import re
from pathlib import Path

import pytest

from deploy import settings
from deploy.console import UserError

ROOT = Path(__file__).parents[3]
READ = re.compile(r"\bPAIDAN_[A-Z_]*[A-Z]\b")
FOR_THE_CITY = {"PAIDAN_CITY_URL", "PAIDAN_CITY_SECRET", "PAIDAN_CITY_TOKEN"}
"""Named by a county pack, not by us."""


@pytest.fixture(autouse=True)
def _bare(monkeypatch, tmp_path):
    for name, _, _ in settings.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PAIDAN_HOME", str(tmp_path))


def test_every_variable_that_the_code_names_is_in_the_list():
    known = {name.partition("<")[0].rstrip("_") for name, _, _ in settings.VARIABLES} | FOR_THE_CITY
    named = {
        name
        for package in ("connectors", "deploy", "schemas", "streams")
        for file in (ROOT / package).rglob("*.py")
        for name in READ.findall(file.read_text())
    }
    assert named - known == set()


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "paidan broker start"),
        ({"PAIDAN_KAFKA": "kafka.example:9092"}, "plaintext to kafka.example:9092 is refused"),
        ({"PAIDAN_KAFKA_USER": "a", "PAIDAN_KAFKA_CA": "ca.pem"}, "go together"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(monkeypatch, environment, said):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match=re.escape(said)):
        settings.kafka()


def test_a_named_cluster_comes_before_the_embedded_one(monkeypatch):
    monkeypatch.setenv("PAIDAN_KAFKA", "127.0.0.1:9092, [::1]:9093")
    assert settings.kafka().servers == ["127.0.0.1:9092", "[::1]:9093"]


def test_time_is_real_unless_a_demonstration_says_otherwise(monkeypatch):
    monkeypatch.delenv("PAIDAN_DEMO_CLOCK", raising=False)
    assert settings.lens() is None
    monkeypatch.setenv("PAIDAN_DEMO_CLOCK", "2026-10-09T08:30+08:00 from 2026-11-25T09:00:00Z times 2000")
    assert settings.lens().rate == 2000
    monkeypatch.setenv("PAIDAN_DEMO_CLOCK", "soon")
    with pytest.raises(UserError, match="PAIDAN_DEMO_CLOCK: expected"):
        settings.lens()
