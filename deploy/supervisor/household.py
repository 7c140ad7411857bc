"""What runs on one machine: broker, topics, connectors, workers, notices, in the order in which one needs the other."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy import provision
from deploy.broker import EmbeddedBroker
from deploy.county import County
from deploy.supervisor.processes import Processes
from schemas.kafka import KafkaSettings
from schemas.topics import topics

CONNECTORS = "connectors"
NOTICES = "notices"


@contextmanager
def kafka_of(home: Path, outside: KafkaSettings, said: Callable[[str], None]) -> Iterator[KafkaSettings]:
    """The cluster that the settings name, or else the embedded broker of `home`.

    A broker that was running before is left running afterwards; one that was started here is stopped.
    """
    if outside.servers:
        yield outside
        return
    broker = EmbeddedBroker(home, owner_pid=os.getpid())
    running = broker.status().running
    if not running:
        said("broker")
        broker.start()
    try:
        yield KafkaSettings(bootstrap=broker.bootstrap)
    finally:
        if not running:
            broker.stop()


@contextmanager
def household(home: Path, county: County, kafka: KafkaSettings, workers: int, ports: int | None) -> Iterator[Processes]:
    """Creates the county's topics, then starts its connectors, `workers` workers and the notices, which are written to
    `home/notices`. Leaving it ends them all.

    `ports`: the first of the ports for /metrics (connectors, w1, w2, ..., notices); None lets each take a free one.
    """
    declared = topics([department.code for department in county.departments])
    provision.apply(kafka, declared, provision.plan(declared, provision.look(kafka, [one.name for one in declared])))
    environment = {"PAIDAN_HOME": str(home), "PAIDAN_COUNTY": str(county.folder)}
    if not os.environ.get("PAIDAN_KAFKA"):
        environment["PAIDAN_KAFKA"] = kafka.bootstrap
    processes = Processes(home / "logs")
    try:
        for number, (name, words) in enumerate(commands(home, workers).items()):
            port = 0 if ports is None else ports + number
            processes.start(name, [sys.executable, "-m", "deploy.cli", *words, "--port", str(port)], environment)
        yield processes
    finally:
        processes.close()


def commands(home: Path, workers: int) -> dict[str, list[str]]:
    """Name -> words after `paidan`."""
    streams = {f"w{n}": ["streams", "run", "--name", f"w{n}"] for n in range(1, workers + 1)}
    notices = ["notices", "run", "--sink", "file", "--dir", str(home / "notices")]
    return {CONNECTORS: ["connectors", "run"], **streams, NOTICES: notices}
