"""The door through which every call to a system goes: waits for its turn, and counts it."""

from collections.abc import Iterator
from contextlib import contextmanager

from connectors.runtime.budget import Budget
from connectors.runtime.metrics import Metrics
from connectors.runtime.ports import Operation, Priority


class Meter:
    """See `ports.Calls`."""

    def __init__(self, connector: str, budget: Budget, metrics: Metrics) -> None:
        self._connector = connector
        self._budget = budget
        self._metrics = metrics

    @contextmanager
    def turn(self, priority: Priority) -> Iterator[None]:
        """Waits for the call's turn; the call is made inside."""
        waited = self._budget.wait(priority)
        self._metrics.budget_wait.labels(self._connector, priority.name.lower()).inc(waited)
        yield

    def made(self, operation: Operation, outcome: str, seconds: float) -> None:
        """Counts one call. `outcome` is `ok` or a Failure."""
        self._metrics.requests.labels(self._connector, operation, outcome).inc()
        self._metrics.request_seconds.labels(self._connector, operation).inc(seconds)
