"""What Kafka is told: loopback only, nothing created by chance, offsets kept through a long holiday."""

from pathlib import Path

import pytest

from deploy.broker.configuration import Choices, java_command, server_properties


def properties(**choices):
    text = server_properties(Path("/data"), 20_001, 20_002, Choices(**choices))
    return dict(line.split("=", 1) for line in text.splitlines())


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL", "SASL_SSL"])
def test_every_listener_is_on_loopback(protocol):
    lines = properties(protocol=protocol)
    assert lines["listeners"] == f"{protocol}://127.0.0.1:20001,CONTROLLER://127.0.0.1:20002"
    assert lines["advertised.listeners"] == f"{protocol}://127.0.0.1:20001"
    assert lines["inter.broker.listener.name"] == protocol


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("auto.create.topics.enable", "false"),
        ("group.initial.rebalance.delay.ms", "0"),
        ("offsets.retention.minutes", "86400"),
        ("message.max.bytes", "1048576"),
    ],
)
def test_the_settings_that_promises_rest_on(setting, value):
    assert properties()[setting] == value


def test_further_lines_win():
    assert properties(extra={"message.max.bytes": "1"})["message.max.bytes"] == "1"


def test_java_stays_small_and_keeps_its_files_in_the_brokers_folder():
    words = java_command("java", Path("/srv/broker"), "a.jar:b.jar", Choices(heap_mb=384))
    assert {"-Xmx384m", "-XX:+UseSerialGC", "-Djava.io.tmpdir=/srv/broker/tmp", "-XX:-UsePerfData"} <= set(words)
    assert words[-2:] == ["-cp", "a.jar:b.jar"]
