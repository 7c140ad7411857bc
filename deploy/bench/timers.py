"""A million open cases under watch: how late marks fire while dispatches come in, and how many fire when all are due.

Baseline of lateness is the tick (0.1 s) and one run; of the rate, a heap without a bridge behind it.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop
from itertools import islice
from typing import IO, Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.bench.dispatches import dispatches
from deploy.bench.ground import some_broker
from deploy.bench.route import CHUNK, PER_SECOND, WARM_S, percentile
from deploy.county import County, load
from deploy.provision import apply, look, plan
from schemas.case import Case, encode_row
from schemas.clock import ClockName
from schemas.codec import decode, encode
from schemas.dispatch import Dispatch
from schemas.envelope import Envelope
from schemas.fact import Fact, FactKind
from schemas.ids import derived_id
from schemas.kafka import KafkaSettings
from schemas.order import Order, OrderAction
from schemas.topics import CASES, CITY, INBOX, JOURNAL, PARTITIONS, partition_of, topics
from schemas.types import NAMES
from streams.domain.built import changed
from streams.domain.decide import decide
from streams.domain.decision import Context
from streams.domain.rules import Rules
from streams.domain.tally import summarise
from streams.due import due_of
from streams.engine import Outbox, Outgoing

FIRES_PER_SECOND: Final = 1_000
"""The pace at which marks come due while lateness is watched."""
STORM_SECONDS: Final = 10
"""A storm holds as many marks as would be due in so many seconds of the aim (3,000/s)."""
STORM: Final = 3_000 * STORM_SECONDS
TIMEOUT_S: Final = 120.0


def timers_bench(cases: int = 1_000_000, *, seconds: int = 30, county: str = "helin") -> dict[str, Any]:
    """`timers` watched, `ready_s` from process start, `memory_mb` at the peak; with 200 dispatches/s and 1,000 marks/s
    for `seconds`: `lateness_p50_s`, `lateness_p99_s` from a mark's instant to its fact in Kafka; then, of
    `storm` marks that are due at one instant, `fires_per_second`, and `heap_pops_per_second` for scale.

    `first_ready_s` is of the start before that one: on a broker, and on memory, that nobody has used before.
    """
    pack = load(county)
    with some_broker(None) as bootstrap, tempfile.TemporaryFile() as log:
        kafka = KafkaSettings(bootstrap=bootstrap)
        declared = topics([one.code for one in pack.departments])
        apply(kafka, declared, plan(declared, look(kafka, [topic.name for topic in declared])))
        steady, storm = FIRES_PER_SECOND * seconds, min(STORM, cases)
        rest = max(0, cases - steady - storm)
        later = datetime.now(UTC) + timedelta(days=30)
        asyncio.run(_begin_inbox(bootstrap))
        asyncio.run(_fill(bootstrap, pack, 0, (later for _ in range(rest))))
        with _worker(bootstrap, county, log) as first:
            pass
        # Ready comes some seconds after the start, the more the more rows are read back.
        begin = datetime.now(UTC) + timedelta(seconds=12 + cases / 10_000)
        paced = (begin + timedelta(seconds=number / FIRES_PER_SECOND) for number in range(steady))
        asyncio.run(_fill(bootstrap, pack, rest, paced))
        all_at = begin + timedelta(seconds=seconds + 5)
        asyncio.run(_fill(bootstrap, pack, rest + steady, (all_at for _ in range(storm))))
        with _worker(bootstrap, county, log) as worker:
            in_time = datetime.now(UTC) < begin
            late = asyncio.run(_watch(bootstrap, pack, begin, seconds, all_at, steady, storm))
    if not in_time:
        raise RuntimeError(f"the worker was ready after {worker['ready_s']} s, when marks were due already")
    return {
        **worker,
        "first_ready_s": first["ready_s"],
        **late,
        "storm": storm,
        "heap_pops_per_second": _heap_pops(cases),
    }


@contextmanager
def _worker(bootstrap: str, county: str, log: IO[bytes]) -> Iterator[dict[str, Any]]:
    """What a worker says of itself: from the beginning when it was ready, in the end how much memory it took."""
    # It is told to stop twice, and may not come to remove its temporary files.
    with tempfile.TemporaryDirectory(prefix="paidan-bench-") as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.bench.clocking"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, "TMPDIR": folder},
        )
        try:
            if process.stdin is None or process.stdout is None:
                raise RuntimeError("the worker has no pipes")
            job = {"bootstrap": bootstrap, "county": county, "started": time.monotonic()}
            process.stdin.write(json.dumps(job).encode())
            process.stdin.close()
            said: dict[str, Any] = json.loads(process.stdout.readline())
            yield said
            process.terminate()
            said |= json.loads(process.stdout.readline())
        finally:
            process.terminate()
            process.wait(60)


async def _fill(bootstrap: str, pack: County, first: int, dues: Iterator[datetime]) -> None:
    """One row a due, numbered from `first`; on disk, because a restart does not follow on gigabytes that wait."""
    outbox = Outbox({"bootstrap_servers": bootstrap})
    await outbox.start()
    templates = _templates(pack)
    number = first
    while chunk := list(islice(dues, CHUNK)):
        rows = []
        for due in chunk:
            case, stored = templates[number % len(templates)]
            rows.append(_row(case, stored, f"T{number:010d}", due))
            number += 1
        await outbox.deliver(rows)
    await outbox.stop()
    os.sync()


def _templates(pack: County) -> list[tuple[Case, bytes]]:
    """Cases as `decide` makes them, each with a handling clock."""
    rules = Rules.of(pack.policy, pack.timetable)
    made = []
    for _, value, _ in dispatches(pack, 200, issued=datetime.now(UTC)):
        dispatch = decode(Dispatch, value)
        decision = decide(None, dispatch, Context(at=0, id="0" * 24, time=dispatch.updated_at), rules, b"")
        if decision.case is not None and any(run.clock is ClockName.HANDLING for run in decision.case.clocks):
            made.append((decision.case, value))
    return made


async def _begin_inbox(bootstrap: str) -> None:
    """One record a partition that changes nothing: the rows say that they were made from offset 0."""
    outbox = Outbox({"bootstrap_servers": bootstrap})
    await outbox.start()
    note = Order(dispatch="city:none", action=OrderAction.NOTE, by="bench", reason="bench", at=datetime.now(UTC))
    headers = Envelope(derived_id("bench"), "/paidan/bench", NAMES[Order], note.at).headers()
    value, key = encode(note), note.dispatch.encode()
    await outbox.deliver(Outgoing(INBOX, number, key, value, headers) for number in range(PARTITIONS))
    await outbox.stop()


def _row(case: Case, stored: bytes, number: str, due: datetime) -> Outgoing:
    """The case under another number, its handling clock 12 hours before a deadline of 24, the first mark at `due`."""
    handling = next(run for run in case.clocks if run.clock is ClockName.HANDLING)
    half = timedelta(hours=12)
    run = changed(
        handling,
        {"rule": "紧急办理", "start": due - half, "due": due + half, "city": None, "next": due, "fired": ("yellow",)},
    )
    one = changed(case, {"at": 0, "number": number, "clocks": (run,), "due": due, "gen": 1})
    key = one.id.encode()
    value = encode_row(one, stored.replace(case.number.encode(), number.encode()))
    headers = [("at", b"0"), ("due", b"%d" % due_of(one)), ("tag", summarise(one))]
    return Outgoing(CASES, partition_of(key), key, value, headers)


async def _watch(
    bootstrap: str, pack: County, begin: datetime, seconds: int, all_at: datetime, steady: int, storm: int
) -> dict[str, float]:
    """Sends the dispatches, and reads the facts of marks as Kafka has them."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=0)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    await producer.start()
    await consumer.start()
    consumer.assign([TopicPartition(JOURNAL, number) for number in range(PARTITIONS)])
    late: list[float] = []
    warm: list[float] = []
    counted = begin + timedelta(seconds=WARM_S)
    stormed: list[float] = []

    async def read() -> None:
        while len(late) + len(warm) < steady or len(stormed) < storm:
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                for record in batch:
                    if b'"fact":"marked"' not in (record.value or b""):
                        continue
                    fact = decode(Fact, record.value, checked=True)
                    if fact.fact is not FactKind.MARKED or not fact.dispatch.startswith("city:T"):
                        continue
                    instant = datetime.fromisoformat(str(fact.details["instant"]))
                    lateness = record.timestamp / 1000 - instant.timestamp()
                    (stormed if instant >= all_at else late if instant >= counted else warm).append(lateness)

    reading = asyncio.create_task(read())
    began = time.monotonic() + max(0.0, (begin - datetime.now(UTC)).total_seconds())
    for number, (key, value, headers) in enumerate(dispatches(pack, PER_SECOND * seconds, issued=begin)):
        due = began + number / PER_SECOND
        if (early := due - time.monotonic()) > 0:
            await asyncio.sleep(early)
        await producer.send(CITY, value, key=key, partition=partition_of(key), headers=headers)
    await asyncio.wait_for(reading, TIMEOUT_S)
    await producer.stop()
    await consumer.stop()
    return {
        "lateness_p50_s": round(percentile([one * 1000 for one in late], 50) / 1000, 3),
        "lateness_p99_s": round(percentile([one * 1000 for one in late], 99) / 1000, 3),
        "fires_per_second": round(storm / max(stormed)),
    }


def _heap_pops(count: int) -> int:
    """The heap alone."""
    heap = [(number * 2654435761 % 2**32, b"%d" % number) for number in range(count)]
    heapify(heap)
    started = time.perf_counter()
    for _ in range(min(count, 100_000)):
        heappop(heap)
    return round(min(count, 100_000) / (time.perf_counter() - started))
