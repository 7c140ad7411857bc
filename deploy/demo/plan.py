"""What the tour will do, decided before it starts: what is issued, what changes, what is killed and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

QUARTER = 818
"""What a real county signed in its first quarter; the shares below are of that many."""
AMENDED, WITHDRAWN, UNKNOWN, HELD = 40, 12, 9, 36
FAULTS = ("no_number", "no_time", "not_object")
BROKER_STOP_S = 5.0


class Order(StrEnum):
    """What the city issues."""

    PLAIN = "plain"
    UNKNOWN = "unknown"
    """Of a category that no table knows."""
    HELD = "held"
    """Of the day before, and shown only now."""
    NO_NUMBER = "no_number"
    NO_TIME = "no_time"
    NOT_OBJECT = "not_object"


UNREADABLE = frozenset({Order.NO_NUMBER, Order.NO_TIME, Order.NOT_OBJECT})


class Deed(StrEnum):
    """What is done to the running bridge."""

    KILL = "kill"
    STOP_BROKER = "stop_broker"


@dataclass(frozen=True, slots=True)
class Disruption:
    """`at`: how far the work is when it happens, 0 to 1; see `progress`."""

    at: float
    deed: Deed
    name: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`issue_s` is how long the city takes to issue everything."""

    orders: tuple[Order, ...]
    amended: int
    withdrawn: int
    disruptions: tuple[Disruption, ...]
    issue_s: float

    @property
    def held(self) -> int:
        """Orders of the day before; they come first."""
        return self.orders.count(Order.HELD)

    @property
    def unreadable(self) -> int:
        """Rows that nobody can read as an order."""
        return sum(order in UNREADABLE for order in self.orders)


def plan(dispatches: int, seed: int, workers: Sequence[str], connectors: str, broker: str) -> Plan:
    """A tour of so many dispatches, in the proportions of the quarter, and always with at least one of each kind."""
    special = [Order.UNKNOWN] * _share(UNKNOWN, dispatches) + [Order(fault) for fault in FAULTS]
    held = [Order.HELD] * _share(HELD, dispatches)
    orders = [*special, *[Order.PLAIN] * max(0, dispatches - len(special) - len(held))]
    Random(seed).shuffle(orders)  # noqa: S311
    return Plan(
        orders=(*held, *orders),
        amended=_share(AMENDED, dispatches),
        withdrawn=_share(WITHDRAWN, dispatches),
        disruptions=(
            Disruption(0.15, Deed.KILL, workers[0]),
            Disruption(0.35, Deed.KILL, connectors),
            Disruption(0.50, Deed.STOP_BROKER, broker),
            Disruption(0.75, Deed.KILL, workers[0]),
        ),
        issue_s=min(15.0, max(4.0, dispatches / 40)),
    )


def progress(signed: int, answered: int, orders: int) -> float:
    """How far the work is, 0 to 1: half for what the city saw signed, half for what it saw answered."""
    return (signed + answered) / (2 * orders) if orders else 0.0


def due(wanted: int, progress: float) -> int:
    """How many of the `wanted` changes are to be made by now: all of them while most orders are still in work."""
    return min(wanted, int(wanted * progress / 0.45) + 1)


def _share(of_quarter: int, dispatches: int) -> int:
    return max(1, round(of_quarter * dispatches / QUARTER))
