"""timers: asks, for every case in which something is due, whether it is. Never acts: `cases` does, from its row.

Asking twice, as two workers may during a rebalance, is harmless: a generation is answered once.
"""

from datetime import datetime
from time import monotonic
from typing import Final

from schemas.case import Case
from schemas.clock import DueMark
from schemas.codec import encode
from schemas.ids import derived_id
from schemas.topics import INBOX
from schemas.types import NAMES
from streams import records
from streams.due import calendar_bits, calendar_of, due_of
from streams.due_heap import DueHeap
from streams.engine import Outbox, Outgoing, Table
from streams.metrics import Metrics
from streams.names import TIMERS
from streams.steady_clock import SteadyClock

ASKED_PER_TICK: Final = 2_000
"""Of all partitions together: in a storm the event loop is free between ticks."""

DUE: Final = ("ce_type", NAMES[DueMark].encode())
SOURCE: Final = ("ce_source", TIMERS.encode())


class Timers:
    """One per worker; its tick is called every `names.TICK_SECONDS`."""

    def __init__(
        self,
        table: Table[tuple[Case, bytes]],
        heap: DueHeap,
        outbox: Outbox,
        metrics: Metrics,
        *,
        clock: SteadyClock,
        calendar: str,
    ) -> None:
        """`calendar`: the version that clocks are computed by now."""
        self._table, self._heap, self._outbox, self._metrics = table, heap, outbox, metrics
        self._clock, self._calendar, self._bits = clock, calendar, calendar_bits(calendar)
        self._first = 0

    async def tick(self) -> None:
        """Ask for what is due now; nothing while the wall clock is not to be believed."""
        now = self._clock.now()
        self._metrics.clock_step.set(self._clock.step)
        if now is None:
            return
        room, out = ASKED_PER_TICK, list[Outgoing]()
        partitions = sorted(self._heap.ready())
        # Not always the same partition first: in a storm the tick ends before it comes to the last.
        self._first += 1
        for number in range(len(partitions)):
            partition = partitions[(self._first + number) % len(partitions)]
            asked = self._asked(partition, now, room)
            room -= len(asked)
            out += asked
        await self._outbox.deliver(out)
        self._metrics.timer_tick.set_to_current_time()

    def _asked(self, partition: int, now: datetime, most: int) -> list[Outgoing]:
        out = []
        moment = monotonic()
        for due, key in self._heap.take(partition, int(now.timestamp() * 1000), most, moment):
            held = self._table.row(partition, key)
            if held is not None and held[0].due is not None and due_of(held[0]) == due:
                self._heap.ask(partition, (due, key), moment)
                out.append(self._question(partition, key, held[0], held[0].due, due, now))
        return out

    def _question(self, partition: int, key: bytes, case: Case, due: datetime, code: int, now: datetime) -> Outgoing:
        calendar = None if calendar_of(code) == self._bits else self._calendar
        mark = DueMark(dispatch=case.id, gen=case.gen, due=due, at=now, calendar=calendar)
        own = derived_id("due", case.id, case.gen, calendar or "").encode()
        headers = records.headers(own, SOURCE, DUE, records.instant(now), records.child_trace(records.trace(b""), own))
        return Outgoing(INBOX, partition, key, encode(mark), headers)
