"""One call budget for each outside system, shared by everything that calls it, most urgent first."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from connectors.runtime.ports import Priority
from connectors.runtime.settings import BudgetRules

PATIENCE_S = 2.0
"""A caller's rank rises by one for each time it waited so long: the most urgent cannot starve the others."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A token bucket. Pure; `at` is the monotonic second at which it held `tokens`."""

    tokens: float
    at: float

    def filled(self, now: float, rules: BudgetRules) -> "Bucket":
        """The same bucket at `now`."""
        return Bucket(min(float(rules.burst), self.tokens + (now - self.at) * rules.per_second), now)

    def wait(self, rules: BudgetRules) -> float:
        """Seconds until a token is there."""
        return 0.0 if self.tokens >= 1.0 else (1.0 - self.tokens) / rules.per_second

    def taken(self) -> "Bucket":
        """One token less."""
        return replace(self, tokens=self.tokens - 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Waiter:
    """Somebody who wants to call."""

    priority: Priority
    since: float

    def rank(self, now: float) -> tuple[float, float]:
        """The lowest goes first; ties by who came first."""
        return (self.priority - (now - self.since) // PATIENCE_S, self.since)


class Budget:
    """Thread-safe. `clock` is monotonic seconds."""

    def __init__(self, rules: BudgetRules, clock: Callable[[], float] = time.monotonic) -> None:
        self._rules = rules
        self._clock = clock
        self._bucket = Bucket(float(rules.burst), clock())
        self._waiters: list[Waiter] = []
        self._turn = threading.Condition()

    def wait(self, priority: Priority) -> float:
        """Blocks until it is this caller's turn; returns how many seconds that took."""
        me = Waiter(priority, self._clock())
        with self._turn:
            self._waiters.append(me)
            try:
                while True:
                    now = self._clock()
                    self._bucket = self._bucket.filled(now, self._rules)
                    first = min(self._waiters, key=lambda waiter: waiter.rank(now))
                    missing = self._bucket.wait(self._rules)
                    if first is me and missing == 0.0:
                        self._bucket = self._bucket.taken()
                        return now - me.since
                    self._turn.wait(missing or PATIENCE_S)
            finally:
                self._waiters.remove(me)
                self._turn.notify_all()
