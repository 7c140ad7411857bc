"""The load: the city issues, amends, withdraws, merges, orders again, and some of it late or unreadable."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import httpx2

from deploy.sim.driver import CityError, Driver

TICK_S = 0.25
LATE_S = 3.0
"""An order that the city commits so much later than it says; the connector's overlap must be longer."""
UNREADABLE = ("no_number", "no_time", "not_object")

SHARES = {"amend": 0.06, "withdraw": 0.015, "reissue": 0.007, "merge": 0.003, "redo": 0.005, "close": 0.005}
"""Changes, as shares of the dispatches."""


@dataclass(slots=True)
class Load:
    """Issues `dispatches` orders evenly over `load_s` seconds, with the changes that belong to them."""

    driver: Driver
    dispatches: int
    load_s: float
    seed: int
    issued: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    changed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SHARES, 0))

    def run(self, show: Callable[[int], None]) -> None:
        """Returns when everything was issued; `show` is told how many were."""
        draw = Random(self.seed)  # noqa: S311
        begun = time.monotonic()
        for fault in UNREADABLE:
            self.driver.issue(1, unreadable=fault)
        while len(self.issued) < self.dispatches:
            share = min(1.0, (time.monotonic() - begun) / self.load_s)
            self._issue(draw, int(self.dispatches * share) - len(self.issued))
            for what, of_all in SHARES.items():
                while self.changed[what] < int(len(self.issued) * of_all):
                    self.changed[what] += 1
                    self._change(draw, what)
            show(len(self.issued))
            time.sleep(TICK_S)

    def _issue(self, draw: Random, count: int) -> None:
        while count > 0:
            batch = min(count, 100)
            late = LATE_S if draw.random() < 0.1 else 0.0
            unknown = draw.random() < 0.03
            self.issued += self.driver.issue(min(batch, 5) if unknown else batch, late_s=late, unknown=unknown)
            count -= min(batch, 5) if unknown else batch

    def _change(self, draw: Random, what: str) -> None:
        """One change of some order; none where the city no longer allows it."""
        number = draw.choice(self.issued)
        try:
            match what:
                case "amend":
                    self.driver.amend(number)
                case "withdraw":
                    self.driver.withdraw(number)
                    self.withdrawn.append(number)
                case "reissue" if self.withdrawn:
                    self.driver.reissue(self.withdrawn.pop(0))
                case "merge":
                    self.driver.merge(number, draw.choice(self.issued))
                case "redo":
                    self.driver.redo(number)
                case "close":
                    self.driver.close_order(number)
                case _:
                    return
        except (CityError, httpx2.TransportError):
            return
