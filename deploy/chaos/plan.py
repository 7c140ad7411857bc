"""What will be done to the bridge, decided before it starts. Pure: the same seed gives the same plan."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from typing import Final

WORKER_POINTS: Final = (
    "run_taken", "outputs_half", "outputs_sent", "outputs_acked", "rows_sent", "rows_acked", "run_handled",
    "run_acked", "committing", "committed",
)  # fmt: skip
"""Crash points of a worker; not `rows_half`: the rows of one run are one batch."""
CONNECTOR_POINTS: Final = (
    "page_half", "page_acked", "checkpoint_written", "feedback_sent", "feedback_answered", "outcome_acked",
    "feedback_committed",
)  # fmt: skip
CITY_FAULTS: Final = (
    "http_500", "http_502", "too_many_seconds", "too_many_date", "login_page", "token_expired", "busy", "internal",
    "reset", "lost", "truncated", "gbk", "duplicate_page", "shifting_page", "hang",
)  # fmt: skip

SESSION_S: Final = 10.0
"""The workers' session timeout: a pause must be longer, or nobody takes over meanwhile."""
PER_SECOND: Final = 200.0
SHORTEST_S: Final = 12.0
LONGEST_S: Final = 110.0


class Deed(StrEnum):
    """What is done."""

    KILL = "kill"
    """SIGKILL, at any moment."""
    CRASH = "crash"
    """A child started again so that it kills itself at a named point."""
    PAUSE = "pause"
    """SIGSTOP, past the session timeout, then SIGCONT."""
    KILL_BROKER = "kill_broker"
    STOP_BROKER = "stop_broker"
    JOIN = "join"
    LEAVE = "leave"
    CITY = "city"
    """The city misbehaves for a while."""


class Lane(StrEnum):
    """Steps of one lane come one after the other; lanes run side by side, so that faults meet."""

    WORKERS = "workers"
    CONNECTORS = "connectors"
    BROKER = "broker"
    PAUSES = "pauses"
    MEMBERS = "members"
    CITY = "city"


@dataclass(frozen=True, slots=True)
class Step:
    """`at` is seconds from the start of the load, `lasts` how long a pause, a stop or a spell of faults goes on."""

    at: float
    lane: Lane
    deed: Deed
    target: str
    lasts: float = 0.0
    point: str = ""
    """`name:n` of a crash point, for `Deed.CRASH`."""
    chance: float = 0.0
    """How probable the city's fault is, each call; 0: it strikes once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`load_s` is how long the city takes to issue everything."""

    load_s: float
    steps: tuple[Step, ...]

    def lane(self, lane: Lane) -> tuple[Step, ...]:
        """Its steps, in order of time."""
        return tuple(step for step in self.steps if step.lane is lane)

    def count(self, *deeds: Deed) -> int:
        """How many steps are one of these."""
        return sum(step.deed in deeds for step in self.steps)


def plan(
    seed: int, dispatches: int, kills: int, *, workers: Sequence[str], guest: str, connectors: str, broker: str
) -> Plan:
    """A plan with exactly `kills` kills of workers and connectors, half of them at named points.

    One pause for ten kills, the broker killed and stopped in turn, the worker `guest` joining and leaving, and every
    fault the city knows.
    """
    draw = Random(f"chaos/{seed}/{dispatches}/{kills}")  # noqa: S311
    load_s = min(LONGEST_S, max(SHORTEST_S, dispatches / PER_SECOND))
    if not kills:
        return Plan(load_s, ())
    deaths = [_death(draw, nth, workers, connectors) for nth in range(kills)]
    pauses = [
        Step(0.0, Lane.PAUSES, Deed.PAUSE, workers[nth % len(workers)], lasts=_seconds(draw, SESSION_S + 2, 5.0))
        for nth in range(max(1, kills // 10))
    ]
    stops = [
        Step(
            0.0, Lane.BROKER, Deed.STOP_BROKER if nth % 2 else Deed.KILL_BROKER, broker, lasts=_seconds(draw, 1.0, 3.0)
        )
        for nth in range(max(1, kills // 15))
    ]
    visits = [Step(0.0, Lane.MEMBERS, deed, guest) for _ in stops for deed in (Deed.JOIN, Deed.LEAVE)]
    spells = [_spell(draw, fault) for fault in draw.sample(CITY_FAULTS, len(CITY_FAULTS))]
    lanes = [
        draw.sample(lane, len(lane))
        for lane in (
            [step for step in deaths if step.lane is Lane.WORKERS],
            [step for step in deaths if step.lane is Lane.CONNECTORS],
        )
    ]
    steps = [step for lane in (*lanes, pauses, stops, visits, spells) for step in _spread(draw, lane, load_s)]
    return Plan(load_s, tuple(sorted(steps, key=lambda step: step.at)))


def _death(draw: Random, nth: int, workers: Sequence[str], connectors: str) -> Step:
    """Two of three are workers'; every second one is at a named point."""
    of_worker = nth % 3 != 2
    lane, target = (Lane.WORKERS, draw.choice(workers)) if of_worker else (Lane.CONNECTORS, connectors)
    if nth % 2 == 0:
        return Step(0.0, lane, Deed.KILL, target)
    name = draw.choice(WORKER_POINTS if of_worker else CONNECTOR_POINTS)
    return Step(0.0, lane, Deed.CRASH, target, point=f"{name}:{draw.randint(1, 5)}")


def _spell(draw: Random, fault: str) -> Step:
    """A hang costs a caller its whole patience, so it strikes once."""
    chance = 0.0 if fault == "hang" else round(draw.uniform(0.02, 0.15), 3)
    return Step(0.0, Lane.CITY, Deed.CITY, fault, lasts=_seconds(draw, 1.0, 3.0), chance=chance)


def _spread(draw: Random, steps: Sequence[Step], load_s: float) -> list[Step]:
    """In their order, one in each slice of the load, at a random moment of it: what fell has a time to rise."""
    slice_s = load_s / max(1, len(steps))
    return [replace(step, at=round((nth + draw.uniform(0.1, 0.9)) * slice_s, 2)) for nth, step in enumerate(steps)]


def _seconds(draw: Random, least: float, more: float) -> float:
    return round(least + draw.uniform(0.0, more), 1)
