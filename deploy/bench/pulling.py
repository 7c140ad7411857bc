"""From the city's page to the department's topic: a city, the connectors and a worker, as they ship."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from typing import Final

from kafka import KafkaConsumer, TopicPartition

from deploy.sim.city.journal import read
from deploy.sim.rig import Rig, RigSettings
from schemas.topics import department_dispatches

WARM_S: Final = 10
"""Issued at the same pace and not counted: processes and broker have just been started."""

PER_SECOND: Final = 20
"""Issued by the city; the pace of a very bad day, so that every poll brings a page with something on it."""


@contextmanager
def _rig() -> Iterator[Rig]:
    with (
        tempfile.TemporaryDirectory(prefix="paidan-bench-") as home,
        Rig(RigSettings(home=Path(home), workers=("w1",), pace=1000.0, redo_p=0.0)) as rig,
    ):
        rig.start()
        yield rig


def pull_latency_ms(seconds: int) -> float:
    """p99 over `seconds` of issuing, in ms: from the page that first shows an order to its department's record seen.

    The first `WARM_S` seconds are not counted.
    """
    with _rig() as rig:
        consumer = KafkaConsumer(**rig.kafka.for_kafka_python(), enable_auto_commit=False, fetch_max_wait_ms=20)
        parts = [TopicPartition(department_dispatches(code), 0) for code in rig.codes]
        consumer.assign(parts)
        consumer.seek_to_beginning(*parts)
        seen: dict[str, float] = {}
        rounds, began = WARM_S + max(1, seconds), 0.0
        for number in range(rounds):
            if number == WARM_S:
                began = time.time()
            rig.driver.issue(PER_SECOND)
            until = time.monotonic() + 1.0
            while (left := until - time.monotonic()) > 0:
                _look(consumer, seen, left)
        until = time.monotonic() + 30
        while len(seen) < rounds * PER_SECOND and time.monotonic() < until:
            _look(consumer, seen, 0.5)
        consumer.close()
        served = _first_served(rig.city_folder)
    if len(seen) < rounds * PER_SECOND:
        raise RuntimeError(f"{rounds * PER_SECOND - len(seen)} orders were not seen at a department")
    waits = [(at - served[number]) * 1000 for number, at in seen.items() if served[number] > began]
    return round(quantiles(waits, n=100)[98], 1)


def _look(consumer: KafkaConsumer, seen: dict[str, float], seconds: float) -> None:
    for batch in consumer.poll(timeout_ms=max(1, int(seconds * 1000))).values():
        now = time.time()
        for record in batch:
            seen.setdefault(record.key.decode().split(":", 1)[1], now)


def _first_served(folder: Path) -> dict[str, float]:
    first: dict[str, float] = {}
    for event in read(folder / "city.jsonl"):
        if event["event"] == "served":
            at = datetime.fromisoformat(event["at"]).timestamp()
            for number, _ in event["versions"]:
                first.setdefault(number, at)
    return first
