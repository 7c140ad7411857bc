"""One hop of 1 KB records: the run engine beside stock Faust and a raw aiokafka loop, in the same run."""

import asyncio
from itertools import islice
from statistics import median
from typing import Any, Final

from deploy.bench.ground import fresh_topics, measured, some_broker
from deploy.bench.rows import rows
from schemas.topics import PARTITIONS, partition_of
from streams.engine import Outbox, Outgoing

CONTESTANTS: Final = {
    "stock_faust": "deploy.bench.baselines.stock_faust",
    "raw_aiokafka": "deploy.bench.baselines.raw_aiokafka",
    "engine": "deploy.bench.hopping",
}
RECORD_BYTES: Final = 1024
CHUNK: Final = 20_000
TIMEOUT_S: Final = 300.0


def engine_bench(
    records: int = 300_000, *, stock_records: int = 20_000, repeats: int = 3, bootstrap: str | None = None
) -> dict[str, Any]:
    """Each contestant passes `records` on (stock Faust, far slower, `stock_records`), `repeats` times, in turns.

    Answers `contestants` (medians of records_per_second, cpu_us_per_record, rss_mb), `ratios` of the engine's rate to
    each baseline's, and `rates`, every single one.
    """
    with (
        some_broker(bootstrap) as broker,
        fresh_topics(broker, {"source": PARTITIONS, "target": PARTITIONS}) as topics,
    ):
        asyncio.run(_fill(broker, topics["source"], records))
        runs: dict[str, list[dict[str, Any]]] = {name: [] for name in CONTESTANTS}
        for turn in range(repeats):
            for name in list(CONTESTANTS)[:: 1 if turn % 2 == 0 else -1]:
                wanted = stock_records if name == "stock_faust" else records
                job = {"bootstrap": broker, **topics, "records": min(wanted, records), "group": f"{name}-{turn}"}
                runs[name].append(measured(CONTESTANTS[name], job, timeout_s=TIMEOUT_S))
    medians = {
        name: {figure: median(run[figure] for run in turns) for figure in turns[0]} for name, turns in runs.items()
    }
    rate = {name: figures["records_per_second"] for name, figures in medians.items()}
    return {
        "records": records,
        "record_bytes": RECORD_BYTES,
        "repeats": repeats,
        "contestants": medians,
        "ratios": {name: round(rate["engine"] / rate[name], 2) for name in CONTESTANTS if name != "engine"},
        "rates": {name: [run["records_per_second"] for run in turns] for name, turns in runs.items()},
    }


async def _fill(broker: str, topic: str, records: int) -> None:
    outbox = Outbox({"bootstrap_servers": broker})
    await outbox.start()
    source = rows(records)
    while chunk := list(islice(source, CHUNK)):
        await outbox.deliver(
            Outgoing(topic, partition_of(key), key, value[:RECORD_BYTES], [("ce_id", key)]) for key, value in chunk
        )
    await outbox.stop()
