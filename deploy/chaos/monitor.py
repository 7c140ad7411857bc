"""Watches how much is delivered and how far everybody is behind, twice a second, from a thread of its own."""

import threading
import time
from types import TracebackType
from typing import Self

from deploy.chaos.recovery import Sample, percentile, recovered_s
from deploy.sim.lag import Lag
from deploy.sim.rig import Rig
from schemas.topics import department_dispatches

EVERY_S = 0.4


class Monitor:
    """Use as a context manager. `latest` is the newest view, None while the broker cannot be asked."""

    def __init__(self, rig: Rig, bridge: str) -> None:
        self._rig, self._bridge = rig, bridge
        self._shares = frozenset(map(department_dispatches, rig.codes))
        self._samples: list[Sample] = []
        self._healed: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="monitor", daemon=True)
        self.latest: Lag | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def healed(self) -> None:
        """A fault ended just now."""
        self._healed.append(time.monotonic())

    @property
    def delivered(self) -> int:
        """Records on all department topics, as far as is known."""
        return self._samples[-1].delivered if self._samples else 0

    def recovered_p99_s(self) -> float:
        """Over all faults; one that nothing followed counts with the time until now."""
        now = time.monotonic()
        took = [recovered_s(at, self._samples) for at in self._healed]
        return percentile([now - at if one is None else one for at, one in zip(self._healed, took, strict=True)], 0.99)

    def _run(self) -> None:
        while not self._stop.wait(EVERY_S):
            self.latest = lag = self._rig.lag()
            if lag is not None:
                delivered = sum(count for topic, count in lag.written.items() if topic in self._shares)
                self._samples.append(Sample(time.monotonic(), delivered, lag.behind.get(self._bridge, 0)))
