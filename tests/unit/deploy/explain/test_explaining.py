"""Explaining: the same deadlines as the rules give, the days by name, and what each mark did."""

from datetime import timedelta

import pytest

from deploy.county import load
from deploy.explain.days import number
from deploy.explain.explanation import ClockSaid, Explanation, MarkSaid
from deploy.explain.mark_sentences import mark_line
from deploy.explain.rules import lines
from deploy.explain.sentences import clock_lines, counted, day_lines, title
from deploy.explain.words import end
from schemas.clock import ClockName, ClockOutcome, DueMark, LateCause
from schemas.fact import FactKind
from schemas.notice import Audience
from schemas.order import OrderAction, Rung
from schemas.report import ReportKind
from streams.domain.built import changed
from streams.domain.replaying import Difference
from tests.support.explained import HELIN, SHANGHAI, a_desk, local, over_the_holiday

NAMES = {one.code: one.name for one in HELIN.departments}

VECTORS = [
    # domain study, 5
    ("2020-09-30", "help", "2020-10-14", ["起始日", "国庆节 休", "班", "班（调休）", "周末 休", "班"]),
    ("2021-02-05", "help", "2021-02-18", None),
    ("2026-02-13", "help", "2026-02-27", None),
    ("2026-09-30", "help", "2026-10-13", ["起始日", "国庆节 休", "班", "班（调休）", "周末 休", "班"]),
    ("2020-12-31", "help", "2021-01-08", None),
]


def clock(said: Explanation, name: ClockName, round: int = 1) -> ClockSaid:
    return next(one for one in said.clocks if (one.clock, one.round) == (name, round))


def words(one: ClockSaid) -> dict[str, str]:
    return dict(clock_lines(one, NAMES, SHANGHAI, "2026-12-31"))


@pytest.mark.parametrize(("start", "kind", "due", "why"), VECTORS)
def test_five_working_days_are_counted_by_name(start: str, kind: str, due: str, why: list[str] | None) -> None:
    desk = a_desk()
    desk.issued(f"{start} 10:00", kind=kind)
    one = clock(desk.explained(), ClockName.HANDLING)
    assert end(one.due, SHANGHAI).startswith(f"{due} 24:00")
    assert number(one.days) == 5
    assert counted(one) == "共计5个工作日"
    assert one.due == one.ours
    assert not one.provisional
    if why is not None:
        assert [said for _, said, _ in day_lines(one)] == why


@pytest.mark.parametrize(
    ("start", "due", "moved"),
    [("2026-09-17", "2026-10-08", True), ("2026-09-25", "2026-10-10", False), ("2026-02-01", "2026-02-24", True)],
)
def test_natural_days_move_on_where_the_last_one_rests_and_a_make_up_saturday_does_not(
    start: str, due: str, moved: bool
) -> None:
    desk = a_desk()
    desk.issued(f"{start} 10:00", kind="help", category="land.other")
    one = clock(desk.explained(), ClockName.HANDLING)
    assert one.rule.name == "疑难办理"
    assert end(one.due, SHANGHAI).startswith(f"{due} 24:00")
    assert (one.days[-1].why == "moved") is moved
    assert number(one.days) == 15


def test_beyond_the_calendar_it_is_said_loudly_that_it_is_provisional() -> None:
    desk = a_desk()
    desk.issued("2026-12-28 10:00", kind="help")
    said = desk.explained()
    one = clock(said, ClockName.HANDLING)
    assert said.provisional
    assert one.provisional
    assert "日历只公布到 2026-12-31" in words(one)["暂定"]
    assert "暂定" in title(one, NAMES)


def test_the_whole_story_is_told() -> None:
    said = over_the_holiday().explained()
    one = clock(said, ClockName.HANDLING)
    assert one.outcome is ClockOutcome.MET_LATE
    assert (one.extended, one.rule.line, one.rule.file) == (2, line_of("投诉举报办理"), "deadlines.yaml")
    assert number(one.days) == 12
    assert sum(day.number for day in one.days if day.why == "paused") == 3
    assert [move.why for move in one.moves] == [FactKind.RESUMED, FactKind.EXTENDED]
    told = words(one)
    assert told["时限"] == "2026-10-27 24:00（周二）"
    assert told["原时限"] == "2026-10-20 24:00（周二）"
    assert told["部门时限"].startswith("2026-10-26 19:12")
    assert "顺延3个工作日" in told["暂停"]
    assert "市级收下办理结果：已办，逾期" in told["结果"]
    assert {mark.mark for mark in one.marks} == {"p50", "p75", "yellow", "breach", "red", "overdue5"}
    yellow = next(mark for mark in one.marks if mark.mark == "yellow")
    assert all(heard.late for heard in yellow.told)
    assert {heard.audience for heard in yellow.told} == {Audience.DEPARTMENT, Audience.LEADER}
    assert [step.rung for step in yellow.steps] == [Rung.PHONE]
    red = next(mark for mark in one.marks if mark.mark == "red")
    assert [(step.rung, step.letter) for step in red.steps] == [(Rung.WRITTEN, "HS1-1")]
    again = clock(said, ClockName.HANDLING, 2)
    assert again.outcome is ClockOutcome.OPEN_IN_TIME
    assert all(mark.recorded_at is None for mark in again.marks)
    assert "市级要求重办" in words(again)["起点"]
    assert clock(said, ClockName.CALLBACK).outcome is ClockOutcome.CANCELLED
    (by_hand,) = (step for step in said.steps if step.by)
    assert (by_hand.persons, by_hand.whom, by_hand.answer) == (3, "张局长", "本周内办结")


def line_of(rule: str) -> int:
    text = (HELIN.folder / "deadlines.yaml").read_text("utf-8").splitlines()
    return next(n for n, line in enumerate(text, 1) if rule in line)


def test_every_rule_of_a_pack_has_its_line() -> None:
    found = lines(HELIN.folder)
    assert HELIN.timetable is not None
    rules = HELIN.timetable.deadlines.clocks
    assert found.keys() == {(name, rule.name) for name, of in rules.items() for rule in of}
    assert all(found[name, rule.name] == line_of(rule.name) for name, of in rules.items() for rule in of)
    assert lines(load("harbour").folder) == {}


def test_where_the_citys_deadline_is_earlier_it_binds() -> None:
    desk = a_desk()
    desk.issued("2026-09-30 10:00", due_at=local("2026-10-12 18:00"))
    one = clock(desk.explained(), ClockName.HANDLING)
    assert (one.binds, one.due) == ("city", local("2026-10-12 18:00"))
    assert one.ours == local("2026-10-21 00:00")
    assert "以此为准" in words(one)["市级时限"]
    later = a_desk()
    later.issued("2026-09-30 10:00", due_at=local("2026-12-01 18:00"))
    assert clock(later.explained(), ClockName.HANDLING).binds == "ours"


def test_of_marks_passed_together_only_the_highest_was_told_and_it_is_said_how_late() -> None:
    desk = a_desk()
    desk.issued("2026-09-28 10:00", kind="help")
    desk.reports(desk.lead, ReportKind.CONTACTED)
    asleep = local("2026-10-12 09:00")
    assert desk.case is not None
    desk.clock = asleep
    due = desk.case.due
    assert due is not None
    desk.say(DueMark(dispatch=desk.case.id, gen=desk.case.gen, due=due, at=asleep))
    one = clock(desk.explained(), ClockName.HANDLING)
    recorded = [mark for mark in one.marks if mark.recorded_at is not None]
    assert [bool(mark.told) for mark in recorded] == [False] * (len(recorded) - 1) + [True]
    assert {mark.instead for mark in recorded[:-1]} == {recorded[-1].mark}
    assert all(mark.late for mark in recorded)
    assert recorded[-1].late_s == (asleep - recorded[-1].instant) // timedelta(seconds=1)


def test_a_reminder_that_waits_for_the_morning_says_so_and_then_when_it_was_told() -> None:
    desk = a_desk()
    desk.issued("2026-09-30 10:00")
    desk.until("2026-10-08 06:00")

    def half(said: Explanation) -> MarkSaid:
        return next(mark for mark in clock(said, ClockName.HANDLING).marks if mark.mark == "p50")

    assert half(desk.explained()).recorded_at is None
    desk.until("2026-10-14 07:00")
    waiting = half(desk.explained())
    assert (waiting.held_until, waiting.told) == (local("2026-10-14 07:30"), ())
    assert "夜间不打扰，2026-10-14 07:30 再告知" in mark_line(waiting, NAMES, SHANGHAI)
    desk.orders(OrderAction.PAUSE)
    desk.until("2026-10-14 08:00")
    assert "时限暂停，恢复后再告知" in mark_line(half(desk.explained()), NAMES, SHANGHAI)
    desk.orders(OrderAction.RESUME)
    desk.until("2026-10-14 08:01")
    told = half(desk.explained())
    assert [heard.late for heard in told.told] == [True]
    assert "随汇总告知" in mark_line(told, NAMES, SHANGHAI)


def test_whose_fault_it_was_that_it_was_over_on_arrival_is_said() -> None:
    desk = a_desk()
    desk.until("2026-09-30 12:00")
    desk.issued("2026-09-30 12:00", issued_at=local("2026-09-30 10:00"))
    one = clock(desk.explained(), ClockName.SIGN)
    assert one.late_cause is LateCause.CITY
    assert "市级原因" in words(one)["起点"]
    assert "晚2小时" in words(one)["起点"]


def test_without_notices_it_is_still_said_that_people_were_told() -> None:
    desk = over_the_holiday()
    one = clock(desk.explained(notices=False), ClockName.HANDLING)
    assert next(mark for mark in one.marks if mark.mark == "breach").sent


def test_a_pause_that_lasts_has_no_end_and_no_marks_ahead() -> None:
    desk = a_desk()
    desk.issued("2026-09-30 10:00", kind="help")
    desk.orders(OrderAction.PAUSE)
    one = clock(desk.explained(), ClockName.HANDLING)
    assert one.paused
    assert one.marks == ()
    assert "至今未恢复" in words(one)["暂停"]
    assert "暂停中" in title(one, NAMES)


def test_a_row_that_is_not_what_the_rules_give_is_said_so() -> None:
    desk = over_the_holiday()
    assert desk.explained().differs == ()
    assert desk.case is not None
    desk.case = changed(desk.case, {"clocks": desk.case.clocks[1:]})
    assert desk.explained().differs == (Difference.RUNS,)
    desk.case = changed(desk.case, {"calendar": "another"})
    assert (desk.explained().differs, desk.explained().other_calendar) == ((), True)
