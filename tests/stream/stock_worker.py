"""The same hop on stock Faust, as its manual has it: the standing bad example. `python stock_worker.py '{json}'`."""

import json
import sys
from pathlib import Path

import faust

sys.path.insert(0, str(Path(__file__).parent))
from fold_worker import behave
from late_fetch import outlive_the_rebalance


def build(job):
    """inbox -> out; `decode` asks Faust to decode JSON."""
    app = faust.App(
        job["group"],
        broker=f"aiokafka://{job['bootstrap']}",
        consumer_auto_offset_reset="earliest",
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        datadir=Path(job["folder"]) / f"stock-{job['worker']}",
        **job.get("settings", {}),
    )
    raw = {"key_type": bytes, "key_serializer": "raw", "value_type": bytes, "value_serializer": "raw"}
    shape = raw | ({"value_type": None, "value_serializer": "json"} if job.get("decode") else {})
    source, target = app.topic(job["inbox"], **shape), app.topic(job["out"], **raw)

    async def hop(stream):
        async for event in stream.events():
            value = event.value if isinstance(event.value, bytes) else json.dumps(event.value).encode()
            if not job.get("forgiving"):
                await behave(value)
            await target.send(key=event.key, value=value, partition=event.message.partition)

    app.agent(source, name="hop")(hop)
    return app


if __name__ == "__main__":
    job = json.loads(sys.argv[1])
    if job.get("late_fetch"):
        outlive_the_rebalance()
    worker = faust.Worker(build(job), loglevel="WARN", quiet=True, redirect_stdouts=False)
    worker.spinner = None
    worker.execute_from_commandline()
