"""The connectors are killed at every point that has a name, and start again: nothing lost, nothing told twice."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.broker import EmbeddedBroker
from schemas.kafka import KafkaSettings
from schemas.topics import CITY, DEAD, INBOX
from tests.support.connector_city import (
    FAST,
    YAMLS,
    Reader,
    all_arrived,
    feedback,
    make_topics,
    outcomes,
    sim_city,
    tell,
    whole_story,
)
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(170)]

POINTS = (
    "page_half", "page_acked", "checkpoint_written", "feedback_sent", "feedback_answered", "outcome_acked",
    "feedback_committed",
)  # fmt: skip


class Connectors:
    """`paidan connectors run` as a process, started again whenever it dies, as a supervisor would."""

    def __init__(self, bootstrap: str, name: str, folder: Path) -> None:
        self._yaml = folder / f"{name}.yaml"
        self._yaml.write_text(YAMLS["helin"].read_text())
        overlay = json.dumps({**FAST, "source": name, "sweeps": []})
        self._environment = {**os.environ, "PAIDAN_KAFKA": bootstrap, f"PAIDAN_CONNECTOR_{name.upper()}": overlay}
        self._log = folder / "connectors.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.deaths: list[int] = []

    def start(self, crash_at: str = "") -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "deploy.cli", "connectors", "run", "--file", str(self._yaml)],
                env={**self._environment, "PAIDAN_CRASH_AT": crash_at},
                stdout=log,
                stderr=log,
            )

    def died(self) -> bool:
        assert self.process is not None
        code = self.process.poll()
        if code is None:
            return False
        self.deaths.append(code)
        return True

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)
        self.died()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)


@pytest.fixture(scope="module")
def kafka(bootstrap: str) -> KafkaSettings:
    return make_topics(bootstrap)


@pytest.fixture
def topics(kafka: KafkaSettings) -> Iterator[dict[str, Reader]]:
    readers = {topic: Reader(kafka, topic) for topic in (CITY, INBOX, DEAD)}
    yield readers
    for reader in readers.values():
        reader.close()


def test_killed_at_every_point_it_loses_nothing_and_tells_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kafka: KafkaSettings, topics: dict[str, Reader], bootstrap: str
) -> None:
    """One life for each point: new orders, amendments and feedback, then the crash; the next life goes on."""
    with sim_city(tmp_path, monkeypatch) as sim:
        connectors = Connectors(bootstrap, "crash", tmp_path)
        told: list[str] = []
        stories: list[str] = []
        try:
            for life, point in enumerate(POINTS):
                numbers = sim.city.issue(30)
                sim.city.amend(numbers[0])
                stories += numbers[:4]
                told += [one for number in numbers[:4] for one in tell(kafka, *whole_story("crash", number))]
                connectors.start(f"{point}:{1 + life % 2}")
                eventually(connectors.died, 40, f"no crash at {point}")
            connectors.start()
            eventually(lambda: all_arrived(sim, topics[CITY], "crash"), 30, "all orders")
            eventually(lambda: set(told) <= outcomes(topics[INBOX]).keys(), 30, "all outcomes")
        finally:
            connectors.stop()
        assert connectors.deaths == [-signal.SIGKILL] * len(POINTS)
        assert {outcomes(topics[INBOX])[one].outcome for one in told} <= {"delivered", "exists"}
        log = (tmp_path / "connectors.log").read_text()
        orders = sim.city.book.orders.values()
        assert [one for order in orders for one in (order.number, order.phone, order.caller) if one in log] == []
        for number in stories:
            assert [one.kind for one in sim.city.book.heard[number].values()] == ["sign", "contact", "result"]
        assert topics[DEAD].more() == []


def test_a_kafka_that_stops_for_a_while_is_waited_for(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kafka: KafkaSettings,
    topics: dict[str, Reader],
    broker: EmbeddedBroker,
    bootstrap: str,
) -> None:
    with sim_city(tmp_path, monkeypatch) as sim:
        connectors = Connectors(bootstrap, "waits", tmp_path)
        try:
            numbers = sim.city.issue(20)
            connectors.start()
            eventually(lambda: all_arrived(sim, topics[CITY], "waits"), 40)
            broker.stop()
            sim.city.issue(20)
            sim.city.withdraw(numbers[0])
            time.sleep(3)  # an outage has a length; nothing is waited for
            broker.start()
            eventually(lambda: all_arrived(sim, topics[CITY], "waits"), 60, "what came during the outage")
            assert not connectors.died()
        finally:
            connectors.stop()


def test_connectors_that_start_before_kafka_wait_for_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kafka: KafkaSettings,
    topics: dict[str, Reader],
    broker: EmbeddedBroker,
    bootstrap: str,
) -> None:
    with sim_city(tmp_path, monkeypatch) as sim:
        connectors = Connectors(bootstrap, "early", tmp_path)
        sim.city.issue(5)
        broker.stop()
        try:
            connectors.start()
            eventually(lambda: "kafka_awaited" in (tmp_path / "connectors.log").read_text(), 60)
            assert not connectors.died()
            broker.start()
            eventually(lambda: all_arrived(sim, topics[CITY], "early"), 60, "what the city has")
            assert not connectors.died()
        finally:
            connectors.stop()
            if not broker.status().running:
                broker.start()


def test_a_connector_that_starts_again_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kafka: KafkaSettings, topics: dict[str, Reader], bootstrap: str
) -> None:
    """After the kill only the overlap is asked for again."""
    with sim_city(tmp_path, monkeypatch) as sim:
        connectors = Connectors(bootstrap, "again", tmp_path)
        try:
            old = sim.city.issue(5, late_s=600)
            connectors.start()
            eventually(lambda: all_arrived(sim, topics[CITY], "again"), 40)
            eventually(lambda: sim.city.book.counts["served"] >= 5, 5)
            connectors.kill()
            served = sim.city.book.counts["served"]
            sim.city.issue(3)
            connectors.start()
            eventually(lambda: all_arrived(sim, topics[CITY], "again"), 40)
        finally:
            connectors.stop()
        again = sim.city.book.counts["served"] - served
        assert again >= 3
        pages = [line for line in (tmp_path / "city.jsonl").read_text().splitlines() if '"served"' in line]
        assert sum(old[0] in line for line in pages) <= 2


def test_what_the_city_refused_before_a_kill_is_not_told_again_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kafka: KafkaSettings, topics: dict[str, Reader], bootstrap: str
) -> None:
    """Killed between the outcome and the commit; meanwhile the city would take what it had refused."""
    with sim_city(tmp_path, monkeypatch) as sim:
        connectors = Connectors(bootstrap, "refused", tmp_path)
        try:
            (number,) = sim.city.issue(1)
            sim.city.withdraw(number)
            (refused,) = tell(kafka, feedback("refused", number, "sign", 1))
            connectors.start("outcome_acked:1")
            eventually(connectors.died, 40, "no crash")
            assert outcomes(topics[INBOX])[refused].outcome == "rejected"
            sim.city.reissue(number)
            (taken,) = tell(kafka, feedback("refused", number, "sign", 2))
            connectors.start()
            eventually(lambda: taken in outcomes(topics[INBOX]), 40, "the second signature's outcome")
        finally:
            connectors.stop()
        assert list(sim.city.book.heard[number]) == [taken]
