"""The whole job as it ships: rate and CPU beside stock Faust, and latency at 200 dispatches a second.

Every run has a broker of its own, so that no run reads what another left behind.
"""

import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy import provision
from deploy.bench.dispatches import dispatches
from deploy.bench.ground import measured, some_broker
from deploy.bench.pulling import pull_latency_ms
from deploy.county import County, load
from schemas.kafka import KafkaSettings
from schemas.topics import CITY, department_dispatches, partition_of, topics
from streams.engine import Outbox, Outgoing

CONTESTANTS: Final = {
    "stock_faust": "deploy.bench.baselines.stock_job",
    "engine": "deploy.bench.bridging",
    "clocks": "deploy.bench.bridging",
}
"""`clocks`: the engine with the county's deadlines watched; the other two make the same decisions without."""
CHUNK: Final = 10_000
TIMEOUT_S: Final = 300.0
PER_SECOND: Final = 200
WARM_S: Final = 10
"""At the same pace and not counted: a broker that has just been started compiles its paths for some seconds."""


def route_bench(
    records: int = 60_000,
    *,
    stock_records: int = 6_000,
    repeats: int = 3,
    latency_seconds: int = 60,
    county: str = "helin",
) -> dict[str, Any]:
    """`contestants` (medians), `ratios.stock_faust`, `ratios.clocks` (with clocks to without); of the engine
    `dispatches_per_second`, `cpu_us_per_dispatch`; with clocks `latency_p50_ms`, `latency_p99_ms` (city topic to
    department topic), `pull_latency_p99_ms` (from the city's page).
    """
    pack = load(county)
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in CONTESTANTS}
    for turn in range(repeats):
        for name in list(CONTESTANTS)[:: 1 if turn % 2 == 0 else -1]:
            wanted = min(records, stock_records) if name == "stock_faust" else records
            runs[name].append(_rate(CONTESTANTS[name], pack, county, wanted, clocks=name == "clocks"))
    medians = {
        name: {figure: median(run[figure] for run in turns) for figure in turns[0]} for name, turns in runs.items()
    }
    rate = {name: figures["records_per_second"] for name, figures in medians.items()}
    return {
        "dispatches": records,
        "repeats": repeats,
        "contestants": medians,
        "ratios": {
            "stock_faust": round(rate["engine"] / rate["stock_faust"], 2),
            "clocks": round(rate["clocks"] / rate["engine"], 2),
        },
        "dispatches_per_second": rate["engine"],
        "cpu_us_per_dispatch": medians["engine"]["cpu_us_per_record"],
        "clocks_dispatches_per_second": rate["clocks"],
        "clocks_cpu_us_per_dispatch": medians["clocks"]["cpu_us_per_record"],
        "rates": {name: [run["records_per_second"] for run in turns] for name, turns in runs.items()},
        **latency(pack, county, latency_seconds),
        "pull_latency_p99_ms": pull_latency_ms(latency_seconds),
    }


@contextmanager
def _county_broker(pack: County) -> Iterator[str]:
    """A broker of its own with the county's topics."""
    with some_broker(None) as bootstrap:
        kafka = KafkaSettings(bootstrap=bootstrap)
        declared = topics([one.code for one in pack.departments])
        there = provision.look(kafka, [topic.name for topic in declared])
        provision.apply(kafka, declared, provision.plan(declared, there))
        yield bootstrap


def _rate(module: str, pack: County, county: str, records: int, *, clocks: bool) -> dict[str, Any]:
    with _county_broker(pack) as bootstrap:
        asyncio.run(_fill(bootstrap, pack, records))
        job = {"bootstrap": bootstrap, "county": county, "records": records, "clocks": clocks}
        return measured(module, job, timeout_s=TIMEOUT_S)


async def _fill(bootstrap: str, pack: County, records: int) -> None:
    outbox = Outbox({"bootstrap_servers": bootstrap})
    await outbox.start()
    # just issued: a dispatch of long ago would bring every mark that it has passed since
    sent = list(dispatches(pack, records, issued=datetime.now(UTC)))
    for start in range(0, records, CHUNK):
        await outbox.deliver(
            Outgoing(CITY, partition_of(key), key, value, headers)
            for key, value, headers in sent[start : start + CHUNK]
        )
    await outbox.stop()


def latency(pack: County, county: str, seconds: int) -> dict[str, float]:
    """From a dispatch being handed to Kafka to its department's record being seen, at a steady pace; in ms.

    The first `WARM_S` seconds are not counted.
    """
    with _county_broker(pack) as bootstrap, tempfile.TemporaryFile() as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "deploy.bench.bridging"], stdin=subprocess.PIPE, stdout=log, stderr=log
        )
        try:
            if worker.stdin is None:
                raise RuntimeError("the worker has no stdin")
            job = {"bootstrap": bootstrap, "county": county, "records": 0, "clocks": True}
            worker.stdin.write(json.dumps(job).encode())
            worker.stdin.close()
            ms = asyncio.run(_paced(bootstrap, pack, seconds))
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(30)
    return {"latency_p50_ms": percentile(ms, 50), "latency_p99_ms": percentile(ms, 99)}


def percentile(values: list[float], which: int) -> float:
    """Of at least two values, rounded to a tenth."""
    return round(quantiles(values, n=100)[which - 1], 1)


async def _paced(bootstrap: str, pack: County, seconds: int) -> list[float]:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=0)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False, fetch_max_wait_ms=20
    )
    await producer.start()
    await consumer.start()
    consumer.assign([TopicPartition(department_dispatches(one.code), 0) for one in pack.departments])
    warm = PER_SECOND * WARM_S
    issued = datetime.now(UTC)
    paced = list(dispatches(pack, warm + PER_SECOND * seconds, first=1, issued=issued))
    first, *_ = dispatches(pack, 1, issued=issued)
    sent: dict[bytes, float] = {}
    seen: dict[bytes, float] = {}

    async def watch(until: int) -> None:
        while len(seen) < until:
            for batch in (await consumer.getmany(timeout_ms=1000)).values():
                now = time.monotonic()
                for record in batch:
                    seen.setdefault(record.key, now)

    key, value, headers = first
    await producer.send(CITY, value, key=key, partition=partition_of(key), headers=headers)
    await asyncio.wait_for(watch(1), 60)
    watching = asyncio.create_task(watch(1 + len(paced)))
    began = time.monotonic()
    for number, (key, value, headers) in enumerate(paced):
        due = began + number / PER_SECOND
        if (early := due - time.monotonic()) > 0:
            await asyncio.sleep(early)
        sent[key] = time.monotonic()
        await producer.send(CITY, value, key=key, partition=partition_of(key), headers=headers)
    await asyncio.wait_for(watching, 60)
    await producer.stop()
    await consumer.stop()
    return [(seen[key] - sent[key]) * 1000 for key, *_ in paced[warm:]]
