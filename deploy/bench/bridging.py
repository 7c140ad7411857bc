"""The measured process of the route bench: one worker as it ships, timed from its first record to its last ack."""

import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from deploy.bench.hop import Stopwatch
from deploy.county import load
from schemas.kafka import KafkaSettings
from schemas.topics import CITY, INBOX
from streams.app import Worker, build_worker

LOOK_S: Final = 0.05


class Job(BaseModel):
    """Handle `records` dispatches that stand in `city.dispatches` and tell the figures; 0: serve until SIGTERM."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    bootstrap: str
    county: str
    records: int
    clocks: bool = False
    """Whether the county's deadlines are watched."""


def main() -> None:
    """Reads its job from stdin."""
    job = Job.model_validate_json(sys.stdin.read())
    with tempfile.TemporaryDirectory(prefix="paidan-bench-") as folder:
        kafka = KafkaSettings(bootstrap=job.bootstrap)
        county = load(job.county)
        timetable = county.timetable if job.clocks else None
        worker = build_worker(kafka, county.policy, timetable, name="w1", datadir=Path(folder))
        if job.records:
            threading.Thread(target=_watch, args=(worker, job.records), daemon=True).start()
        raise SystemExit(worker.run())


def _watch(worker: Worker, wanted: int) -> None:
    watch = Stopwatch(wanted)
    while not _handled(worker, CITY):
        time.sleep(LOOK_S)
    watch.came()
    before = _handled(worker, INBOX)
    while (now := _handled(worker, INBOX)) < wanted:
        time.sleep(LOOK_S)
    watch.done(now - before)
    watch.tell()


def _handled(worker: Worker, topic: str) -> int:
    return int(worker.registry.get_sample_value("bridge_records_consumed_total", {"topic": topic}) or 0)


if __name__ == "__main__":
    main()
