"""`python -m deploy.sim.city --folder F`: one simulated city as a process.

Prints `{"url": ...}` on stdout once it serves; ends on SIGTERM or SIGINT.
"""

import argparse
import json
import signal
import threading
from pathlib import Path

from deploy.sim.city.beta import Beta
from deploy.sim.city.city import City, Settings
from deploy.sim.city.generator import Ground
from deploy.sim.city.helin import Helin
from deploy.sim.city.server import serve


def main() -> None:
    """Serves until SIGTERM or SIGINT."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--folder", type=Path, required=True, help="where the journal city.jsonl lives")
    words.add_argument("--port", type=int, default=0)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--ground", type=Path, help="JSON: categories, areas, units")
    words.add_argument("--redo-p", type=float, default=0.1)
    words.add_argument("--decide-after", type=float, default=0.5, help="seconds from a result to the decision")
    words.add_argument("--latency", type=float, default=0.0, help="seconds added to every answer")
    words.add_argument("--extend-cap", type=int, default=0, help="longest extension in days, 0 for any")
    words.add_argument("--dialect", choices=("helin", "beta"), default="helin")
    given = words.parse_args()
    settings = Settings(
        seed=given.seed,
        redo_p=given.redo_p,
        decide_after_s=given.decide_after,
        latency_s=given.latency,
        extend_cap=given.extend_cap,
    )
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    city = City(given.folder, settings, Ground.read(given.ground) if given.ground else None)
    with serve(city, (Helin if given.dialect == "helin" else Beta)(city), port=given.port) as url:
        print(json.dumps({"url": url}), flush=True)
        stop.wait()
    city.close()


if __name__ == "__main__":
    main()
