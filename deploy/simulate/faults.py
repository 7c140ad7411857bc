"""When what goes wrong: drawn from the seed, so many of each for so many dispatches, over the whole year."""

from random import Random
from typing import Final

from deploy.simulate.agenda import DAY, HOUR, MINUTE, SECOND, Agenda
from deploy.simulate.awaiting import Armed, Trouble
from deploy.simulate.cluster import Cluster

PER_DISPATCH: Final = 1 / 60
LEAST: Final = 30
"""Faults of a small world."""

OUTAGES: Final = 6
"""Times a year on which every process is down for hours."""


class Faults:
    """Plans them all at the start."""

    def __init__(self, agenda: Agenda, cluster: Cluster, seed: str, dispatches: int) -> None:
        self._agenda, self._cluster = agenda, cluster
        self._chance = Random(f"{seed}/faults")  # noqa: S311 - a world, no secret
        self._number = max(LEAST, round(dispatches * PER_DISPATCH))

    def plan(self, start: int, end: int) -> None:
        """From one instant to another."""
        chance = self._chance
        for _ in range(self._number):
            self._agenda.at(chance.randrange(start, end) // SECOND * SECOND, self._strike)
        for _ in range(OUTAGES):
            # in the day time, when something is due
            at = start + chance.randrange(0, (end - start) // DAY) * DAY + chance.randrange(0, 12 * HOUR)
            self._agenda.at(at // SECOND * SECOND, self._cluster.outage, chance.randrange(30 * MINUTE, 8 * HOUR))

    def _strike(self) -> None:
        chance = self._chance
        worker = chance.choice(self._cluster.workers)
        kind = chance.random()
        awaits = chance.randrange(0, 9)
        if kind < 0.4:
            worker.fuse.arm(Armed(Trouble.CRASH, awaits))
        elif kind < 0.55:
            worker.fuse.arm(Armed(Trouble.STALL, awaits, chance.randrange(1, 5) * SECOND))
        elif kind < 0.75:
            worker.fuse.arm(Armed(Trouble.STALL, awaits, chance.randrange(6, 200) * SECOND))
        elif kind < 0.9:
            worker.fuse.arm(Armed(Trouble.LOST_ACK, awaits))
        else:
            self._cluster.rebalance()
