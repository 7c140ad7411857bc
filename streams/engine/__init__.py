"""Faust made safe and fast: one event is one run, acked only when everything that follows from it is in Kafka.

The only place that touches Faust's insides. Knows topics, partitions, bytes and offsets, and nothing of dispatches.
The parts, for who writes an agent:

    engine = Engine("bridge", kafka, worker="w1", folder=path, at=no_op)   # kafka: aiokafka's client options
    table = engine.table("bridge.cases", source="bridge.inbox", decode=decode_row)
    engine.agent(["bridge.inbox"], handle, name="cases")
    raise SystemExit(engine.run(topics=["bridge.inbox", "bridge.cases", ...]))

    async def handle(run: Run) -> None:           # run.topic, run.partition, run.records (aiokafka ConsumerRecord)
        await table.ensure(run.partition)         # reads back before the first run
        for record in run.records:
            row = table.row(run.partition, key)   # decoded, or None
            if record.offset <= table.at(run.partition, key): continue      # applied before a crash
        await engine.outbox.deliver([Outgoing(topic, partition, key, value, headers), ...])   # wave 1: outputs
        await table.write(run.partition, [Row(key, at=record.offset, value=..., decoded=row), ...])   # wave 2: rows
        # returning acks the run. Anything raised ends the process with exit code 70.
"""

from streams.engine.agents import Handle, Run
from streams.engine.breaker import Breaker, BreakerOpenError, Trip
from streams.engine.crash import FATAL, POINTS, At, fatal, no_op
from streams.engine.engine import Engine
from streams.engine.newest import Head
from streams.engine.outbox import Headers, Outbox, Outgoing, RecordTooLargeError
from streams.engine.progress import Progress
from streams.engine.quiet import quiet_logs
from streams.engine.table import Audit, Row, Table, Watch
from streams.engine.topics import MissingTopicsError, missing
from streams.engine.versions import UnsupportedError

__all__ = [
    "FATAL",
    "POINTS",
    "At",
    "Audit",
    "Breaker",
    "BreakerOpenError",
    "Engine",
    "Handle",
    "Head",
    "Headers",
    "MissingTopicsError",
    "Outbox",
    "Outgoing",
    "Progress",
    "RecordTooLargeError",
    "Row",
    "Run",
    "Table",
    "Trip",
    "UnsupportedError",
    "Watch",
    "fatal",
    "missing",
    "no_op",
    "quiet_logs",
]
