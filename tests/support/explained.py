"""A dispatch of helin that lives through National Day, and what is explained of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deploy.county import load
from deploy.explain.explaining import explain
from deploy.explain.explanation import Explanation
from deploy.explain.rules import lines
from schemas.clock import DueMark
from schemas.feedback import FeedbackKind
from schemas.notice import Notice
from schemas.order import OrderAction, Rung
from schemas.report import ReportKind
from streams.domain.rules import Rules
from tests.support.domain import ID, Desk

HELIN = load("helin")
SHANGHAI = ZoneInfo("Asia/Shanghai")
RULES = Rules.of(HELIN.policy, HELIN.timetable)


def local(text: str) -> datetime:
    """`2026-09-30 10:00` in Helin."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


class Days(Desk):
    """A desk on a calendar: everything that falls due up to an instant is asked for, each at its own."""

    def until(self, text: str) -> None:
        end = local(text)
        while self.case is not None and self.case.due is not None and self.case.due <= end:
            due = self.case.due
            self.say(DueMark(dispatch=ID, gen=self.case.gen, due=due, at=due))
        self.clock = end

    def issued(self, text: str, **changes: Any) -> None:
        self.until(text)
        start = self.clock
        given = {"issued_at": start, "due_at": None, "category": "utilities.water", "kind": "complaint", **changes}
        self.shows(**given, place={"area_code": "150123100"})

    @property
    def lead(self) -> str:
        assert self.case is not None
        assert self.case.lead is not None
        return self.case.lead

    def notices(self) -> list[Notice]:
        return [one.message for one in self.outputs if isinstance(one.message, Notice)]

    def explained(self, at: datetime | None = None, notices: bool = True) -> Explanation:
        assert HELIN.timetable is not None
        return explain(
            ID, self.facts(), self.case, self.notices() if notices else [], HELIN.timetable, lines(HELIN.folder),
            at=at or self.clock, title="停水两天",
        )  # fmt: skip


def a_desk() -> Days:
    return Days(rules=RULES)


def over_the_holiday() -> Days:
    """Signed late, contacted, paused, extended, overdue with every mark, supervised by rule and person, answered, and
    ordered again."""
    desk = a_desk()
    desk.issued("2026-09-30 10:00")
    steps: list[tuple[str, Callable[[], object]]] = [
        ("2026-09-30 10:30", lambda: desk.reports(desk.lead, ReportKind.SIGNED)),
        ("2026-09-30 13:30", lambda: desk.reports(desk.lead, ReportKind.CONTACTED)),
        ("2026-10-08 09:00", lambda: desk.orders(OrderAction.PAUSE)),
        ("2026-10-12 09:00", lambda: desk.orders(OrderAction.RESUME)),
        ("2026-10-12 10:00", lambda: desk.orders(OrderAction.EXTEND, days=2)),
        (
            "2026-10-30 09:00",
            lambda: desk.orders(
                OrderAction.SUPERVISE, rung=Rung.INTERVIEW, whom="张局长", persons=3, answer="本周内办结"
            ),
        ),
        ("2026-11-05 09:00", lambda: desk.reports(desk.lead, ReportKind.RESULT)),
        ("2026-11-05 09:10", lambda: desk.answers(FeedbackKind.RESULT)),
        ("2026-11-06 09:00", lambda: desk.issued("2026-11-06 09:00", round=2)),
    ]
    for text, step in steps:
        desk.until(text)
        step()
    desk.clock += timedelta(hours=1)
    return desk
