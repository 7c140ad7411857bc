"""The people of the county's centre: they take the steps of supervision that rules asked of them, and some more.

What they order goes to the inbox, as `paidan case ID supervise` would send it.
"""

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from deploy.console import UserError
from deploy.demo.watch import Watched
from deploy.operators.kafka import ToSend, send
from deploy.operators.orders import order_record
from schemas.kafka import KafkaSettings
from schemas.order import Order, OrderAction, Rung

PHONES = 12
"""So many calls are made; the rest of the steps stay open, as they do where people are few."""

_BY = ("值班员 王敏", "值班员 李强")
_WHOM = ("张主任", "李科长", "王站长")
_ANSWERS = ("已安排专人，今天办结。", "正在现场处置，办完即报。", "材料已齐，马上反馈。")


class Centre:
    """Decides from what was watched; each order is given once."""

    def __init__(self) -> None:
        self._called: set[str] = set()
        self._interviewed = ""
        self._wrote = ""
        self._sending: threading.Thread | None = None

    def orders(self, watched: Watched, at: datetime) -> Iterator[Order]:
        """What is ordered now: calls for steps that wait, one letter and one interview for what is overdue."""
        for asked in list(watched.open.values()):
            if asked.rung == Rung.PHONE and len(self._called) < PHONES and asked.dispatch not in self._called:
                number = len(self._called)
                self._called.add(asked.dispatch)
                yield _supervise(
                    asked.dispatch, Rung.PHONE, at, number, to=asked.department,
                    whom=_WHOM[number % len(_WHOM)], answer=_ANSWERS[number % len(_ANSWERS)],
                )  # fmt: skip
        for dispatch in watched.overdue:
            if not self._wrote:
                self._wrote = dispatch
                yield _supervise(dispatch, Rung.WRITTEN, at, 0)
            elif not self._interviewed and dispatch != self._wrote:
                self._interviewed = dispatch
                yield _supervise(
                    dispatch, Rung.INTERVIEW, at, 1, whom="主要负责人", persons=3, answer="作出书面检查，限期办结。"
                )

    def work(self, watched: Watched, kafka: KafkaSettings) -> None:
        """Gives the orders in the background; while some are on their way, no more."""
        if self._sending is not None and self._sending.is_alive():
            return
        orders = [order_record(order) for order in self.orders(watched, datetime.now(UTC))]
        if orders:
            self._sending = threading.Thread(target=_send, args=(kafka, orders), name="centre", daemon=True)
            self._sending.start()

    def close(self) -> None:
        """Waits for what is on its way."""
        if self._sending is not None:
            self._sending.join(5.0)


def _send(kafka: KafkaSettings, orders: list[ToSend]) -> None:
    # where Kafka has just gone away the tour goes on with fewer steps
    with suppress(UserError):
        send(kafka, orders)


def _supervise(
    dispatch: str, rung: Rung, at: datetime, number: int, *, to: str | None = None, whom: str | None = None,
    persons: int | None = None, answer: str = "",
) -> Order:  # fmt: skip
    return Order(
        dispatch=dispatch,
        action=OrderAction.SUPERVISE,
        by=_BY[number % len(_BY)],
        reason="到期未办结，督促办理。",
        at=at,
        to=(to,) if to else (),
        rung=rung,
        whom=whom,
        persons=persons,
        answer=answer,
    )
