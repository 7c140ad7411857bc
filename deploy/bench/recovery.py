"""How long a worker takes to read its case table back, and how much memory the rows then take."""

import asyncio
from itertools import islice
from time import monotonic
from typing import Any, Final

from deploy.bench.ground import fresh_topics, measured, some_broker
from deploy.bench.rows import rows
from schemas.topics import PARTITIONS, partition_of
from streams.engine import Outbox, Outgoing

CHUNK: Final = 20_000
TIMEOUT_S: Final = 600.0
COMPACTED: Final = {"cleanup.policy": "compact", "segment.ms": "600000", "min.compaction.lag.ms": "3600000"}


def recovery_bench(cases: int = 1_000_000, *, bootstrap: str | None = None, repeats: int = 1) -> dict[str, Any]:
    """Fill a table topic with `cases` rows, then start a worker on it in a process of its own, `repeats` times.

    Answers `cases`, `rows_per_second` (while reading), `ready_s` (from process start until the worker says it is
    ready), `rss_mb` (peak of the whole process), each of the run with the median `ready_s`.
    """
    with (
        some_broker(bootstrap) as broker,
        fresh_topics(broker, {"inbox": PARTITIONS, "cases": PARTITIONS}, COMPACTED) as topics,
    ):
        asyncio.run(_fill(broker, topics["cases"], cases))
        runs = []
        for number in range(repeats):
            job = {"bootstrap": broker, "topics": topics, "started": monotonic(), "group": f"recovery-{number}"}
            runs.append(measured("deploy.bench.recovering", job, timeout_s=TIMEOUT_S))
        figures = sorted(runs, key=lambda run: run["ready_s"])[len(runs) // 2]
        if figures["rows"] != cases:
            raise RuntimeError(f"{figures['rows']} rows were read back, {cases} were written")
        return {"cases": cases, **{name: figures[name] for name in ("rows_per_second", "ready_s", "rss_mb")}}


async def _fill(broker: str, topic: str, cases: int) -> None:
    outbox = Outbox({"bootstrap_servers": broker})
    await outbox.start()
    source, number = rows(cases), 0
    while chunk := list(islice(source, CHUNK)):
        await outbox.deliver(
            Outgoing(topic, partition_of(key), key, value, [("at", b"%d" % (number + place))])
            for place, (key, value) in enumerate(chunk)
        )
        number += len(chunk)
    await outbox.stop()
