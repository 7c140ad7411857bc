"""A real Prometheus with our rules, as a test asks it."""

import json
import shutil
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from deploy.prometheus import generate

RULES = Path(generate.__file__).parent / "rules"
PROMETHEUS = shutil.which("prometheus")
needs_prometheus = pytest.mark.skipif(
    PROMETHEUS is None, reason="prometheus is not on this machine (Debian: prometheus)"
)


class Server:
    """The HTTP API."""

    def __init__(self, port: int, targets: Path) -> None:
        self.port, self._base, self._targets = port, f"http://127.0.0.1:{port}", targets

    def get(self, path: str, **params: str) -> Any:
        """The answer's data."""
        with urllib.request.urlopen(f"{self._base}{path}?{urllib.parse.urlencode(params)}", timeout=20) as answer:
            return json.load(answer)["data"]

    def query(self, expr: str) -> list[dict[str, Any]]:
        """The instant vector; empty while it is starting."""
        try:
            result: list[dict[str, Any]] = self.get("/api/v1/query", query=expr)["result"]
        except urllib.error.HTTPError as error:
            if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            return []
        except urllib.error.URLError:
            return []
        return result

    def value(self, expr: str) -> float | None:
        """Of an expression with one sample, or None where it has none."""
        found = self.query(expr)
        return float(found[0]["value"][1]) if found else None

    def scrape(self, jobs: Mapping[str, Sequence[int]]) -> None:
        """Job -> ports, from now on."""
        groups = [
            {"targets": [f"127.0.0.1:{port}" for port in ports], "labels": {"job": job}} for job, ports in jobs.items()
        ]
        fresh = self._targets.with_suffix(".new")
        fresh.write_text(json.dumps(groups))
        fresh.rename(self._targets)


@contextmanager
def running(folder: Path, every: str = "500ms") -> Iterator[Server]:
    """Started, scrapes and evaluates so often, and in the end stopped. It may not answer yet."""
    targets = folder / "targets.json"
    config = {
        "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
        "rule_files": [str(RULES / name) for name in generate.files()],
        "scrape_configs": [
            {"job_name": "any", "file_sd_configs": [{"files": [str(targets)], "refresh_interval": "1s"}]}
        ],
    }
    targets.write_text("[]")
    (folder / "prometheus.yml").write_text(json.dumps(config))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert PROMETHEUS is not None
    arguments = [
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([PROMETHEUS, *arguments], stdout=log, stderr=log)
    try:
        yield Server(port, targets)
    finally:
        process.terminate()
        process.wait(30)
