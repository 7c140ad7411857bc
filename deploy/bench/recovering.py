"""The measured process of the recovery bench: a worker that ends itself when it is ready."""

import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from deploy.bench.memory import peak_mb
from streams.engine import Engine, Run


def main() -> None:
    """Reads its job from stdin; prints its figures and ends."""
    job = json.load(sys.stdin)
    with tempfile.TemporaryDirectory(prefix="paidan-bench-") as folder:
        engine = Engine(
            job["group"],
            {"bootstrap_servers": job["bootstrap"]},
            worker="w1",
            folder=Path(folder),
            watchdog_seconds=600,
        )
        table = engine.table(job["topics"]["cases"], source=job["topics"]["inbox"], decode=bytes)

        async def handle(run: Run) -> None:
            await table.ensure(run.partition)

        engine.agent([job["topics"]["inbox"]], handle, name="cases")
        threading.Thread(target=_until_ready, args=(engine, table, job["started"]), daemon=True).start()
        engine.run(list(job["topics"].values()))


def _until_ready(engine: Engine, table: Any, started: float) -> None:
    reading = 0.0
    while engine.unready():
        if table.loading and not reading:
            reading = time.monotonic()
        time.sleep(0.005)
    ready = time.monotonic()
    figures = {
        "rows": table.count(),
        "rows_per_second": round(table.count() / (ready - reading)),
        "ready_s": round(ready - started, 2),
        "rss_mb": peak_mb(),
    }
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
