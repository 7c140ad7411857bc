"""One settings model reaches every client, and plaintext never leaves the machine."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from schemas.kafka import KafkaSettings, is_loopback


@pytest.mark.parametrize(
    ("server", "loopback"),
    [
        ("127.0.0.1:9092", True),
        ("127.1.2.3:9092", True),
        ("[::1]:9092", True),
        ("localhost:9092", True),
        ("10.0.0.1:9092", False),
        ("kafka.example:9092", False),
        ("localhost.example:9092", False),
        ("0.0.0.0:9092", False),
    ],
)
def test_only_this_machine_is_loopback(server: str, loopback: bool) -> None:
    assert is_loopback(server) is loopback


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"bootstrap": "kafka.example:9092"}, "plaintext to kafka.example:9092 is refused"),
        ({"bootstrap": "127.0.0.1:1,kafka.example:9092"}, "plaintext to kafka.example:9092 is refused"),
        ({"bootstrap": "127.0.0.1:1", "user": "a", "ca": Path("ca")}, "go together"),
        ({"bootstrap": "127.0.0.1:1", "cert": Path("c"), "ca": Path("ca")}, "go together"),
        ({"bootstrap": "127.0.0.1:1", "user": "a", "password_file": Path("p")}, "never without TLS"),
    ],
)
def test_an_unsafe_combination_is_refused_with_the_reason(settings: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        KafkaSettings.model_validate(settings)


def test_both_clients_are_told_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAIDAN_KAFKA", "127.0.0.1:1, 127.0.0.1:2")
    settings = KafkaSettings()
    told = settings.for_kafka_python()
    assert told.pop("reconnect_backoff_max_ms") <= 2000
    assert told == settings.for_aiokafka()
    assert settings.for_aiokafka()["bootstrap_servers"] == ["127.0.0.1:1", "127.0.0.1:2"]
