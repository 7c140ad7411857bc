"""What every measurement stands on: a broker, fresh topics, and workers in processes of their own."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from kafka.admin import KafkaAdminClient, NewTopic

from deploy.broker import EmbeddedBroker
from deploy.broker.configuration import Choices

AS_A_SERVER: Final = Choices(heap_mb=1024, java=("-Xms1024m", "-XX:+UseSerialGC"))
"""The heap of Kafka's own start script, and no limit on its compiler. The embedded broker is tuned to be small and to
start quickly: its collections, 20 ms every 0.7 s, are the 99th percentile of every latency."""


@contextmanager
def some_broker(bootstrap: str | None) -> Iterator[str]:
    """The given one, or an embedded broker in a temporary home that is gone afterwards."""
    if bootstrap:
        yield bootstrap
        return
    with tempfile.TemporaryDirectory(prefix="paidan-bench-") as home:
        broker = EmbeddedBroker(Path(home), owner_pid=os.getpid(), choices=AS_A_SERVER)
        broker.start()
        try:
            yield broker.bootstrap
        finally:
            broker.stop()


@contextmanager
def fresh_topics(
    bootstrap: str, names: Mapping[str, int], config: Mapping[str, str] | None = None
) -> Iterator[dict[str, str]]:
    """Topics for one run, deleted afterwards. `names`: purpose -> partitions; answers purpose -> topic name."""
    mark = secrets.token_hex(4)
    topics = {purpose: f"bench.{purpose}.{mark}" for purpose in names}
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        admin.create_topics(
            [NewTopic(topics[purpose], width, 1, topic_configs=dict(config or {})) for purpose, width in names.items()]
        )
        yield topics
        admin.delete_topics(list(topics.values()))
    finally:
        admin.close()


def measured(module: str, job: Mapping[str, Any], *, timeout_s: float) -> dict[str, Any]:
    """Run `python -m module`, give it `job` as JSON on stdin, and read its figures: the last JSON object on stdout.

    Raises RuntimeError with the process's own words when it fails, and TimeoutExpired.
    """
    # The measured process ends at once when it has told, so its temporary files are ours to remove.
    with tempfile.TemporaryDirectory(prefix="paidan-bench-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", module],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            env={**os.environ, "TMPDIR": folder},
        )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        raise RuntimeError(f"{module} ended with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
    figures: dict[str, Any] = json.loads(lines[-1])
    return figures
