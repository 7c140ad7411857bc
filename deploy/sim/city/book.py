"""The order book: the journal's events folded into what the city knows now. No clock, no file, no network."""

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from deploy.sim.city.journal import Event
from deploy.sim.city.order import Order, Status

CHANGES = frozenset(
    {"issued", "reissued", "amended", "touched", "withdrawn", "merged", "closed", "redo_ordered", "unreadable"}
)


@dataclass(frozen=True, slots=True)
class Heard:
    """One accepted thing, as the read-back shows it. `at` is the city's epoch seconds."""

    serial: str
    kind: str
    round: int
    at: float


@dataclass(slots=True)
class Book:
    """All orders, an index by (update time, number), and what was heard about each."""

    orders: dict[str, Order] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    """Number of a listed row that cannot be read -> what is wrong with it; no order of that number exists."""
    times: list[tuple[int, str]] = field(default_factory=list)
    heard: dict[str, dict[str, Heard]] = field(default_factory=dict)
    signed: set[str] = field(default_factory=set)
    answered: dict[str, int] = field(default_factory=dict)
    """Number -> the last round a result was accepted for."""
    undecided: dict[str, str] = field(default_factory=dict)
    """Number -> what the city has yet to answer: result, return or extension."""
    asked_days: dict[str, int] = field(default_factory=dict)
    """Number -> days of the last extension that was asked for."""
    shown: dict[str, int] = field(default_factory=dict)
    """Number -> the last version that an answer showed."""
    counts: Counter[str] = field(default_factory=Counter)

    def apply(self, event: Event) -> None:
        """The next event. Replaying a journal gives the same book."""
        name = event["event"]
        self.counts[name] += len(event["versions"]) if name == "served" else 1
        if name in CHANGES:
            self._place(order_of(event["row"]))
            if name == "unreadable":
                self.unreadable[event["id"]] = event["fault"]
            elif name != "touched" and not event.get("silent"):
                self._decided(event["order"], name)
        elif name == "served":
            self.shown.update(event["versions"])
        elif name == "told":
            self._hear(event)

    def window(self, start: int, end: int) -> list[tuple[int, str]]:
        """(update time, number) ascending, with start <= update time < end."""
        return self.times[bisect_left(self.times, (start, "")) : bisect_left(self.times, (end, ""))]

    def after(self, time: int, number: str, limit: int) -> list[tuple[int, str]]:
        """The next `limit` entries greater than (time, number)."""
        first = bisect_right(self.times, (time, number))
        return self.times[first : first + limit]

    def unsettled(self) -> list[str]:
        """Open orders that can be read: the county owes an answer, or the city a decision."""
        return [
            number
            for number, order in self.orders.items()
            if order.status is Status.OPEN and number not in self.unreadable
        ]

    def in_work(self) -> list[str]:
        """Open orders that the county signed and has not answered in this round."""
        return [
            number
            for number in self.signed
            if (order := self.orders[number]).status is Status.OPEN and self.answered.get(number) != order.round
        ]

    def unseen(self) -> int:
        """Orders whose newest version nobody has been shown."""
        return sum(self.shown.get(number) != order.version for number, order in self.orders.items())

    def _place(self, order: Order) -> None:
        before = self.orders.get(order.number)
        if before is None or before.updated_at != order.updated_at:
            if before is not None:
                del self.times[bisect_left(self.times, (before.updated_at, before.number))]
            insort(self.times, (order.updated_at, order.number))
        self.orders[order.number] = order

    def _decided(self, number: str, event: str) -> None:
        if event == "reissued":
            self.answered.pop(number, None)
        if event != "amended" or self.undecided.get(number) == "extension":
            self.undecided.pop(number, None)

    def _hear(self, event: Event) -> None:
        number, kind = event["order"], event["kind"]
        self.counts[f"told_{kind}"] += 1
        heard = Heard(event["serial"], kind, event["round"], event["city_time"])
        self.heard.setdefault(number, {})[heard.serial] = heard
        if kind == "sign":
            self.signed.add(number)
        if kind == "result":
            self.answered[number] = event["round"]
        if kind == "extension":
            self.asked_days[number] = event["fields"]["extend_days"]
        if kind in ("result", "return", "extension"):
            self.undecided[number] = kind


def row_of(order: Order) -> dict[str, Any]:
    """As it stands in the journal."""
    return asdict(order)


def order_of(row: dict[str, Any]) -> Order:
    """Back from the journal."""
    return Order(**{**row, "status": Status(row["status"]), "attachments": tuple(row["attachments"])})
