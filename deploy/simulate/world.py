"""One world: the workers, what happens to them, the people, and the oracle that looks on."""

import json
import tempfile
from bisect import bisect_right
from collections.abc import Callable
from datetime import date
from functools import cache
from hashlib import blake2b
from itertools import accumulate
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Final, NamedTuple

from deploy.books import Books
from deploy.books.checks import Column
from deploy.books.ground import fresh_ground
from deploy.county import County, load
from deploy.county.calendars import CALENDARS, load_calendar
from deploy.simulate.agenda import DAY, HOUR, SECOND, Agenda
from deploy.simulate.awaiting import Fuse, Trouble
from deploy.simulate.booking import Booking
from deploy.simulate.broker import DEPARTMENTS, Broker, Place
from deploy.simulate.city import SOURCE, City
from deploy.simulate.cluster import Cluster
from deploy.simulate.days import Days, midnight, number_of
from deploy.simulate.departments import Departments
from deploy.simulate.faults import Faults
from deploy.simulate.operators import Operators
from deploy.simulate.oracle import Oracle
from deploy.simulate.posting import Post
from deploy.simulate.report import Outcome, Shown
from deploy.simulate.shape import HOUR as BY_HOUR
from deploy.simulate.shape import WEEK
from deploy.simulate.silent import silent_metrics
from deploy.simulate.terms import Terms, days_of
from deploy.simulate.worker import Worker
from schemas.topics import CITY, DEAD, FEEDBACK, INBOX, JOURNAL, NOTICES, PARTITIONS, department_reports
from streams.domain.rules import Rules
from streams.domain.timetable import Timetable
from streams.records import Record

COUNTY: Final = "helin"
WORKERS: Final = 3
AFTERWARDS_DAYS: Final = 45
"""Simulated after the last dispatch, so that what it set going comes to its end."""
ARRIVES_MS: Final = 3 * DAY - 2 * HOUR - 7 * SECOND
"""So long before the next year its calendar is published: late, so that open deadlines change."""
RESTART_MS: Final = 100 * SECOND
CALM_DAYS: Final = 1
"""Without faults at the end."""


class World:
    """Made from a year, a number of dispatches and a seed. `run` once."""

    def __init__(
        self,
        year: int,
        dispatches: int,
        seed: int,
        *,
        part: str = "",
        first: int = 1,
        plant: Callable[["World"], None] | None = None,
    ) -> None:
        """`part` and `first`: which part of a larger world, and the number of its first dispatch.

        `plant` puts a fault into the workers before they start: a checker has to be proved.
        """
        self.year, self.dispatches, self.seed, self.first = year, dispatches, seed, first
        self._drawn = f"{seed}{part}"
        known = _read(year)
        county, self.terms, self.days = known.county, known.terms, known.days
        self.start = midnight(number_of(date(year, 1, 1)))
        self.issued_until = midnight(number_of(date(year + 1, 1, 1)))
        self.end = self.issued_until + AFTERWARDS_DAYS * DAY
        self.agenda = Agenda(self.start)
        self.broker = Broker(lambda: self.agenda.now)
        self.rules = Rules.of(county.policy, known.timetable)
        self._published = Rules.of(county.policy, county.timetable)
        codes = [department.code for department in county.policy.departments if department.enabled]
        post = Post(self.agenda, self.broker)
        self.city = City(self.agenda, post, self.days, self._drawn)
        self.operators = Operators(self.agenda, post, self._drawn, codes)
        self.people = Departments(self.agenda, post, self.days, self._drawn, codes)
        self._folder = tempfile.TemporaryDirectory(prefix="paidan-simulate-")
        self.workers = self._workers()
        every = [department.code for department in county.policy.departments]
        self.cluster = Cluster(self.agenda, self.workers, _places(every))
        self.oracle = Oracle(self.terms, known.before, self.cluster.served, county.policy.duty_desk)
        self.faults = Faults(self.agenda, self.cluster, self._drawn, dispatches)
        self.dead = 0
        self._print = blake2b(digest_size=12)
        self._listen()
        if plant is not None:
            plant(self)

    def _workers(self) -> list[Worker]:
        metrics = silent_metrics()
        made = []
        for number in range(WORKERS):
            fuse = Fuse(self._struck)
            folder = Path(self._folder.name) / f"w{number}"
            made.append(Worker(f"w{number}", self.agenda, self.broker, self.rules, metrics, folder, fuse))
        return made

    def _struck(self, trouble: Trouble) -> None:
        self.cluster.struck(trouble)

    def _listen(self) -> None:
        self.broker.told = self.cluster.told
        self.broker.readers = {
            INBOX: self._inbox,
            JOURNAL: self._journal,
            NOTICES: self._notice,
            FEEDBACK: self.city.told,
            DEAD: self._died,
            DEPARTMENTS: self.people.told,
        }

    def run(self) -> Outcome:
        """The whole year."""
        began = perf_counter()
        with self._folder, fresh_ground() as ground:
            booking = Booking(ground)
            self.broker.heard = booking.take
            self._issue()
            self.faults.plan(self.start + HOUR, self.end - CALM_DAYS * DAY)
            self.cluster.begin()
            self.agenda.at(self.issued_until - ARRIVES_MS, self._calendar_arrives)
            self.agenda.run(self.end)
            self.oracle.finish(self.end)
            for worker in self.workers:
                if worker.up:
                    worker.repaired += worker.table.repaired
                    worker.table.release([partition for topic, partition in worker.places if topic == INBOX])
            books = booking.balance()
        return self._outcome(books, round(perf_counter() - began, 1))

    def _issue(self) -> None:
        """Plan every dispatch: most of them on working days, by day."""
        chance = Random(f"{self._drawn}/shape")  # noqa: S311 - a world, no secret
        first, count = number_of(date(self.year, 1, 1)), (self.issued_until - self.start) // DAY
        weights = [WEEK[(day + 3) % 7] * chance.uniform(0.6, 1.4) for day in range(first, first + count)]
        sums = list(accumulate(weights))
        moments = []
        for _ in range(self.dispatches):
            day = first + bisect_right(sums, chance.random() * sums[-1])
            hour = int(BY_HOUR.one(chance))
            moments.append(midnight(day) + hour * HOUR + chance.randrange(0, HOUR // SECOND) * SECOND)
        for number, at in enumerate(sorted(moments), start=self.first):
            self.agenda.at(at, self._begin, number)

    def _calendar_arrives(self) -> None:
        """The table of the next year is put in place, if there is one, and every worker started again."""
        if self._published.timetable == self.rules.timetable:
            return
        self.cluster.outage(RESTART_MS)
        for worker in self.workers:
            worker.rules = self._published
        self.oracle.arrived(self.days)

    def _begin(self, number: int) -> None:
        self.city.issue(number)
        self.operators.plan(f"{SOURCE}:HS{number:08d}")

    def _inbox(self, record: Record) -> None:
        self.oracle.inbox(record.offset, self.agenda.now, record.headers, record.key or b"", record.value or b"")

    def _journal(self, record: Record) -> None:
        self._print.update(record.value or b"")
        self.oracle.journal(self.agenda.now, record.partition, record.value or b"")

    def _notice(self, record: Record) -> None:
        value = record.value or b""
        self._print.update(value)
        self.oracle.notice(value, (dict(record.headers)["ce_id"] or b"").decode())
        self.people.noticed(record)

    def _died(self, record: Record) -> None:
        self.dead += 1

    def _outcome(self, books: Books, seconds: float) -> Outcome:
        found, counts = self.oracle.counts, self.cluster.counts
        return Outcome(
            year=self.year,
            seed=self.seed,
            dispatches=self.dispatches,
            marks_due=self.oracle.marks_due,
            early=found["early"],
            missing=found["missing"],
            twice=found["twice"],
            wrong_recipient=found["wrong_recipient"],
            misjudged=found["flags"] + found["extensions"],
            **{column.value: getattr(books, column.value) for column in Column},
            late=self.oracle.late,
            notices=self.oracle.notices,
            repeats=self.oracle.repeats,
            crashes=counts["crashes"],
            stalls=counts["stalls"],
            zombies=counts["zombies"],
            rebalances=counts["rebalances"],
            lost_acks=counts["lost_acks"],
            repaired=sum(worker.repaired for worker in self.workers),
            records=self.broker.appended,
            dead=self.dead,
            simulated_days=(self.end - self.start) // DAY,
            digest=self._print.hexdigest(),
            seconds=seconds,
            offences=(
                *(Shown(kind=one.kind, dispatch=one.dispatch, what=one.what) for one in self.oracle.offences),
                *(
                    Shown(kind=one.check, dispatch=one.dispatch, what=f"{one.en}: {one.where}")
                    for one in books.offences
                ),
            ),
        )


class Known(NamedTuple):
    """The county: as it ships, and as it was before the next year's calendar was published."""

    county: County
    timetable: Timetable | None
    terms: Terms
    days: Days
    before: Days


@cache
def _read(year: int) -> Known:
    county, tables = load(COUNTY), CALENDARS / "cn"
    terms, days = Terms(county.folder), days_of(county.folder, tables, year + 1)
    if county.timetable is None or not (tables / f"{year + 1}.json").exists():
        return Known(county, county.timetable, terms, days, days)
    with tempfile.TemporaryDirectory() as home:
        empty = Path(home) / "calendars" / "cn" / f"{year + 1}.json"
        empty.parent.mkdir(parents=True)
        empty.write_text(json.dumps({"year": year + 1, "papers": [], "days": []}), encoding="utf-8")
        calendar = load_calendar("cn", county.zone, pack=county.folder, home=Path(home))
    timetable = Timetable(county.timetable.deadlines, calendar, county.timetable.levels)
    return Known(county, timetable, terms, days, days_of(county.folder, tables, year))


def _places(codes: list[str]) -> list[Place]:
    keyed = [(topic, partition) for topic in (CITY, INBOX) for partition in range(PARTITIONS)]
    return keyed + [(department_reports(code), 0) for code in codes]
