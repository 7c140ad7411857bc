"""A worker on the engine for tests: sources -> inbox -> out and rows. `python fold_worker.py '{json}'`.

A row counts a key's messages and keeps the last; the n-th message of a key goes out with the header `n`. So a reader
can tell whether any was lost, counted twice or taken out of order.
"""

import asyncio
import json
import logging
import os
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from zlib import crc32

sys.path.insert(0, str(Path(__file__).parent))
from late_fetch import outlive_the_rebalance

from schemas.kafka import KafkaSettings
from streams.engine import Engine, MissingTopicsError, Outgoing, Row, quiet_logs

PARTITIONS = 4


def hook(job):
    """`crash` and `pause` are point:n: on the n-th pass of the point, kill or stop this process."""
    wanted = {}
    for name, how in (("crash", signal.SIGKILL), ("pause", signal.SIGSTOP)):
        if job.get(name):
            point, _, turn = job[name].partition(":")
            wanted[point, int(turn)] = how
    passed = Counter()

    def at(point):
        passed[point] += 1
        if how := wanted.get((point, passed[point])):
            sys.stdout.flush()
            os.kill(os.getpid(), how)

    return at


async def behave(value):
    """Some values make trouble."""
    if value == b"boom":
        raise RuntimeError("a bug of ours")
    if value == b"cancelled":
        raise asyncio.CancelledError
    if value == b"hang":
        await asyncio.Event().wait()
    if value == b"spin":
        while True:
            pass
    if value.startswith(b"slow"):
        await asyncio.sleep(float(value[4:]))


def build(job):
    """The engine, agents attached."""
    settings = dict(job.get("settings", {}))
    if "session" in job:
        settings |= {"broker_session_timeout": job["session"], "broker_heartbeat_interval": job["session"] / 5}
    engine = Engine(
        job["group"],
        KafkaSettings(bootstrap=job["bootstrap"], **job.get("secure", {})).for_aiokafka(),
        worker=job["worker"],
        folder=Path(job["folder"]),
        at=hook(job),
        batch_bytes=job.get("batch_bytes", 512 * 1024),
        watchdog_seconds=job.get("watchdog_seconds", 60),
        **settings,
    )
    table = engine.table(
        job["rows"], source=job["inbox"], decode=json.loads, audit_seconds=job.get("audit_seconds", 1800)
    )
    closed = {}

    async def intake(run):
        await engine.outbox.deliver(
            Outgoing(
                job["inbox"],
                crc32(record.key) % PARTITIONS,
                record.key,
                record.value,
                [("origin", f"{record.topic}/{record.partition}/{record.offset}".encode())],
            )
            for record in run.records
        )

    async def cases(run):
        await table.ensure(run.partition)
        outputs, rows = [], {}
        for record in run.records:
            key = record.key
            last = rows[key].at if key in rows else table.at(run.partition, key)
            if record.offset <= last:
                continue
            if not job.get("forgiving"):
                await behave(record.value)
            old = rows[key].decoded if key in rows else table.row(run.partition, key)
            row = dict(old or {"n": 0, "seen": {}, "last": ""})
            place, _, offset = dict(record.headers).get("origin", b"inbox/0/-1").decode().rpartition("/")
            if place != "inbox/0" and int(offset) <= row["seen"].get(place, -1):
                continue
            row = {
                "n": row["n"] + 1,
                "seen": {**row["seen"], place: int(offset)},
                "last": record.value.decode(errors="replace"),
            }
            if record.value == b"close":
                closed[run.partition, key] = True
            else:
                closed.pop((run.partition, key), None)
            outputs.append(Outgoing(job["out"], run.partition, key, record.value, [("n", b"%d" % row["n"])]))
            rows[key] = Row(key, record.offset, json.dumps(row).encode(), decoded=row)
        await engine.outbox.deliver(outputs)
        await table.write(run.partition, list(rows.values()))
        known = engine.progress.committed.get((job["inbox"], run.partition), 0)
        going = [key for partition, key in closed if partition == run.partition]
        if gone := await table.forget(run.partition, going, committed=2**62 if job.get("reckless") else known):
            print("forgotten", gone, flush=True)

    if job.get("sources"):
        engine.agent(job["sources"], intake, name="intake")
    engine.agent([job["inbox"]], cases, name="cases")
    if job.get("show"):
        show(engine, table)
    return engine


def show(engine, table):
    """Tell from a thread when the worker is ready, as a health check would."""

    def body():
        while why := engine.unready():
            time.sleep(0.02)
            assert isinstance(why, str)
        print("ready", table.count(), type(engine.app.loop).__module__, flush=True)

    threading.Thread(target=body, daemon=True).start()


if __name__ == "__main__":
    job = json.loads(sys.argv[1])
    logging.basicConfig(level=job.get("level", "WARNING"))
    if job.get("quiet"):
        quiet_logs()
    engine = build(job)
    if job.get("late_fetch"):
        outlive_the_rebalance()
    topics = [*job.get("sources", []), *(job[name] for name in ("inbox", "out", "rows"))]
    if job.get("skip_check"):
        topics = []
    try:
        raise SystemExit(engine.run(topics, stop_seconds=job.get("stop_seconds", 20)))
    except MissingTopicsError as missing:
        print("refused:", missing, flush=True)
        raise SystemExit(2) from None
