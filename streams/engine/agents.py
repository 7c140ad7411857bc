"""attach: give every run of some topics to one handler, and ack it only when that returned."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from streams.engine.crash import fatal
from streams.engine.overrides import App, RunSchema

Start = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Run:
    """The records of one partition that one fetch brought, in order: at least one."""

    topic: str
    partition: int
    records: Sequence[Any]
    """aiokafka ConsumerRecord: offset, timestamp (ms), key, value, headers (pairs of str and bytes)."""


Handle = Callable[[Run], Awaitable[None]]


def attach(app: App, topics: Sequence[str], handle: Handle, *, name: str, start: Start | None = None) -> None:
    """One agent over `topics`: their runs reach `handle`, each partition's in order and one at a time.

    Partitions go side by side, so that the wait of one for the broker is none for the others: twelve partitions at 200
    records a second bring runs of one or two records. Returning acks the run. Whatever is raised ends the process
    before the ack: a single record's fault must have become a dead letter inside `handle`. `start` is awaited once,
    before the first run.
    """

    async def body(stream: Any) -> None:
        if start is not None:
            await guarded(name, start)
        room = Room(2 * (app.conf.broker_max_poll_records or 1))
        lanes: dict[tuple[str, int], asyncio.Task[None]] = {}
        leaving = False

        def ended(lane: asyncio.Task[None]) -> None:
            # nobody awaits the last lane of a partition: its runs would wait for ever while the others go on
            if not leaving and (lane.cancelled() or lane.exception() is not None):
                fatal(name, "cancelled" if lane.cancelled() else lane.exception())

        try:
            async for event in stream.noack().events():
                await room.enter(len(event.value))
                place = event.message.topic, event.message.partition
                lanes[place] = lane = asyncio.create_task(one(event, room, lanes.get(place)))
                lane.add_done_callback(ended)
        finally:
            leaving = True
            for lane in lanes.values():
                lane.cancel()

    async def one(event: Any, room: Room, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await before
        message = event.message
        run = Run(message.topic, message.partition, event.value)
        app.at("run_taken")
        await guarded(name, handle, run)
        app.at("run_handled")
        event.ack()
        app.progress.run_acked(run.topic, run.partition, message.offset + 1, len(run.records))
        app.at("run_acked")
        room.leave(len(run.records))

    app.agent(app.topic(*topics, schema=RunSchema()), name=name, concurrency=1)(body)


class Room:
    """Bounds the records in work: many short runs or two of the longest, one decided while the other is delivered."""

    def __init__(self, limit: int) -> None:
        self._limit, self._taken = limit, 0
        self._freed = asyncio.Event()

    async def enter(self, size: int) -> None:
        """Return when there is room for `size` more. For one caller at a time."""
        while self._taken and self._taken + size > self._limit:
            self._freed.clear()
            await self._freed.wait()
        self._taken += size

    def leave(self, size: int) -> None:
        """`size` are done."""
        self._taken -= size
        self._freed.set()


def every(app: App, seconds: float, body: Start, *, name: str) -> None:
    """Call `body` each `seconds` while partitions are ours; whatever it raises ends the process."""

    async def tick() -> None:
        if not app.rebalancing:
            await guarded(name, body)

    tick.__name__ = name
    app.timer(seconds, name=name)(tick)


async def guarded(name: str, body: Callable[..., Awaitable[None]], *args: Any) -> None:
    """Await it; what it raises is fatal. Cancelling passes through."""
    try:
        await body(*args)
    except Exception as problem:  # noqa: BLE001 - whatever it is, it ends the process
        fatal(name, problem)
