"""One simulated worker: the real agents and timers over simulated collaborators, in runs of one partition at a time."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

from deploy.simulate.agenda import SECOND, Agenda
from deploy.simulate.awaiting import LANE_ONLY_MS, CrashedError, Fuse, step
from deploy.simulate.broker import Broker, Place
from deploy.simulate.shells import Looking, ReadyKnown, SimulatedHeap, SimulatedOutbox, SimulatedTable
from deploy.simulate.silent import silent_case_metrics
from schemas.topics import CITY, INBOX
from streams.agents.cases import Cases
from streams.agents.intake import Intake, admit_dispatch, admit_report
from streams.agents.timers import Timers
from streams.domain.rules import Rules
from streams.due_heap import AGAIN_SECONDS, ASKED_AT_ONCE
from streams.engine import Run
from streams.metrics import REPORTS, Metrics
from streams.names import TICK_SECONDS
from streams.steady_clock import SteadyClock

TICK_MS: Final = int(TICK_SECONDS * 1000)
AGAIN_MS: Final = int(AGAIN_SECONDS * 1000) + TICK_MS
FETCH_MS: Final = 40
RUN_RECORDS: Final = 4_000
TICKING: Final[Place] = ("timers", 0)
"""The lane of the timers."""


class Worker:
    """A process that may be killed and started again; `life` counts its lives."""

    def __init__(
        self, name: str, agenda: Agenda, broker: Broker, rules: Rules, metrics: Metrics, folder: Path, fuse: Fuse
    ) -> None:
        self.name, self.rules, self.fuse = name, rules, fuse
        self._agenda, self._broker, self._metrics, self._folder = agenda, broker, metrics, folder
        self.places: set[Place] = set()
        self.life = 0
        self.up = False
        self.frozen_until = 0
        self.crashed: Callable[[Worker], None] = _nothing
        """Is told when the process is gone."""
        self.thawed: Callable[[Worker], None] = _nothing
        self.froze: Callable[[Worker, int], None] = _still
        """Is told that it stands still, and until when."""
        self.clock_ahead_s = 0.0
        """By how much its machine's clock is wrong."""
        self.repaired = 0
        self.fatal = 0
        """Times it ended itself, because a partition was gone that it still worked on."""
        self.records = 0

    def start(self) -> None:
        """A new process: nothing is known but what the broker has."""
        self.life += 1
        self.up, self.frozen_until, self.places = True, 0, set()
        self._expelled: set[Place] = set()
        self._positions: dict[Place, int] = {}
        self._given: dict[Place, int] = {}
        self._planned: set[Place] = set()
        self._busy: set[Place] = set()
        self._ticks: set[int] = set()
        self._waiting: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
        calendar = self.rules.timetable.calendar.version if self.rules.timetable else ""
        self.fuse.clear()
        outbox = SimulatedOutbox(self._broker, self.fuse)
        self.heap = SimulatedHeap(calendar, self._agenda.seconds)
        self.table = SimulatedTable(
            self._broker, outbox, self._folder, self.fuse, Looking(self.heap, silent_case_metrics(), self._wake_timers)
        )
        known = ReadyKnown()
        city = Intake(CITY, admit_dispatch, outbox, self._metrics, known)
        reports = Intake(REPORTS, admit_report, outbox, self._metrics, known)
        self._cases = Cases(self.table, outbox, self.rules, self._metrics, known)
        self._handlers = {CITY: city.handle, INBOX: self._cases.handle}
        self._reports = reports.handle
        wall = self._wall
        clock = SteadyClock(wall=wall, steady=self._agenda.seconds)
        self.timers = Timers(self.table, self.heap, outbox, self._metrics, clock=clock, calendar=calendar)

    def _wall(self) -> float:
        return self._agenda.seconds() + self.clock_ahead_s

    def take(self, places: set[Place]) -> None:
        """The group gives it these partitions, and no others."""
        gone = self.places - places
        self.table.release(sorted(partition for topic, partition in gone if topic == INBOX))
        for place in gone:
            self._positions.pop(place, None)
        new = places - self.places
        self.places = set(places)
        for place in sorted(new):
            self._positions[place] = self._broker.committed[place]
            self._given[place] = self._given.get(place, 0) + 1
            self.woken(place, always=place[0] == INBOX)

    def expel(self, places: set[Place]) -> None:
        """The group took these away while it stood still: it does not know."""
        self._expelled |= places

    def woken(self, place: Place, *, always: bool = False) -> None:
        """There may be records to take. `always`: the table's rows are read back although there are none."""
        if self.up and place in self.places and place not in self._planned and place not in self._busy:
            self._planned.add(place)
            self._agenda.after(FETCH_MS, self._run, self.life, place, always)

    def _run(self, life: int, place: Place, always: bool = False) -> None:
        if life != self.life or not self.up:
            return
        if self._agenda.now < self.frozen_until:
            self._waiting.append((self._run, (life, place, always)))
            return
        self._planned.discard(place)
        if place not in self.places or place in self._busy:
            return
        if place in self._expelled:
            return
        position = self._positions[place]
        records = self._broker.since(place, position, RUN_RECORDS)
        topic, partition = place
        if not records:
            if always:
                self._drive(place, self.table.ensure(partition), position)
            return
        handle = self._handlers.get(topic, self._reports)
        self.records += len(records)
        self._drive(place, handle(Run(topic, partition, records)), records[-1].offset + 1)

    def _drive(self, place: Place, coroutine: Coroutine[Any, Any, None], end: int) -> None:
        self._busy.add(place)
        self._go_on(self.life, place, self._acked(place, coroutine, end))

    async def _acked(self, place: Place, coroutine: Coroutine[Any, Any, None], end: int) -> None:
        """As the engine: what was handled is acked, and what was acked is committed, if the group still knows us."""
        given = self._given[place]
        await coroutine
        if self.fuse.armed:
            await self.fuse.point()
        if place in self.places and place not in self._expelled and given == self._given[place]:
            self._broker.commit(place, end)
            self._positions[place] = end
        if self.fuse.armed:
            await self.fuse.point()

    def _go_on(self, life: int, lane: Place, coroutine: Coroutine[Any, Any, None]) -> None:
        if life != self.life or not self.up:
            coroutine.close()
            return
        if self._agenda.now < self.frozen_until:
            self._waiting.append((self._go_on, (life, lane, coroutine)))
            return
        try:
            held = step(coroutine)
        except (CrashedError, KeyError) as problem:
            if isinstance(problem, KeyError) and lane in self.places:
                raise
            # a row of a partition that was released is no longer ours to write: the real table fails the same way
            self.fatal += isinstance(problem, KeyError)
            self.crash()
            return
        if held is None:
            self._busy.discard(lane)
            if lane != TICKING and self._broker.logs[lane].end > self._positions.get(lane, 0):
                self.woken(lane)
            return
        self._agenda.after(held.ms, self._go_on, life, lane, coroutine)
        if held.ms > LANE_ONLY_MS:
            self.frozen_until = self._agenda.now + held.ms
            self._agenda.after(held.ms, self._thaw, life)
        self.froze(self, self._agenda.now + held.ms)

    def _thaw(self, life: int) -> None:
        if life != self.life or not self.up:
            return
        waiting, self._waiting = self._waiting, []
        for what, args in waiting:
            what(*args)
        if self._expelled:
            self._agenda.after(FETCH_MS, self._learn, life)

    def _learn(self, life: int) -> None:
        """The next heartbeat tells it that it was expelled."""
        if life == self.life and self.up and self._expelled:
            self.take(self.places - self._expelled)
            self._expelled = set()
            self.thawed(self)

    def crash(self) -> None:
        """The process is gone, and everything in its memory."""
        self.up = False
        self.repaired += self.table.repaired
        self.table.release([partition for topic, partition in self.places if topic == INBOX])
        self.places = set()
        self.fuse.clear()
        self.crashed(self)

    def _wake_timers(self, due_ms: int) -> None:
        """A tick at the first beat at which it is due: the others in between would find nothing."""
        early = round(self.clock_ahead_s * SECOND)
        # a fraction of a second may come out a millisecond short where it is read as a float
        due_ms += bool(due_ms % SECOND)
        at = -(-max(due_ms - early, self._agenda.now) // TICK_MS) * TICK_MS
        if at not in self._ticks:
            self._ticks.add(at)
            self._agenda.at(at, self._tick, self.life)

    def _tick(self, life: int) -> None:
        if life != self.life or not self.up:
            return
        self._ticks.discard(self._agenda.now)
        if self._agenda.now < self.frozen_until:
            self._waiting.append((self._wake_timers, (0,)))
            return
        if TICKING in self._busy:
            self._wake_timers(self._agenda.now + TICK_MS)
            return
        before = len(self.heap.unanswered)
        self._busy.add(TICKING)
        self._go_on(life, TICKING, self.timers.tick())
        asked = len(self.heap.unanswered) - before
        if self.life == life and asked > 0:
            if asked >= ASKED_AT_ONCE:
                self._wake_timers(self._agenda.now + TICK_MS)
            self._agenda.after(AGAIN_MS, self._look_again, life)

    def _look_again(self, life: int) -> None:
        if life == self.life and self.up and self.heap.unanswered:
            self._wake_timers(self._agenda.now)
            self._agenda.after(AGAIN_MS, self._look_again, life)


def _nothing(worker: Worker) -> None:
    pass


def _still(worker: Worker, until: int) -> None:
    pass
