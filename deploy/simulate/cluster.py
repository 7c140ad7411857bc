"""The group: which worker has which partitions, and what crashes, stalls, rebalances and outages make of that."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from deploy.simulate.agenda import SECOND, Agenda
from deploy.simulate.awaiting import Trouble
from deploy.simulate.broker import Place
from deploy.simulate.worker import Worker
from schemas.topics import CITY, INBOX

SESSION_MS: Final = 30 * SECOND
"""A worker that says nothing for so long loses its partitions."""

SETTLED_MS: Final = 5 * SECOND
"""So long after a partition came to a worker, what was due meanwhile has been asked."""


MOVED: Final = 4
"""Of so many partitions a rebalance takes one from its owner without need."""


class Cluster:
    """Two or three workers of one group."""

    def __init__(self, agenda: Agenda, workers: Sequence[Worker], places: Iterable[Place]) -> None:
        self._agenda, self.workers, self.places = agenda, workers, sorted(places)
        self._members: list[Worker] = []
        self.counts = dict.fromkeys(("crashes", "stalls", "rebalances", "lost_acks", "zombies"), 0)
        self.troubled: dict[int, list[tuple[int, int]]] = {}
        """Partition -> when it was nobody's, or its owner's process stood still or had just begun: from, to."""
        self._since: dict[int, int] = {}
        self._turn = 0
        self.outage_until = 0
        for worker in workers:
            worker.crashed, worker.thawed, worker.froze = self._gone, self._join, self._froze

    def begin(self) -> None:
        """All start."""
        for worker in self.workers:
            worker.start()
        self._members = list(self.workers)
        self.rebalance()

    def struck(self, trouble: Trouble) -> None:
        """Count it."""
        self.counts[{"crash": "crashes", "stall": "stalls", "lost_ack": "lost_acks"}[trouble]] += 1

    def rebalance(self) -> None:
        """Spread the partitions anew."""
        members = [worker for worker in self._members if worker.up]
        slowest = max((worker.frozen_until for worker in members), default=0)
        if slowest > self._agenda.now:
            # the group waits for every member, as long as its session lasts
            owned = {place for worker in members for place in worker.places}
            self._trouble([place for place in self.places if place not in owned], slowest - self._agenda.now + SECOND)
            self._agenda.at(slowest + 1, self.rebalance)
            return
        self.counts["rebalances"] += 1
        self._turn += 1
        owners = {place: worker.name for worker in members for place in worker.places}
        given = self._spread([worker.name for worker in members], owners)
        moved = {place for name, places in given.items() for place in places if owners.get(place) != name}
        self._trouble(moved if members else set(self.places), SETTLED_MS)
        # whoever loses one hears of it before another gets it
        for worker in sorted(members, key=lambda one: one.name):
            worker.take(worker.places & given[worker.name])
        for worker in sorted(members, key=lambda one: one.name):
            worker.take(given[worker.name])

    def _spread(self, names: Sequence[str], owners: Mapping[Place, str]) -> dict[str, set[Place]]:
        """Most stay where they are, as with Kafka's sticky assignor; each time others go to another worker."""
        given: dict[str, set[Place]] = {name: set() for name in names}
        for kind in (INBOX, CITY, ""):
            places = [place for place in self.places if (place[0] if place[0] in {INBOX, CITY} else "") == kind]
            held = dict.fromkeys(names, 0)
            for number, place in enumerate(places):
                owner = owners.get(place)
                others = [name for name in names if name != owner] or list(names)
                full = owner is None or held[owner] * len(names) >= len(places)
                if (full or (number + self._turn) % MOVED == 0) and names:
                    owner = min(others, key=held.__getitem__)
                if owner is not None:
                    held[owner] += 1
                    given[owner].add(place)
        return given

    def told(self, place: Place) -> None:
        """A partition has grown."""
        for worker in self._members:
            if place in worker.places:
                worker.woken(place)

    def outage(self, ms: int) -> None:
        """Every process is down for so long."""
        self.outage_until = self._agenda.now + ms
        for worker in self.workers:
            if worker.up:
                worker.crash()

    def served(self, partition: int, since: int, to: int) -> bool:
        """Whether nothing troubled the partition from one instant to another."""
        return not any(begin <= to and end >= since for begin, end in self.troubled.get(partition, ()))

    def _trouble(self, places: Iterable[Place], ms: int) -> None:
        now = self._agenda.now
        for topic, partition in places:
            if topic == INBOX:
                spans = self.troubled.setdefault(partition, [])
                if spans and spans[-1][1] >= now:
                    spans[-1] = (spans[-1][0], max(spans[-1][1], now + ms))
                else:
                    spans.append((now, now + ms))

    def _gone(self, worker: Worker) -> None:
        """The group notices after the session's time, if it does not come back before; then others get its share."""
        self._members = [one for one in self._members if one is not worker]
        owned = {place for one in self._members for place in one.places}
        back = max(self._agenda.now + 8 * SECOND, self.outage_until)
        self._trouble([place for place in self.places if place not in owned], max(SESSION_MS, back - self._agenda.now))
        self._agenda.after(SESSION_MS, self._noticed)
        self._agenda.at(back, self._come_back, worker)

    def _noticed(self) -> None:
        owned = {place for one in self._members for place in one.places}
        if any(place not in owned for place in self.places):
            self.rebalance()

    def _come_back(self, worker: Worker) -> None:
        if self._agenda.now < self.outage_until:
            self._agenda.at(self.outage_until, self._come_back, worker)
            return
        worker.start()
        self._join(worker)

    def _join(self, worker: Worker) -> None:
        if worker not in self._members:
            self._members.append(worker)
        self.rebalance()

    def _froze(self, worker: Worker, until: int) -> None:
        self._trouble(worker.places, until - self._agenda.now + SETTLED_MS)
        if until - self._agenda.now > SESSION_MS:
            self._agenda.after(SESSION_MS, self._expel, worker, worker.life)

    def _expel(self, worker: Worker, life: int) -> None:
        if worker.life != life or not worker.up or self._agenda.now >= worker.frozen_until:
            return
        self.counts["zombies"] += 1
        worker.expel(set(worker.places))
        self._members = [one for one in self._members if one is not worker]
        self.rebalance()
