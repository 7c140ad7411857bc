"""A lens: the real instants of messages as instants of a demonstration, in which time runs faster.

`demo instant = start + (real instant - begun) * rate`. It stands at one place, between reading a message and deciding
it, and in front of the timers' clock; everything behind it knows no other time. In production there is none.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from typing_extensions import override

from schemas.clock import DueMark
from schemas.dispatch import Dispatch
from schemas.feedback import Outcome
from schemas.order import Order
from schemas.report import Report
from streams.domain.decision import Context, Inbound
from streams.steady_clock import SteadyClock

_TEXT: Final = re.compile(r"(?P<start>\S+) from (?P<begun>\S+) times (?P<rate>\d+(\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Lens:
    """`start` is what the clocks of the demonstration show at the real instant `begun`; both have a zone."""

    start: datetime
    begun: datetime
    rate: float

    @classmethod
    def parse(cls, text: str) -> "Lens":
        """`2026-10-09T08:30+08:00 from 2026-11-25T09:00:00Z times 2000`. Raises ValueError."""
        found = _TEXT.fullmatch(text.strip())
        if found is None:
            raise ValueError("expected: START from REAL times RATE")
        start, begun = (datetime.fromisoformat(found[name]) for name in ("start", "begun"))
        if start.tzinfo is None or begun.tzinfo is None or not float(found["rate"]):
            raise ValueError("both instants need a zone, and the rate is more than 0")
        return cls(start.astimezone(UTC), begun.astimezone(UTC), float(found["rate"]))

    def text(self) -> str:
        """What `parse` reads."""
        return f"{self.start.isoformat()} from {self.begun.isoformat()} times {self.rate:g}"

    def at(self, real: datetime) -> datetime:
        """The demonstration's instant (UTC) of a real one."""
        return self.start + (real - self.begun) * self.rate

    def context(self, context: Context) -> Context:
        """The same, with its times as the demonstration has them."""
        time, recorded = context.time, context.recorded
        return replace(
            context,
            time=None if time is None else self.at(time),
            recorded=None if recorded is None else self.at(recorded),
        )

    def message(self, message: Inbound) -> Inbound:
        """The same, with its instants as the demonstration has them.

        A deadline of the city's is an amount that it adds to its order, and stays that amount. What the timers ask
        speaks of the demonstration's time already.
        """
        match message:
            case Dispatch():
                issued = self.at(message.issued_at)
                due = None if message.due_at is None else issued + (message.due_at - message.issued_at)
                seen = {"issued_at": issued, "updated_at": self.at(message.updated_at), "due_at": due}
                return message.model_copy(update=seen)
            case Report():
                contacted = None if message.contacted_at is None else self.at(message.contacted_at)
                return message.model_copy(update={"at": self.at(message.at), "contacted_at": contacted})
            case Outcome() | Order():
                return message.model_copy(update={"at": self.at(message.at)})
            case DueMark():
                return message


class LensClock(SteadyClock):
    """The steady clock, seen through a lens."""

    def __init__(self, lens: Lens) -> None:
        super().__init__()
        self._lens = lens

    @override
    def now(self) -> datetime | None:
        """The demonstration's time (UTC), or None while the wall clock is not to be believed."""
        real = super().now()
        return None if real is None else self._lens.at(real)
