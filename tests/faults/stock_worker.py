"""Stock Faust, as its manual has it, with our own decide: stock_worker.py BOOTSTRAP FOLDER. The standing bad example.

Plain agents, default settings. Once in 100 records something goes wrong that would not go wrong again: that is enough,
because a record whose agent raised is acked, committed and gone.
"""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import faust

from schemas.case import Case, encode_row
from schemas.codec import decode, encode
from schemas.dead_letter import DeadLetter
from schemas.dispatch import Dispatch
from schemas.envelope import Envelope, read
from schemas.topics import CASES, CITY, INBOX, topics
from streams.agents.intake import admit_dispatch
from streams.domain.decide import decide
from streams.domain.decision import Context
from streams.domain.rules import Rules
from streams.names import GROUP, SOURCE
from streams.records import Record
from tests.support.bridge import CODES, COUNTY

HICCUP = 100


def build(bootstrap: str, folder: str) -> faust.App:
    """The same two hops and the same topics as the bridge."""
    app = faust.App(
        GROUP,
        broker=f"aiokafka://{bootstrap}",
        consumer_auto_offset_reset="earliest",
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        datadir=folder,
    )
    raw: dict[str, Any] = {"key_type": bytes, "value_type": bytes, "key_serializer": "raw", "value_serializer": "raw"}
    topic = {one.name: app.topic(one.name, **raw) for one in topics(CODES)}
    rules, rows, taken = Rules.of(COUNTY), dict[bytes, tuple[Case, bytes]](), 0

    async def intake(stream: Any) -> None:
        async for event in stream.events():
            admitted = admit_dispatch(_record(event.message))
            out = admitted if isinstance(admitted, DeadLetter) else getattr(admitted, "out", admitted)
            assert not isinstance(out, DeadLetter)
            await topic[INBOX].send(key=out.key, value=out.value, partition=out.partition, headers=list(out.headers))

    async def cases(stream: Any) -> None:
        nonlocal taken
        async for event in stream.events():
            taken += 1
            if taken % HICCUP == 0:
                raise ConnectionError("somebody did not answer")
            record = _record(event.message)
            key = record.key or b""
            case, stored = rows.get(key, (None, b""))
            about = read([(name, value or b"") for name, value in record.headers])
            origin = dict(record.headers)["origin"] or b""
            context = Context(at=record.offset, id=about.id, origin=origin.decode(), time=about.time)
            decision = decide(case, decode(Dispatch, record.value, checked=True), context, rules, stored)
            for one in decision.outputs:
                place = 0 if one.topic.startswith("dept.") else record.partition
                headers = Envelope(one.id, SOURCE, one.type, one.occurred_at, about.traceparent).headers()
                await topic[one.topic].send(key=key, value=encode(one.message), partition=place, headers=headers)
            if decision.case is not None:
                rows[key] = decision.case, record.value or b""
                row = encode_row(*rows[key])
                headers = [("at", str(decision.case.at).encode())]
                await topic[CASES].send(key=key, value=row, partition=record.partition, headers=headers)

    app.agent(topic[CITY], name="intake")(intake)
    app.agent(topic[INBOX], name="cases")(cases)
    return app


def _record(message: Any) -> Record:
    headers = message.headers.items() if isinstance(message.headers, dict) else message.headers
    return Record(message.topic, message.partition, message.offset, message.key, message.value, headers or ())


if __name__ == "__main__":
    worker = faust.Worker(build(sys.argv[1], sys.argv[2]), quiet=True, loglevel="ERROR", redirect_stdouts=False)
    worker.spinner = None
    worker.execute_from_commandline()
