"""The city at work: it issues and changes orders, hears what it is told, and decides what follows."""

import heapq
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from deploy.sim.city import journal
from deploy.sim.city.book import Book, Heard, row_of
from deploy.sim.city.generator import UNKNOWN_CATEGORY, Ground, amended_content, chance, write_order
from deploy.sim.city.journal import Event, Journal, stamp
from deploy.sim.city.order import Order, Status
from deploy.sim.city.rules import Refusal, Told, refusal

LOCAL_S = 8 * 3600
"""Asia/Shanghai, which has no summer time, is this far ahead of UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this city behaves. Durations are seconds."""

    seed: int = 1
    prefix: str = "HS"
    redo_p: float = 0.1
    max_rounds: int = 3
    decide_after_s: float = 0.5
    """From an accepted result to the city's decision."""
    token_life_s: float = 7200.0
    hang_s: float = 30.0
    latency_s: float = 0.0
    """Added to every answer."""
    sync: bool = False
    """fsync each journal write."""
    extend_cap: int = 0
    """An extension of more days is refused; 0 for no cap."""


class Verdict(StrEnum):
    """What became of something told."""

    TAKEN = "taken"
    REPEATED = "repeated"
    NO_SUCH_ORDER = "no_such_order"
    REFUSED = "refused"


class City:
    """One city platform over the journal in `folder`. Safe for threads; `close` ends its own thread.

    `now` gives real epoch seconds; the city's own clock is that plus `skew_s`.
    """

    def __init__(
        self,
        folder: Path,
        settings: Settings | None = None,
        ground: Ground | None = None,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings or Settings()
        self.ground = ground or Ground()
        self.book = Book()
        self.skew_s = 0.0
        self.lock = threading.RLock()
        self.asked = 0
        """Answers that show orders, also when there was none to show."""
        self._now = now
        self._file = folder / "city.jsonl"
        for event in journal.read(self._file):
            self.book.apply(event)
        self._journal = Journal(self._file)
        self._due: list[tuple[float, str]] = []
        self._wake = threading.Condition(self.lock)
        self._closed = False
        for number in self.book.undecided:
            heapq.heappush(self._due, (now() + self.settings.decide_after_s, number))
        self._decider = threading.Thread(target=self._decide_when_due, name="city-decides", daemon=True)
        self._decider.start()

    def close(self) -> None:
        """Ends the deciding thread and closes the journal."""
        with self.lock:
            self._closed = True
            self._wake.notify_all()
        self._decider.join()
        self._journal.close()

    def clock(self) -> float:
        """The city's own time, epoch seconds."""
        return self._now() + self.skew_s

    # what the city does by itself

    def issue(
        self,
        count: int = 1,
        *,
        late_s: float = 0.0,
        category: tuple[str, str] | None = None,
        unreadable: str = "",
        held_s: float = 0.0,
        like: tuple[str, str] | None = None,
    ) -> list[str]:
        """Issues new orders; returns their numbers. All of one call have one and the same update time.

        `late_s` puts that time into the past, as a transaction does that commits late. `unreadable` (no_number,
        no_time, not_object) makes rows that nobody can read as an order. `held_s`: ordered so long ago and shown only
        now. `like`: their kind and urgency.
        """
        with self.lock:
            at = int(self.clock() - late_s)
            first = self.book.counts["issued"] + self.book.counts["unreadable"]
            day = time.strftime("%Y%m%d", time.gmtime(at + LOCAL_S))
            orders = [
                replace(
                    self._written(
                        index, f"{self.settings.prefix}{day}{index + 1:06d}", at - int(held_s), category, like
                    ),
                    updated_at=at,
                )
                for index in range(first, first + count)
            ]
            if unreadable:
                self._record(*(self._unreadable(order, unreadable) for order in orders))
            else:
                self._record(*(self._change("issued", order) for order in orders))
            return [order.number for order in orders]

    def _written(
        self, index: int, number: str, at: int, category: tuple[str, str] | None, like: tuple[str, str] | None
    ) -> Order:
        return write_order(self.ground, self.settings.seed, index, number, at, category, like)

    def issue_unknown(self, count: int = 1) -> list[str]:
        """Orders of a category that no table knows."""
        return self.issue(count, category=UNKNOWN_CATEGORY)

    def amend(self, number: str, *, silent: bool = False, fields: dict[str, Any] | None = None) -> None:
        """Changes the content of an open order; `silent` keeps its update time."""
        with self.lock:
            order = self._open(number)
            changed = fields or {"content": amended_content(self.settings.seed, order)}
            after = replace(order, **changed, version=order.version + 1, updated_at=self._touch(order, silent))
            self._record(self._change("amended", after, silent=silent, fields=sorted(changed)))

    def touch(self, number: str) -> None:
        """A new update time and nothing else."""
        with self.lock:
            order = self._open(number)
            self._record(self._change("touched", replace(order, updated_at=self._touch(order, False))))

    def touch_first(self, orders: list[Order]) -> None:
        """Touches the first of these that is open."""
        with self.lock:
            for order in orders:
                if order.status is Status.OPEN and order.number not in self.book.unreadable:
                    self.touch(order.number)
                    return

    def withdraw(self, number: str, why: str = "city") -> None:
        """Takes an open order back."""
        self._end(number, "withdrawn", Status.WITHDRAWN, why)

    def close_order(self, number: str, why: str = "city") -> None:
        """Closes an open order."""
        self._end(number, "closed", Status.CLOSED, why)

    def merge(self, number: str, into: str) -> None:
        """Ends an open order in favour of another."""
        with self.lock:
            order = replace(self._open(number), merged_into=into)
            self._record(self._change("merged", self._ended(order, Status.MERGED), why=into))

    def reissue(self, number: str) -> None:
        """Opens an order again that had been withdrawn. Raises KeyError when there is none."""
        with self.lock:
            order = self.book.orders[number]
            if order.status is not Status.WITHDRAWN:
                raise KeyError(number)
            self._record(self._change("reissued", self._ended(order, Status.OPEN)))

    def order_redo(self, number: str, why: str = "city") -> None:
        """Orders the same again: the next round."""
        with self.lock:
            order = self._open(number)
            after = replace(
                self._ended(order, Status.OPEN), round=order.round + 1, opinion="回访群众不满意，请重新办理。",
                due_at=int(self.clock()) + 5 * 86_400,
            )  # fmt: skip
            self._record(self._change("redo_ordered", after, why=why))

    # what the city is asked and told

    def served(self, page: str, rows: list[Order]) -> None:
        """Puts on record what one answer showed."""
        with self.lock:
            self.asked += 1
            if rows:
                self._record(
                    {"event": "served", "page": page, "versions": [[order.number, order.version] for order in rows]}
                )

    def readable(self, number: str) -> Order:
        """The order of this number. Raises KeyError when there is none, or none that can be read."""
        with self.lock:
            if number in self.book.unreadable:
                raise KeyError(number)
            return self.book.orders[number]

    def hear(self, told: Told) -> tuple[Verdict, Refusal | None]:
        """Takes what the county tells, or says why not. The same serial number never has a second effect."""
        with self.lock:
            try:
                order = self.readable(told.order)
            except KeyError:
                self._record(self._said("refused", told, why=Verdict.NO_SUCH_ORDER))
                return Verdict.NO_SUCH_ORDER, None
            if told.serial in self.book.heard.get(told.order, {}):
                self._record(self._said("repeated", told))
                return Verdict.REPEATED, None
            why = refusal(
                order,
                told,
                signed=told.order in self.book.signed,
                answered_round=self.book.answered.get(told.order, 0),
                extend_cap=self.settings.extend_cap,
            )
            if why is not None:
                self._record(self._said("refused", told, why=why))
                return Verdict.REFUSED, why
            fields = {name: value for name in _TOLD_FIELDS if (value := getattr(told, name)) not in ("", None, 0)}
            self._record(
                self._said("told", told, city_time=self.clock(), fields=fields, round=told.round or order.round)
            )
            if told.order in self.book.undecided:
                heapq.heappush(self._due, (self._now() + self.settings.decide_after_s, told.order))
                self._wake.notify_all()
            return Verdict.TAKEN, None

    def heard(self, number: str) -> list[Heard]:
        """What was accepted about an order, in order. Raises KeyError when there is no such order."""
        with self.lock:
            self.readable(number)
            return list(self.book.heard.get(number, {}).values())

    # within

    def _decide_when_due(self) -> None:
        with self.lock:
            while not self._closed:
                if not self._due:
                    self._wake.wait()
                elif (wait := self._due[0][0] - self._now()) > 0:
                    self._wake.wait(wait)
                else:
                    self._decide(heapq.heappop(self._due)[1])

    def _decide(self, number: str) -> None:
        asked = self.book.undecided.get(number)
        order = self.book.orders[number]
        if asked is None or order.status is not Status.OPEN:
            return
        if asked == "return":
            self.withdraw(number, "returned")
        elif asked == "extension":
            self.amend(number, fields={"due_at": order.due_at + self.book.asked_days.get(number, 5) * 86_400})
        elif (
            order.round < self.settings.max_rounds
            and chance(self.settings.seed, number, order.round) < self.settings.redo_p
        ):
            self.order_redo(number, "dissatisfied")
        else:
            self.close_order(number, "answered")

    def _open(self, number: str) -> Order:
        order = self.book.orders[number]
        if order.status is not Status.OPEN or number in self.book.unreadable:
            raise KeyError(number)
        return order

    def _end(self, number: str, event: str, status: Status, why: str) -> None:
        with self.lock:
            self._record(self._change(event, self._ended(self._open(number), status), why=why))

    def _ended(self, order: Order, status: Status) -> Order:
        return replace(order, status=status, version=order.version + 1, updated_at=self._touch(order, False))

    def _touch(self, order: Order, silent: bool) -> int:
        return order.updated_at if silent else max(int(self.clock()), order.updated_at)

    def _change(self, event: str, order: Order, **more: Any) -> Event:
        return {"event": event, "order": order.number, "version": order.version, **more, "row": row_of(order)}

    def _unreadable(self, order: Order, fault: str) -> Event:
        return {"event": "unreadable", "id": order.number, "fault": fault, "row": row_of(order)}

    def _said(self, event: str, told: Told, **more: Any) -> Event:
        return {
            "event": event, "order": told.order, "serial": told.serial, "kind": told.kind, "round": told.round, **more,
        }  # fmt: skip

    def _record(self, *events: Event) -> None:
        at = stamp(self._now())
        stamped = [{"at": at, **event} for event in events]
        self._journal.write(*stamped)
        for event in stamped:
            self.book.apply(event)


_TOLD_FIELDS = (
    "unit", "note", "reply", "contacted", "founded", "solved", "unsolved_reason", "return_reason", "extend_days",
)  # fmt: skip
