"""The job every contestant of the engine bench gets, and how it tells what it took: one hop, records passed through."""

import json
import os
import resource
import sys
import time
from typing import NoReturn, Self

from pydantic import BaseModel, ConfigDict

from deploy.bench.memory import peak_mb


class Hop(BaseModel):
    """Read `records` records of `source`, write each to the same partition of `target`, acked."""

    model_config = ConfigDict(frozen=True)

    bootstrap: str
    source: str
    target: str
    records: int
    group: str

    @classmethod
    def from_stdin(cls) -> Self:
        """As `ground.measured` gives it."""
        return cls.model_validate_json(sys.stdin.read())


class Stopwatch:
    """Runs from the first record that came to the ack of the last."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._done = 0
        self._began: tuple[float, float] | None = None

    def came(self) -> None:
        """A record, or a run of them, is here and not yet handled."""
        if self._began is None:
            self._began = time.monotonic(), _cpu_seconds()

    def done(self, records: int = 1) -> bool:
        """So many more are through; True when that is all."""
        self._done += records
        return self._done >= self._wanted

    def tell(self) -> NoReturn:
        """Print the figures and end the process."""
        began, cpu = self._began or (time.monotonic(), _cpu_seconds())
        seconds, used = time.monotonic() - began, _cpu_seconds() - cpu
        figures = {
            "records": self._done,
            "records_per_second": round(self._done / seconds),
            "cpu_us_per_record": round(used / self._done * 1e6, 1),
            "rss_mb": peak_mb(),
        }
        sys.stdout.write(json.dumps(figures) + "\n")
        sys.stdout.flush()
        os._exit(0)


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
