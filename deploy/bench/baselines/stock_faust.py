"""One hop on Faust as its manual has it: an agent that sends each record on. It loses some."""

import tempfile
from typing import Any

import faust

from deploy.bench.hop import Hop, Stopwatch
from streams.engine.loop import use_uvloop


def build(hop: Hop, folder: str) -> faust.App:
    """Defaults, but for what this cluster and machine ask for: no topics of its own, no web server."""
    watch = Stopwatch(hop.records)
    app = faust.App(
        hop.group,
        broker=f"aiokafka://{hop.bootstrap}",
        consumer_auto_offset_reset="earliest",
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        datadir=folder,
    )
    raw: dict[str, Any] = {"key_type": bytes, "value_type": bytes, "key_serializer": "raw", "value_serializer": "raw"}
    source, target = app.topic(hop.source, **raw), app.topic(hop.target, **raw)

    async def body(stream: Any) -> None:
        async for event in stream.events():
            watch.came()
            await target.send(key=event.key, value=event.value, partition=event.message.partition)
            if watch.done():
                await app.producer.flush()
                watch.tell()

    app.agent(source, name="hop")(body)
    return app


if __name__ == "__main__":
    use_uvloop()
    with tempfile.TemporaryDirectory(prefix="paidan-bench-") as place:
        worker = faust.Worker(build(Hop.from_stdin(), place), quiet=True, loglevel="ERROR", redirect_stdouts=False)
        worker.spinner = None
        worker.execute_from_commandline()
