"""One run of `pull`, in a process of its own: a job as JSON on stdin, figures as JSON on stdout."""

import json
import os
import sys
import threading
import time
from pathlib import Path

from ruamel.yaml import YAML

from connectors.registry import SYSTEMS
from connectors.runtime.service import Entry, Service
from deploy.bench.pull import bare, rss_mb
from deploy.county import folder_of
from schemas.kafka import KafkaSettings

CITY: Path = folder_of("helin") / "connectors" / "city.yaml"


def main() -> None:
    """Runs the connector of helin's city until it has written as many records as the job says."""
    job = json.load(sys.stdin)
    os.environ["PAIDAN_CITY_URL"] = job["url"]
    os.environ["PAIDAN_CITY_SECRET"] = "helin-demo-secret"  # noqa: S105 - the simulated city's
    document = YAML(typ="safe").load(CITY)
    system = SYSTEMS[document.pop("system")]
    document |= {"source": job["name"], "sweeps": [], "budget": {"per_second": 100_000, "burst": 100_000}}
    document["pull"] |= {"first": "2h", "overlap": "1s"}
    settings = system.settings.model_validate(document)
    service = Service(
        [Entry(job["name"], settings, lambda fittings: system.build(settings, fittings))],
        KafkaSettings(bootstrap=job["bootstrap"]),
    )
    thread = threading.Thread(target=service.run, daemon=True)
    thread.start()
    figures = _watch(service, job["name"], int(job["records"]))
    service.stop()
    thread.join(30)
    print(json.dumps({**figures, "bare_records_per_second": bare(job["url"], 2.0)}))


def _watch(service: Service, name: str, records: int) -> dict[str, float]:
    labels = {"connector": name, "decision": "written"}
    began, at_first, peak, cpu = 0.0, 0.0, 0.0, 0.0
    written = before = 0
    deadline = time.monotonic() + 240
    while written < records:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{written} of {records} records")
        time.sleep(0.2)
        written = int(service.registry.get_sample_value("connector_pull_records_total", labels) or 0)
        if written and not began:
            # the first page is not counted: the clock starts when it is there
            began, before, at_first, cpu = time.monotonic(), written, rss_mb(), time.process_time()
        peak = max(peak, rss_mb())
    counted = max(written - before, 1)
    return {
        "records_per_second": counted / max(time.monotonic() - began, 1e-9),
        "cpu_us_per_record": (time.process_time() - cpu) / counted * 1e6,
        "rss_mb": peak,
        "rss_growth_mb": peak - at_first,
    }


if __name__ == "__main__":
    main()
