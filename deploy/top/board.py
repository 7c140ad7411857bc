"""The board: the newest row of every dispatch, in a few words each, and what is counted from them. Pure."""

from collections import Counter, deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from heapq import nsmallest
from typing import Final, NamedTuple

from deploy.top.overview import Deadline, Overview
from schemas.case import FINAL, Case, State
from schemas.clock import ClockName
from schemas.notice import NoticeKind
from streams.domain.tally import OF_THE_LEAD, Band, band

HOUR: Final = timedelta(hours=1)
NEXT: Final = 10


class Run(NamedTuple):
    """One open clock."""

    clock: ClockName
    department: str
    due: datetime
    band: Band
    paused: bool
    provisional: bool


class Head(NamedTuple):
    """What is kept of a row. Of a closed one only where it stood."""

    at: int
    """Inbox offset that it was made from."""
    state: State
    lead: str
    runs: tuple[Run, ...]


def head(case: Case) -> Head:
    """Of one row."""
    lead = case.lead or ""
    if case.state in FINAL and not case.clocks:
        return Head(case.at, case.state, "", ())
    runs = tuple(
        Run(
            run.clock,
            run.holder or (lead if run.clock in OF_THE_LEAD else ""),
            run.due,
            band(run),
            run.paused,
            run.provisional,
        )
        for run in case.clocks
    )
    return Head(case.at, case.state, lead, runs)


class Board:
    """Written as records come, asked for an overview now and then. One thread."""

    def __init__(self) -> None:
        self._heads: dict[bytes, Head] = {}
        self._notices: deque[tuple[datetime, NoticeKind]] = deque()
        self._told: set[bytes] = set()
        self._dead: set[str] = set()
        self._resolved: set[str] = set()
        self.unreadable = 0
        """Rows and notices that could not be read."""

    def newer(self, key: bytes, at: int) -> bool:
        """Whether a row made from offset `at` counts: rows may be written again, in any order."""
        known = self._heads.get(key)
        return known is None or at >= known.at

    def row(self, key: bytes, case: Case) -> None:
        """A row that counts."""
        self._heads[key] = head(case)

    def gone(self, key: bytes) -> None:
        """The row was deleted."""
        self._heads.pop(key, None)

    def notice(self, id: bytes, at: datetime, kind: NoticeKind) -> None:
        """Somebody was told, `at` by the broker's clock; again with the same id: written twice after a crash."""
        if id not in self._told:
            self._told.add(id)
            self._notices.append((at, kind))

    def died(self, letter: str) -> None:
        """A record died."""
        self._dead.add(letter)

    def resolved(self, letter: str) -> None:
        """A dead letter was dealt with."""
        self._resolved.add(letter)

    def overview(self, now: datetime, lag: int | None) -> Overview:
        """How it stands. A clock is in the band of the marks that were recorded; overdue is what `now` is past."""
        while self._notices and self._notices[0][0] < now - HOUR:
            self._notices.popleft()
        if not self._notices:
            self._told.clear()
        states: Counter[State] = Counter()
        departments: Counter[str] = Counter()
        clocks: dict[ClockName, Counter[Band]] = {clock: Counter() for clock in ClockName}
        paused = 0
        for one in self._heads.values():
            if one.state not in FINAL:
                states[one.state] += 1
                departments[one.lead] += 1
            for run in one.runs:
                if run.paused:
                    paused += 1
                else:
                    clocks[run.clock][Band.BREACHED if run.due < now else run.band] += 1
        return Overview(
            at=now,
            cases=len(self._heads),
            open=states.total(),
            states={state: states[state] for state in State if states[state]},
            departments=dict(sorted(departments.items(), key=lambda one: (-one[1], one[0]))),
            clocks={clock: {which: counted[which] for which in Band} for clock, counted in clocks.items()},
            paused=paused,
            next=tuple(nsmallest(NEXT, self._ahead(now), key=lambda one: (one.due, one.dispatch, one.clock))),
            lag=lag,
            notices={kind: number for kind in NoticeKind if (number := sum(k is kind for _, k in self._notices))},
            dead=len(self._dead - self._resolved),
            unreadable=self.unreadable,
        )

    def _ahead(self, now: datetime) -> Iterator[Deadline]:
        for key, one in self._heads.items():
            for run in one.runs:
                if run.due >= now and not run.paused and run.band is not Band.BREACHED:
                    yield Deadline(key.decode(), run.clock, run.department, run.due, run.provisional)
