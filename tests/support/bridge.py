"""A small county on the test's broker: its topics, its worker process, and the shortest ways to write and to look."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from connectors.runtime import offsets
from deploy import provision
from schemas import envelope
from schemas.base import Message
from schemas.codec import encode
from schemas.dispatch import Dispatch, stamped
from schemas.ids import derived_id
from schemas.kafka import KafkaSettings
from schemas.order import Order
from schemas.report import Report
from schemas.topics import CITY, INBOX, department_reports, partition_of, topics
from schemas.types import NAMES
from streams.domain.policy import Department, Match, Policy, RouteNode
from tests.support.waiting import eventually

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
WORKER = Path(__file__).with_name("bridge_worker.py")

COUNTY = Policy(
    county="testcounty",
    name="测试县",
    departments=(
        Department(code="water", name="供水公司", kind="utility"),
        Department(code="housing", name="住建局", kind="bureau"),
        Department(code="desk", name="县中心", kind="office"),
        Department(code="arbiter", name="督查室", kind="office"),
    ),
    routes=RouteNode(
        name="all",
        lead="desk",
        routes=(
            RouteNode(name="water", match=Match(category=("utilities.water",)), lead="water"),
            RouteNode(name="housing", match=Match(category=("housing",)), lead="housing", assists=("water",)),
        ),
    ),
    duty_desk="desk",
    arbiter="arbiter",
)
CODES = tuple(department.code for department in COUNTY.departments)


def dispatch(number: str, *, minute: int = 0, **fields: Any) -> Dispatch:
    """An invented dispatch about a broken water pipe; `minute` moves the city's update time."""
    return stamped(
        Dispatch(
            **{
                "id": f"testcity:{number}",
                "source": "testcity",
                "number": number,
                "digest": "0" * 16,
                "issued_at": NOON,
                "updated_at": NOON + timedelta(minutes=minute),
                "title": "自来水管破裂",
                "body": "门前水管破裂，请派人修理。",
                "category": "utilities.water.leak",
                "city_codes": {"category": "010203"},
                **fields,
            }
        )
    )


def report(number: str, kind: str, *, minute: int = 1, **fields: Any) -> Report:
    """An invented report."""
    return Report(**{"dispatch": f"testcity:{number}", "kind": kind, "at": NOON + timedelta(minutes=minute), **fields})


def enveloped(message: Message, source: str = "/test", id: str = "") -> list[tuple[str, bytes]]:
    """Headers as our own writers have them."""
    value = encode(message)
    return envelope.Envelope(id or derived_id(source, value.decode()), source, NAMES[type(message)], NOON).headers()


@dataclass
class Bridge:
    """The county on one broker."""

    bootstrap: str
    folder: Path
    watched: bool = False
    """Its workers watch deadlines: those of `bridge_worker.DEADLINES`."""

    def __post_init__(self) -> None:
        self.kafka = KafkaSettings(bootstrap=self.bootstrap)
        self.producer = KafkaProducer(bootstrap_servers=self.bootstrap, acks="all", linger_ms=5)
        self.workers: list[subprocess.Popen[bytes]] = []

    def provision(self) -> None:
        """All topics of the county."""
        declared = topics(CODES)
        found = provision.look(self.kafka, [topic.name for topic in declared])
        provision.apply(self.kafka, declared, provision.plan(declared, found))

    def put(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Iterable[tuple[str, bytes]] = (),
        partition: int | None = None,
    ) -> Any:
        """Write one record and wait for its ack; answers kafka-python's metadata."""
        place = partition if partition is not None else 0 if topic.startswith("dept.") else partition_of(key or b"")
        return self.producer.send(topic, value, key=key, partition=place, headers=list(headers)).get(30)

    def city(self, *shown: Dispatch) -> None:
        """What a connector writes."""
        waits = [
            self.producer.send(
                CITY,
                encode(one),
                key=one.id.encode(),
                partition=partition_of(one.id.encode()),
                headers=enveloped(one, "/paidan/connectors/test"),
            )
            for one in shown
        ]
        for wait in waits:
            wait.get(30)

    def says(self, code: str, *said: Report, plain: bool = False) -> None:
        """What a department writes, with an envelope or without."""
        for one in said:
            headers = [] if plain else enveloped(one, f"/departments/{code}")
            self.put(department_reports(code), one.dispatch.encode(), encode(one), headers)

    def orders(self, order: Order) -> None:
        """What an operator writes."""
        self.put(INBOX, order.dispatch.encode(), encode(order), enveloped(order, "/paidan/operators"))

    def records(self, topic: str, key: str | None = None) -> list[Any]:
        """Every record of the topic now, by partition and offset; of one dispatch where `key` is given."""
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False)
        try:
            places = [TopicPartition(topic, n) for n in sorted(consumer.partitions_for_topic(topic) or ())]
            consumer.assign(places)
            ends = offsets.ends(consumer, places)
            consumer.seek_to_beginning(*places)
            got: list[Any] = []
            while any(consumer.position(place) < ends[place] for place in places):
                for batch in consumer.poll(500).values():
                    got += batch
        finally:
            consumer.close()
        got.sort(key=lambda record: (record.partition, record.offset))
        return [record for record in got if key is None or record.key == key.encode()]

    @contextmanager
    def worker(
        self, name: str = "w1", *, crash_at: str = "", buggy: bool = False, log: str = "worker.log"
    ) -> Iterator[subprocess.Popen[bytes]]:
        """One worker process, started and in the end asked to stop. `buggy`: it knows `bug`."""
        environment = os.environ | {"PAIDAN_CRASH_AT": crash_at, "BUG": str(self.folder / "bug") if buggy else ""}
        environment["WATCHED"] = "1" if self.watched else ""
        with (self.folder / log).open("ab") as sink:
            process = subprocess.Popen(
                [sys.executable, str(WORKER), self.bootstrap, name, str(self.folder)],
                env=environment,
                stdout=sink,
                stderr=sink,
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(40)

    @contextmanager
    def bug(self, text: str) -> Iterator[None]:
        """A bug of ours, until it is fixed: decide raises for what holds this text."""
        file = self.folder / "bug"
        file.write_text(text)
        try:
            yield
        finally:
            file.unlink()

    def log(self, name: str = "worker.log") -> str:
        """What the workers said so far."""
        file = self.folder / name
        return file.read_text(errors="replace") if file.exists() else ""

    def settled(self, topic: str, count: int, *, key: str | None = None, within_s: float = 30) -> Sequence[Any]:
        """The records of the topic once there are `count` of them, or more."""
        got: list[Any] = []

        def enough() -> bool:
            got[:] = self.records(topic, key)
            return len(got) >= count

        eventually(enough, within_s, f"{count} records on {topic}")
        return got

    def close(self) -> None:
        """Let go of the broker."""
        self.producer.close()
