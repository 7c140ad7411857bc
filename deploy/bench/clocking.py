"""The measured process of the timers bench: one worker as it ships, with clocks. Says when it is ready, and at the end
how much memory it took."""

import json
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from deploy.bench.memory import peak_mb
from deploy.county import load
from deploy.process import log_to_stderr
from schemas.kafka import KafkaSettings
from streams.app import Worker, build_worker
from streams.engine import quiet_logs

POLL_S: Final = 0.05
"""How often it is asked whether it is ready: more often would take the time away from becoming it."""


class Job(BaseModel):
    """Serve until SIGTERM. `started`: `time.monotonic()` when the process was."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bootstrap: str
    county: str
    started: float


def main() -> None:
    """Reads its job from stdin; one JSON object a line on stdout."""
    job = Job.model_validate_json(sys.stdin.read())
    log_to_stderr("streams")
    quiet_logs()
    county = load(job.county)
    with tempfile.TemporaryDirectory(prefix="paidan-bench-") as folder:
        kafka = KafkaSettings(bootstrap=job.bootstrap)
        worker = build_worker(kafka, county.policy, county.timetable, name="w1", datadir=Path(folder))
        threading.Thread(target=_until_ready, args=(worker, job.started), daemon=True).start()
        worker.run()
    _say({"memory_mb": peak_mb()})


def _until_ready(worker: Worker, started: float) -> None:
    while not worker.health().ready:
        time.sleep(POLL_S)
    pending = worker.registry.get_sample_value("bridge_timers_pending")
    _say({"ready_s": round(time.monotonic() - started, 2), "timers": int(pending or 0)})


def _say(figures: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
