"""From the simulated city on loopback to acked in Kafka: one connector as it ships, with everything to catch up.

The baseline is the same pages fetched over the same connection and thrown away: what the city itself can serve.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final

import httpx2

from deploy.bench.ground import measured, some_broker
from deploy.provision import apply, look, plan
from schemas.kafka import KafkaSettings
from schemas.topics import topics

SAME_SECOND: Final = 40
"""Orders that share one update time: the pace of a whole city's busiest hour."""


def pull_bench(records: int = 30_000, *, repeats: int = 3, bootstrap: str | None = None) -> dict[str, Any]:
    """Medians: `records_per_second`, `bare_records_per_second` (the baseline), `cpu_us_per_record`, `rss_mb` (peak),
    `rss_growth_mb` (peak less what the process held after its first page: what a longer catch-up would add to)."""
    runs: list[dict[str, Any]] = []
    with some_broker(bootstrap) as servers, _city(records) as url:
        kafka = KafkaSettings(bootstrap=servers)
        declared = topics(())
        apply(kafka, declared, plan(declared, look(kafka, [topic.name for topic in declared])))
        for number in range(repeats):
            job = {"url": url, "bootstrap": servers, "records": records, "name": f"bench{os.getpid()}-{number}"}
            runs.append(measured("deploy.bench.pull_once", job, timeout_s=300))
    names = ("records_per_second", "bare_records_per_second", "cpu_us_per_record", "rss_mb", "rss_growth_mb")
    return {"records": records, "repeats": repeats, **{name: median(run[name] for run in runs) for name in names}}


@contextmanager
def _city(records: int) -> Iterator[str]:
    """A city of its own process, with so many orders of the last minutes."""
    with tempfile.TemporaryDirectory(prefix="paidan-bench-") as folder:
        command = [sys.executable, "-m", "deploy.sim.city", "--folder", folder]
        city = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert city.stdout is not None
            url = str(json.loads(city.stdout.readline())["url"])
            _issue(url, records)
            yield url
        finally:
            city.terminate()
            city.wait(timeout=10)


def _issue(url: str, records: int) -> None:
    seconds = -(-records // SAME_SECOND)
    with httpx2.Client(base_url=url, trust_env=False, timeout=30) as door:
        for number in range(seconds):
            count = min(SAME_SECOND, records - number * SAME_SECOND)
            door.post("/_sim/issue", json={"count": count, "late_s": seconds - number + 5}).raise_for_status()


def bare(url: str, seconds: float) -> float:
    """Rows a second when pages are fetched, one after another, and thrown away."""
    with httpx2.Client(base_url=url, trust_env=False, timeout=30) as door:
        login = door.post("/api/token", json={"appKey": "paidan", "appSecret": "helin-demo-secret"}).json()
        door.headers["X-Token"] = login["data"]["token"]
        asked = {"updateTimeStart": "2020-01-01 00:00:00", "updateTimeEnd": "2090-01-01 00:00:00", "pageSize": "200"}
        began, rows = time.monotonic(), 0
        while time.monotonic() - began < seconds:
            for page in range(1, 6):
                rows += door.get("/api/orders", params={**asked, "pageNum": str(page)}).text.count('"orderNo"')
        return rows / (time.monotonic() - began)


def rss_mb() -> float:
    """What this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
