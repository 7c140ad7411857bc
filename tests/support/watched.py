"""A desk on which time passes, in the county of helin: the timers ask whatever comes due on the way."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from deploy.county import load
from schemas.clock import ClockName, ClockRun, DueMark
from schemas.fact import Fact, FactKind
from schemas.notice import Notice, NoticeKind
from streams.domain.decision import Decision
from streams.domain.policy import DepartmentKind
from streams.domain.rules import Rules
from streams.domain.timetable import Timetable
from tests.support.domain import CODES, Desk, a_dispatch, a_policy

ZONE = ZoneInfo("Asia/Shanghai")
HELIN = load("helin").timetable
assert HELIN is not None
TIMETABLE = Timetable(HELIN.deadlines, HELIN.calendar, dict.fromkeys(CODES, DepartmentKind.BUREAU))


def local(day: str, clock: str = "00:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZONE).astimezone(UTC)


class Watch(Desk):
    """A desk on which time passes: `until` lets the timers ask whatever comes due on the way."""

    def __init__(self, issued: datetime, **policy: Any) -> None:
        super().__init__(rules=Rules.of(a_policy(**policy), TIMETABLE), clock=issued)
        self.issued = issued

    def shown(self, **changes: Any) -> Decision:
        updated = self.tick()
        dispatch = a_dispatch(
            **{"issued_at": self.issued, "updated_at": updated, "due_at": None, "kind": "complaint", **changes}
        )
        return self.say(dispatch)

    def until(self, moment: datetime) -> None:
        while self.case is not None and self.case.due is not None and self.case.due <= moment:
            self.clock = max(self.clock, self.case.due)
            self.ask(self.clock)
        self.clock = moment

    def ask(self, at: datetime) -> Decision:
        assert self.case is not None
        assert self.case.due is not None
        return self.say(DueMark(dispatch=self.case.id, gen=self.case.gen, due=self.case.due, at=at))

    def run(self, clock: ClockName, holder: str | None = None) -> ClockRun | None:
        assert self.case is not None
        return next((one for one in self.case.clocks if (one.clock, one.holder) == (clock, holder)), None)

    @property
    def handling(self) -> ClockRun:
        found = self.run(ClockName.HANDLING)
        assert found is not None
        return found

    def marks(self, clock: ClockName) -> list[Fact]:
        return [f for f in self.facts() if f.fact is FactKind.MARKED and f.details["clock"] == clock]

    def notices(self, mark: str | None = None) -> list[Notice]:
        found = [one.message for one in self.outputs if isinstance(one.message, Notice)]
        return [one for one in found if one.kind is NoticeKind.MARK and mark in {None, one.mark}]

    def ended(self, clock: ClockName) -> list[str]:
        assert self.case is not None
        return [entry.split("|")[3] for entry in self.case.ended if entry.split("|")[0] == clock]


MONDAY = local("2026-03-02", "10:00")


def watched(issued: datetime = MONDAY, **changes: Any) -> Watch:
    desk = Watch(issued)
    desk.shown(**changes)
    return desk
