"""The oracle and the books are checked: workers wrong in one way must not get past them, honest ones must."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest

from deploy.county.calendars import CALENDARS
from deploy.simulate import Outcome, World
from deploy.simulate.broker import Place
from deploy.simulate.shells import SimulatedOutbox
from deploy.simulate.worker import Worker
from schemas.clock import ClockName
from schemas.fact import Fact, FactKind
from streams.domain import marking, sla, timetable
from streams.domain.calendar import Calendar, NamedDay
from streams.domain.office_hours import Slot
from streams.domain.rules import Rules
from streams.domain.timetable import Timetable
from streams.due_heap import DueHeap, Entry
from streams.engine import Outgoing
from streams.engine.newest import Head, Newest, read

YEAR, DISPATCHES, SEED = 2025, 100, 10

Plant = Callable[[pytest.MonkeyPatch, World], None]


def fires_a_second_early(patch: pytest.MonkeyPatch, world: World) -> None:
    for worker in world.workers:
        worker.clock_ahead_s = 1.0


def forgets_on_rebalance(patch: pytest.MonkeyPatch, world: World) -> None:
    """A partition that comes to another worker has nothing due."""
    loaded, times = DueHeap.loaded, defaultdict[int, int](int)

    def forgetful(heap: DueHeap, partition: int, dues: Iterable[Entry]) -> None:
        times[partition] += 1
        loaded(heap, partition, () if times[partition] > 1 else dues)

    patch.setattr(DueHeap, "loaded", forgetful)


def doubles_on_redo(patch: pytest.MonkeyPatch, world: World) -> None:
    """A redo starts the clocks of the first order once more."""
    reopened = sla.EFFECTS[FactKind.REOPENED]

    def doubling(clocks: sla.Clocks, fact: Fact) -> None:
        reopened(clocks, fact)
        clocks.start(ClockName.HANDLING, datetime.fromisoformat(str(fact.details["issued_at"])), fact)

    patch.setitem(sla.EFFECTS, FactKind.REOPENED, doubling)


def ignores_make_up_days(patch: pytest.MonkeyPatch, world: World) -> None:
    """Saturdays and Sundays that work in place of another day are taken for days off."""
    right = world.rules.timetable
    assert right is not None
    told = [day for path in sorted(CALENDARS.glob("cn/*.json")) for day in json.loads(path.read_text())["days"]]
    off = [NamedDay(date.fromisoformat(day["date"]), False, day["name"]) for day in told if day["isOffDay"]]
    calendar = right.calendar
    week = tuple(() if day in {5, 6} else _slots(calendar, day) for day in range(7))
    wrong = Calendar("cn", calendar.zone, off, calendar.first, calendar.last, week=week)
    rules = Rules.of(world.rules.policy, Timetable(right.deadlines, wrong, right.levels))
    for worker in world.workers:
        worker.rules = rules


def _slots(calendar: Calendar, weekday: int) -> tuple[Slot, ...]:
    monday = date(2025, 3, 3) + timedelta(days=weekday)
    start = calendar.midnight(monday)
    return tuple(
        Slot(*(int((edge - start).total_seconds()) for edge in (slot.opens, slot.closes)))
        for slot in calendar.office(monday)
    )


def pauses_in_wall_time(patch: pytest.MonkeyPatch, world: World) -> None:
    """A pause adds whole days of 24 hours, weekends and holidays among them."""
    patch.setattr(timetable, "units_between", lambda since, to, terms: max(0, (to - since) // timedelta(days=1)))


def disturbs_at_night(patch: pytest.MonkeyPatch, world: World) -> None:
    patch.setattr(marking, "until", lambda now, quiet, zone: None)


def tells_the_duty_desk_only(patch: pytest.MonkeyPatch, world: World) -> None:
    patch.setattr(marking, "OURS", frozenset(ClockName))


def tells_the_lowest_mark_of_several(patch: pytest.MonkeyPatch, world: World) -> None:
    """Of several marks that passed together the lowest is told, not the highest."""
    passed = sla.Clocks.passed
    patch.setattr(sla.Clocks, "passed", lambda clocks, now: passed(clocks, now)[::-1])


def believes_the_last_row(patch: pytest.MonkeyPatch, world: World) -> None:
    """A zombie's stale row counts, because it is the last one in the log."""

    def feed(newest: Newest, records: Any) -> list[Any]:
        last = {record.key: record for record in records}
        newest.heads.update((key, Head(*read(record))) for key, record in last.items())
        return [(key, record.value, newest.heads[key]) for key, record in last.items()]

    patch.setattr(Newest, "feed", feed)


def keeps_what_the_earlier_calendar_made(patch: pytest.MonkeyPatch, world: World) -> None:
    """The next year's table arrives, and open deadlines stay what they were."""
    patch.setattr(sla.Clocks, "recompute", lambda clocks, why, now: None)


def commits_before_the_ack(patch: pytest.MonkeyPatch, world: World) -> None:
    """What a worker had in work when it was killed is not fetched again."""
    acked = Worker._acked

    async def hasty(worker: Worker, place: Place, coroutine: Any, end: int) -> None:
        world.broker.commit(place, end)
        await acked(worker, place, coroutine, end)

    patch.setattr(Worker, "_acked", hasty)


def _sends(patch: pytest.MonkeyPatch, send: Callable[[list[Outgoing]], list[Outgoing]]) -> None:
    """To departments."""
    append = SimulatedOutbox._append

    def changed(outbox: SimulatedOutbox, topic: str, partition: int, batch: Iterable[Outgoing]) -> None:
        append(outbox, topic, partition, send(list(batch)) if topic.startswith("dept.") else batch)

    patch.setattr(SimulatedOutbox, "_append", changed)


def drops_one_assignment_in_fifty(patch: pytest.MonkeyPatch, world: World) -> None:
    turns = count(1)
    _sends(patch, lambda batch: [record for record in batch if next(turns) % 50])


def tells_departments_twice_under_new_ids(patch: pytest.MonkeyPatch, world: World) -> None:
    def again(record: Outgoing) -> Outgoing:
        headers = [(name, value[::-1] if name == "ce_id" else value) for name, value in record.headers]
        return record._replace(headers=headers)

    _sends(patch, lambda batch: [*batch, *map(again, batch)])


CAUGHT: list[tuple[Plant, set[str]]] = [
    (fires_a_second_early, {"early"}),
    (forgets_on_rebalance, {"missing"}),
    (doubles_on_redo, {"twice"}),
    (ignores_make_up_days, {"early", "missing"}),
    (pauses_in_wall_time, {"early", "missing"}),
    (disturbs_at_night, {"missing", "wrong_recipient", "twice"}),
    (tells_the_duty_desk_only, {"missing", "wrong_recipient"}),
    (tells_the_lowest_mark_of_several, {"missing", "twice", "wrong_recipient"}),
    (believes_the_last_row, {"early", "missing"}),
    (keeps_what_the_earlier_calendar_made, {"early", "missing"}),
    (commits_before_the_ack, {"lost"}),
    (drops_one_assignment_in_fifty, {"lost"}),
    (tells_departments_twice_under_new_ids, {"repeated_effects"}),
]


@pytest.fixture(scope="module")
def honest() -> Outcome:
    return World(YEAR, DISPATCHES, SEED).run()


def test_honest_workers_get_past_the_oracle(honest: Outcome) -> None:
    assert honest.right, honest.offences
    assert honest.marks_due > 300
    assert honest.crashes
    assert honest.stalls
    assert honest.zombies
    assert honest.lost_acks
    assert honest.rebalances > 20
    assert honest.repaired


@pytest.mark.parametrize(("plant", "kinds"), CAUGHT, ids=[plant.__name__ for plant, _ in CAUGHT])
def test_a_planted_fault_is_caught(
    plant: Plant, kinds: set[str], honest: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert honest.right
    found = World(YEAR, DISPATCHES, SEED, plant=partial(plant, monkeypatch)).run()
    assert not found.right
    assert any(getattr(found, kind) for kind in kinds), found.offences
