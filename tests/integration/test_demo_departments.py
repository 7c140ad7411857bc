"""Departments, the simulated ones and the one of the documentation, survive SIGKILL and a broker that goes away."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from deploy import provision
from deploy.broker import EmbeddedBroker
from schemas.assignment import Action, Assignment, Role
from schemas.codec import decode, encode
from schemas.envelope import Envelope
from schemas.kafka import KafkaSettings
from schemas.report import Report
from schemas.topics import department_dispatches, department_reports, topics
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "department.py"


def example(code: str, folder: Path) -> list[str]:
    """The department of the documentation."""
    return [sys.executable, str(EXAMPLE), code, str(folder / "inbox.sqlite3")]


def simulated(code: str, folder: Path) -> list[str]:
    """A simulated one that is prompt and never returns."""
    return [
        sys.executable, "-m", "deploy.sim.departments", "--folder", str(folder), "--codes", code, "--keepers", code,
        "--pace", "0.2",
    ]  # fmt: skip


@pytest.fixture
def run(bootstrap: str, tmp_path: Path) -> Iterator[Callable[[list[str]], subprocess.Popen[bytes]]]:
    """Starts a department; whatever still runs at the end is killed."""
    started: list[subprocess.Popen[bytes]] = []

    def go(command: list[str]) -> subprocess.Popen[bytes]:
        with (tmp_path / "department.log").open("ab") as log:
            environment = {**os.environ, "PAIDAN_KAFKA": bootstrap}
            started.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
        return started[-1]

    yield go
    for process in started:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()


def assign(producer: Any, code: str, numbers: range) -> None:
    """Gives the department these dispatches, and waits for the acks."""
    now = datetime.now(UTC)
    sent = []
    for number in numbers:
        share = Assignment(
            dispatch=f"city:HS{number}", department=code, seq=4, version=1, round=1, action=Action.ASSIGNED,
            role=Role.LEAD, lead=code, occurred_at=now,
        )  # fmt: skip
        envelope = Envelope(f"{code}-{number}", "/test", "paidan.assignment.v1", now)
        sent.append(
            producer.send(
                department_dispatches(code),
                key=share.dispatch.encode(),
                value=encode(share),
                headers=envelope.headers(),
            )
        )
    for one in sent:
        one.get(30)


@pytest.mark.parametrize("command", [example, simulated], ids=["example", "simulated"])
def test_a_department_answers_everything_though_it_and_the_broker_die(
    broker: EmbeddedBroker,
    run: Callable[[list[str]], subprocess.Popen[bytes]],
    tmp_path: Path,
    command: Callable[[str, Path], list[str]],
) -> None:
    code = command.__name__
    kafka = KafkaSettings(bootstrap=broker.bootstrap)
    declared = topics([code])
    provision.apply(
        kafka, declared, provision.plan(declared, provision.look(kafka, [topic.name for topic in declared]))
    )
    producer = KafkaProducer(**kafka.for_kafka_python(), acks="all")
    reader = KafkaConsumer(**kafka.for_kafka_python(), auto_offset_reset="earliest", enable_auto_commit=False)
    reader.assign([TopicPartition(department_reports(code), 0)])
    said: dict[str, bytes] = {}
    repeats: list[str] = []

    def results() -> int:
        for batch in reader.poll(timeout_ms=200).values():
            for record in batch:
                own = dict(record.headers)["ce_id"].decode()
                if own in said:
                    repeats.append(own)
                    assert said[own] == record.value
                said[own] = record.value
        reports = [decode(Report, value) for value in said.values()]
        return len({report.dispatch for report in reports if report.kind == "result"})

    first = run(command(code, tmp_path))
    assign(producer, code, range(20))
    eventually(lambda: results() >= 5, 60, "it never began to answer")
    first.kill()
    first.wait()
    assign(producer, code, range(15, 40))
    run(command(code, tmp_path))
    eventually(lambda: results() >= 25, 60, "it did not go on after SIGKILL")
    broker.stop()
    broker.start()
    assign(producer, code, range(40, 60))
    eventually(lambda: results() == 60, 60, "it did not go on after the broker's stop")

    reader.close()
    producer.close()
    kinds = [decode(Report, value).kind for value in said.values()]
    assert kinds.count("signed") == 60, "an id that comes again has no second effect"
