"""Replaying: whatever came, the facts give the clocks that the row has; and a row that was changed is found."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from typing_extensions import override

from schemas.case import Case
from schemas.clock import ClockName, ClockOutcome, ClockRun, DueMark, Pause
from schemas.dispatch import Dispatch
from schemas.fact import FactKind
from schemas.feedback import FeedbackKind
from schemas.order import OrderAction, Rung
from schemas.report import ReportKind
from streams.domain.built import changed
from streams.domain.deadlines import Deadlines
from streams.domain.decision import Inbound
from streams.domain.policy import DepartmentKind
from streams.domain.replaying import Difference, Skipped, compare, differences, replay, skipped
from streams.domain.rules import Rules
from streams.domain.timetable import Timetable
from tests.support.calendars import CN
from tests.support.domain import CODES, Desk, a_department, a_policy, an_order
from tests.unit.streams.domain.test_machine import Life

KINDS = {"town": DepartmentKind.TOWNSHIP, "gas": DepartmentKind.UTILITY, "water": DepartmentKind.UTILITY}
DEADLINES = Deadlines.model_validate(
    {
        "clocks": {
            "sign": [{"name": "sign", "within": "20 minutes"}],
            "route": [{"name": "route", "within": "10 minutes"}],
            "department_sign": [
                {"name": "utilities sign", "within": "20 minutes", "when": {"level": ["utility"]}},
                {"name": "others sign", "within": "1 hours", "order": 2},
            ],
            "contact": [{"name": "contact", "within": "24 hours"}],
            "handling": [
                {"name": "critical", "within": "2 hours", "when": {"urgency": ["critical"]}},
                {"name": "utilities", "within": "5 working_days", "order": 2, "when": {"level": ["utility"]},
                 "pausable": True},
                {"name": "housing", "within": "15 natural_days", "order": 3, "when": {"category": ["housing"]}},
                {"name": "all", "within": "10 working_days", "order": 4, "pausable": True},
            ],
            "review": [{"name": "review", "within": "4 hours"}],
            "callback": [{"name": "callback", "within": "3 working_days"}],
        },
        "marks": {
            "sign": ["p50", "p90"],
            "contact": ["p75"],
            "handling": ["p50", "p75", "yellow", "red", "overdue5"],
        },
        "supervision": [{"rung": "phone", "clocks": ["handling"], "marks": ["yellow"]}],
    }
)  # fmt: skip


def rules(**policy: Any) -> Rules:
    departments = tuple(a_department(code, kind=KINDS.get(code, DepartmentKind.BUREAU)) for code in CODES)
    made = a_policy(departments=departments, **policy)
    return Rules.of(made, Timetable(DEADLINES, CN, {one.code: one.kind for one in made.departments}))


RULES = rules()


def timetable(desk: Desk) -> Timetable:
    assert desk.rules.timetable is not None
    return desk.rules.timetable


def asked(desk: Desk) -> None:
    """The timer looks: what is due at the desk's clock."""
    case = desk.case
    assert case is not None
    if case.due is not None and case.due <= desk.clock:
        desk.say(DueMark(dispatch=case.id, gen=case.gen, due=case.due, at=desk.clock))


class Clocked(Life):
    """The life of a dispatch in a county with deadlines, in which time passes."""

    @initialize(
        sign=st.sampled_from(["auto", "manual"]),
        review=st.sampled_from(["auto", "manual"]),
        cap=st.integers(1, 3),
        dated=st.booleans(),
    )
    @override
    def begin(self, sign: str, review: str, cap: int, dated: bool = True) -> None:
        super().begin(sign=sign, review=review, cap=cap)
        self.desk.rules = rules(sign=sign, review=review, return_cap=cap)
        self.dated = dated

    @override
    def _say(self, message: Inbound, department: str | None = None) -> None:
        if isinstance(message, Dispatch) and not self.dated:
            message = message.model_copy(update={"due_at": None})
        super()._say(message, department)

    @rule(minutes=st.sampled_from([9, 25, 90, 60 * 9, 60 * 26, 60 * 24 * 3, 60 * 24 * 9]))
    def time_passes(self, minutes: int) -> None:
        self.desk.clock += timedelta(minutes=minutes)

    @precondition(lambda self: self.desk.case is not None and self.desk.case.due is not None)
    @rule()
    def timer(self) -> None:
        case = self.desk.case
        assert case is not None
        assert case.due is not None
        if case.due <= self.desk.clock:
            at = self.desk.clock
            self._say(DueMark(dispatch=case.id, gen=case.gen, due=case.due, at=at))

    @precondition(lambda self: self.desk.case is not None)
    @rule(
        action=st.sampled_from([OrderAction.EXTEND, OrderAction.PAUSE, OrderAction.RESUME, OrderAction.LEDGER_OPEN]),
        days=st.integers(1, 12),
    )
    def of_clocks(self, action: OrderAction, days: int) -> None:
        self._say(an_order(action, at=self.desk.tick(), days=days, rung=Rung.PHONE))

    @invariant()
    def the_facts_give_the_rows_clocks(self) -> None:
        case = self.desk.case
        if case is None:
            return
        facts = self.desk.facts()
        assert differences(case, facts, timetable(self.desk)) == []
        replayed = replay(facts, timetable(self.desk))
        assert replayed.runs == case.clocks
        assert replayed.ended == case.ended
        self._told(case)

    def _told(self, case: Case) -> None:
        """Every run that began is told once, and every mark of it."""
        replayed = replay(self.desk.facts(), timetable(self.desk))
        still = [one.run for one in replayed.histories if one.outcome is None]
        assert sorted(still, key=str) == sorted(case.clocks, key=str)
        over = sum("|rearmed" not in entry for entry in case.ended)
        assert len(replayed.histories) == len(still) + over
        told = sum(len(one.marks) for one in replayed.histories)
        assert told == sum(fact.fact is FactKind.MARKED for fact in self.desk.facts())


Clocked.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestClocked = Clocked.TestCase


def worked() -> Desk:
    """A dispatch that was extended, paused and came to a mark."""
    desk = Desk(rules=RULES)
    desk.shows(due_at=None)
    desk.reports("water", ReportKind.CONTACTED)
    desk.orders(OrderAction.EXTEND, days=2)
    desk.orders(OrderAction.PAUSE)
    desk.clock += timedelta(days=2)
    desk.orders(OrderAction.RESUME)
    desk.clock += timedelta(days=8)
    asked(desk)
    return desk


def handling(case: Case | None) -> ClockRun:
    assert case is not None
    return next(run for run in case.clocks if run.clock is ClockName.HANDLING)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"due": timedelta(hours=1)}, [Difference.DUE]),
        ({"start": timedelta(hours=1)}, [Difference.START]),
        ({"rule": "another"}, [Difference.RULE]),
        ({"extended": 1}, [Difference.EXTENDED]),
        ({"pauses": ()}, [Difference.PAUSES]),
        ({"fired": ()}, [Difference.FIRED]),
        ({"next": None, "provisional": True}, [Difference.NEXT, Difference.PROVISIONAL]),
    ],
)
def test_a_row_that_was_changed_is_found_and_it_is_said_in_what(changes: dict[str, Any], found: list[str]) -> None:
    desk = worked()
    assert desk.case is not None
    facts, before = desk.facts(), handling(desk.case)
    assert differences(desk.case, facts, timetable(desk)) == []
    wrong = {
        name: getattr(before, name) + value if isinstance(value, timedelta) else value
        for name, value in changes.items()
    }
    rows = tuple(changed(run, wrong) if run is before else run for run in desk.case.clocks)
    assert differences(changed(desk.case, {"clocks": rows}), facts, timetable(desk)) == found


def test_lost_runs_ends_and_facts_are_found() -> None:
    desk = worked()
    assert desk.case is not None
    facts = desk.facts()
    assert differences(changed(desk.case, {"clocks": ()}), facts, timetable(desk)) == [Difference.RUNS]
    assert differences(changed(desk.case, {"ended": ()}), facts, timetable(desk)) == [Difference.ENDED]
    assert differences(desk.case, facts[:3] + facts[4:], timetable(desk)) == [Difference.GAP]


def test_facts_that_the_row_does_not_have_yet_are_no_difference() -> None:
    desk = worked()
    before = desk.case
    assert before is not None
    desk.reports("water", ReportKind.RESULT)
    assert len(desk.facts()) > before.seq
    assert differences(before, desk.facts(), timetable(desk)) == []


def test_what_is_older_than_clocks_or_of_another_calendar_is_not_compared() -> None:
    desk = worked()
    assert desk.case is not None
    facts, table = desk.facts(), timetable(desk)
    assert skipped(desk.case, facts, table) is None
    assert skipped(changed(desk.case, {"calendar": "other"}), facts, table) is Skipped.OTHER_CALENDAR
    assert skipped(changed(desk.case, {"calendar": ""}), facts, table) is Skipped.OLDER
    old = [changed(fact, {"details": {"version": 1}}) for fact in facts]
    assert skipped(desk.case, old, table) is Skipped.OLDER


def test_rules_are_chosen_by_who_led_when_the_message_came() -> None:
    desk = Desk(rules=RULES)
    desk.shows(due_at=None)
    desk.shows(due_at=None, status="withdrawn")
    desk.shows(due_at=None, round=2)
    told = replay(desk.facts(), timetable(desk))
    last = [one for one in told.histories if one.run.clock is ClockName.HANDLING][-1]
    moved = [(one.before.rule, one.after.rule) for one in last.changes]
    assert moved == [("all", "utilities")]
    assert desk.case is not None
    assert compare(desk.case, told) == []


def test_the_history_has_every_round_with_its_end() -> None:
    desk = worked()
    desk.reports("water", ReportKind.RESULT)
    desk.answers(FeedbackKind.RESULT)
    desk.shows(round=2, due_at=None)
    histories = [one for one in replay(desk.facts(), timetable(desk)).histories if one.run.clock is ClockName.HANDLING]
    assert [(one.run.round, one.outcome) for one in histories] == [(1, ClockOutcome.MET), (2, None)]
    first, second = histories
    assert first.over is not None
    assert first.over.fact is FactKind.FEEDBACK_DELIVERED
    assert second.begun.fact is FactKind.REOPENED
    assert [one.fact.fact for one in first.changes if one.fact.fact is not FactKind.MARKED] == [
        FactKind.ROUTED, FactKind.EXTENDED, FactKind.PAUSED, FactKind.RESUMED,
    ]  # fmt: skip
    assert [str(fact.details["mark"]) for fact in first.marks] == ["p50", "p75"]


def test_another_calendar_is_told_and_what_was_computed_before_it_is_not_compared() -> None:
    desk = Desk(rules=RULES)
    desk.shows(due_at=None)
    assert desk.case is not None
    run = handling(desk.case)
    moved = changed(run, {"due": run.due + timedelta(days=1)})
    before = changed(desk.case, {"calendar": "old", "clocks": (*desk.case.clocks[:-1],)})
    old = [moved if one is run else one for one in desk.case.clocks]
    desk.case = changed(before, {"clocks": tuple(old)})
    at = desk.tick()
    desk.say(DueMark(dispatch=desk.case.id, gen=desk.case.gen, due=at, at=at, calendar=CN.version))
    replayed = replay(desk.facts(), timetable(desk))
    assert desk.case is not None
    assert replayed.recalculated
    assert compare(desk.case, replayed) == []
    told = next(one for one in replayed.histories if one.run.clock is ClockName.HANDLING)
    assert [fact.details["why"] for fact in told.recalculated] == ["calendar"]
    assert told.run.original == handling(desk.case).original


def test_pauses_stand_in_the_history_as_they_stand_in_the_row() -> None:
    desk = worked()
    (pause,) = handling(desk.case).pauses
    assert isinstance(pause, Pause)
    assert pause.to is not None
