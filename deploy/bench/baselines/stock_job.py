"""The whole job on Faust as its manual has it: two agents and a table, with our own decode, decide and encode.

What it loses: it commits what it has not delivered, drops what raises, and a row of its table can be there without
the outputs, or the outputs without the row.
"""

import sys
import tempfile
from typing import Any

import faust

from deploy.bench.bridging import Job
from deploy.bench.hop import Stopwatch
from deploy.county import load
from schemas.case import decode_row, encode_row
from schemas.codec import decode, encode
from schemas.dead_letter import DeadLetter
from schemas.dispatch import Dispatch
from schemas.envelope import Envelope, read
from schemas.topics import CITY, INBOX, PARTITIONS, topics
from streams.agents.intake import admit_dispatch
from streams.domain.decide import decide
from streams.domain.decision import Context
from streams.domain.rules import Rules
from streams.engine.loop import use_uvloop
from streams.names import SOURCE
from streams.records import Record


def build(job: Job, folder: str) -> faust.App:
    """Defaults, but for what this cluster and machine ask for."""
    policy = load(job.county).policy
    rules, watch = Rules.of(policy), Stopwatch(job.records)
    app = faust.App(
        "stock-job",
        broker=f"aiokafka://{job.bootstrap}",
        consumer_auto_offset_reset="earliest",
        topic_disable_leader=True,
        web_enabled=False,
        datadir=folder,
    )
    raw: dict[str, Any] = {"key_type": bytes, "value_type": bytes, "key_serializer": "raw", "value_serializer": "raw"}
    topic = {one.name: app.topic(one.name, **raw) for one in topics(one.code for one in policy.departments)}
    table = app.Table("cases", partitions=PARTITIONS)

    async def intake(stream: Any) -> None:
        async for event in stream.events():
            watch.came()
            admitted = admit_dispatch(_record(event.message))
            if not isinstance(admitted, DeadLetter):
                out = admitted.out
                await topic[INBOX].send(
                    key=out.key, value=out.value, partition=out.partition, headers=list(out.headers)
                )

    async def cases(stream: Any) -> None:
        async for event in stream.events():
            record = _record(event.message)
            key = record.key or b""
            row = table.get(key.decode())
            case, stored = (None, b"") if row is None else decode_row(row.encode())
            about = read([(name, value or b"") for name, value in record.headers])
            context = Context(at=record.offset, id=about.id, traceparent=about.traceparent, time=about.time)
            decision = decide(case, decode(Dispatch, record.value, checked=True), context, rules, stored)
            for one in decision.outputs:
                await topic[one.topic].send(
                    key=key,
                    value=encode(one.message),
                    partition=0 if one.topic.startswith("dept.") else record.partition,
                    headers=Envelope(one.id, SOURCE, one.type, one.occurred_at, about.traceparent).headers(),
                )
            if decision.case is not None:
                table[key.decode()] = encode_row(decision.case, record.value or b"").decode()
            if watch.done():
                await app.producer.flush()
                watch.tell()

    app.agent(topic[CITY], name="intake")(intake)
    app.agent(topic[INBOX], name="cases")(cases)
    return app


def _record(message: Any) -> Record:
    headers = message.headers.items() if isinstance(message.headers, dict) else message.headers
    return Record(message.topic, message.partition, message.offset, message.key, message.value, headers or ())


if __name__ == "__main__":
    use_uvloop()
    wanted = Job.model_validate_json(sys.stdin.read())
    with tempfile.TemporaryDirectory(prefix="paidan-bench-") as place:
        worker = faust.Worker(build(wanted, place), quiet=True, loglevel="ERROR", redirect_stdouts=False)
        worker.spinner = None
        worker.execute_from_commandline()
