"""What a clock does when it passes a mark: recorded once, told to whom and when; the ladder (domain study 9.7, 9.8)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.clock import ClockName, ClockRun, DueMark, LateCause
from schemas.fact import FactKind
from schemas.notice import Audience
from schemas.order import OrderAction, Rung
from schemas.report import ReportKind
from streams.domain.deadlines import Mark, Step
from streams.domain.decision import Context, Ignored, IgnoredReason
from streams.domain.rules import Rules
from streams.domain.tally import read, summarise
from streams.domain.timetable import Timetable
from tests.support.domain import a_dispatch, a_policy, a_report
from tests.support.watched import MONDAY, TIMETABLE, Watch, local, watched


def test_every_mark_is_recorded_once_at_its_instant_in_order():
    desk = watched()
    desk.until(local("2026-04-10"))
    marks = desk.marks(ClockName.HANDLING)
    assert [(f.details["mark"], f.details["instant"]) for f in marks] == [
        ("p50", "2026-03-09T16:00:00Z"),
        ("p75", "2026-03-12T04:00:00Z"),
        ("yellow", "2026-03-13T16:00:00Z"),
        ("breach", "2026-03-16T16:00:00Z"),
        ("red", "2026-03-17T00:30:00Z"),
        ("overdue5", "2026-03-23T00:30:00Z"),
    ]
    assert desk.case is not None
    assert desk.case.due is None or desk.case.due > local("2026-04-10")


def test_a_question_that_was_overtaken_or_comes_early_changes_nothing():
    desk = watched()
    case = desk.case
    assert case is not None
    assert case.due is not None
    early = DueMark(dispatch=case.id, gen=case.gen, due=case.due, at=case.due - timedelta(microseconds=1))
    assert desk.say(early).verdict == Ignored(IgnoredReason.EARLY)
    good = DueMark(dispatch=case.id, gen=case.gen, due=case.due, at=case.due)
    assert desk.say(good).outputs
    assert desk.say(good).verdict == Ignored(IgnoredReason.OVERTAKEN)
    assert desk.case is not None
    assert desk.case.gen > case.gen


def test_after_an_absence_only_the_highest_mark_is_told_and_all_are_recorded_with_our_lateness():
    desk = watched()
    desk.reports("water", ReportKind.SIGNED)
    desk.reports("water", ReportKind.CONTACTED)
    desk.reports("town", ReportKind.SIGNED)
    desk.ask(local("2026-03-17", "12:00"))
    marks = desk.marks(ClockName.HANDLING)
    assert [f.details["mark"] for f in marks] == ["p50", "p75", "yellow", "breach", "red"]
    assert [bool(f.details["sent"]) for f in marks] == [False, False, False, False, True]
    assert all(f.details["late"] for f in marks)
    assert marks[3].details["late_s"] == 12 * 3600
    assert {one.mark for one in desk.notices()} == {"red"}


def test_what_can_wait_is_told_when_the_quiet_hours_end_and_only_if_it_still_matters():
    desk = watched(local("2026-03-02", "09:00"))
    desk.until(local("2026-03-03", "03:30"))
    (mark,) = desk.marks(ClockName.CONTACT)
    assert (mark.details["mark"], mark.details["sent"]) == ("p75", False)
    assert desk.case is not None
    assert desk.case.due == local("2026-03-03", "07:30")
    desk.until(local("2026-03-03", "07:30"))
    (told,) = [one for one in desk.notices("p75") if one.clock is ClockName.CONTACT]
    assert told.digest
    silent = watched(local("2026-03-02", "09:00"))
    silent.until(local("2026-03-03", "03:30"))
    silent.reports("water", ReportKind.CONTACTED)
    silent.until(local("2026-03-03", "08:00"))
    assert [one for one in silent.notices("p75") if one.clock is ClockName.CONTACT] == []


def night_reminder() -> Watch:
    """Half of handling is over at midnight, and the department is to hear of it at 07:30."""
    desk = watched()
    desk.reports("water", ReportKind.SIGNED)
    desk.until(local("2026-03-10", "01:00"))
    assert desk.marks(ClockName.HANDLING)[-1].details["sent"] is False
    return desk


def half_told(desk: Watch) -> bool:
    return any(one.clock is ClockName.HANDLING for one in desk.notices("p50"))


def test_nobody_is_reminded_of_a_clock_that_stands_still_until_it_goes_on():
    desk = night_reminder()
    desk.orders(OrderAction.PAUSE)
    desk.until(local("2026-03-10", "15:00"))
    assert not half_told(desk)
    desk.orders(OrderAction.RESUME)
    desk.until(local("2026-03-10", "15:01"))
    assert half_told(desk)


def test_a_clock_that_goes_on_at_night_reminds_in_the_morning():
    desk = night_reminder()
    desk.orders(OrderAction.PAUSE)
    desk.until(local("2026-03-10", "23:00"))
    desk.orders(OrderAction.RESUME)
    desk.until(local("2026-03-11", "07:29"))
    assert not half_told(desk)
    desk.until(local("2026-03-11", "07:30"))
    assert half_told(desk)


def test_a_step_that_a_lower_mark_opens_waits_for_the_morning_with_the_reminder_of_the_higher():
    ladder = (Step(rung=Rung.PHONE, clocks=(ClockName.HANDLING,), marks=(Mark.P50,)),)
    deadlines = TIMETABLE.deadlines.model_copy(update={"supervision": ladder})
    desk = watched()
    desk.rules = Rules.of(a_policy(), Timetable(deadlines, TIMETABLE.calendar, TIMETABLE.levels))
    for department in ("water", "town"):
        desk.reports(department, ReportKind.SIGNED)
    desk.reports("water", ReportKind.CONTACTED)
    desk.ask(local("2026-03-14", "01:00"))
    assert [f.details["mark"] for f in desk.marks(ClockName.HANDLING)] == ["p50", "p75", "yellow"]
    assert desk.case is not None
    assert desk.case.steps == ()
    desk.until(local("2026-03-14", "07:30"))
    assert desk.case.steps == ("phone|water|0|open",)
    assert {one.mark for one in desk.notices()} == {"yellow"}


def test_the_grave_and_the_critical_are_told_at_night():
    desk = watched(local("2026-03-02", "23:00"), urgency="critical")
    desk.until(local("2026-03-03", "01:00"))
    told = {(one.mark, one.audience) for one in desk.notices() if one.clock is ClockName.HANDLING}
    assert told >= {("breach", audience) for audience in Audience}


def test_nothing_fires_while_a_clock_stands_still():
    desk = watched()
    desk.reports("water", ReportKind.SIGNED)
    desk.reports("water", ReportKind.CONTACTED)
    desk.orders(OrderAction.PAUSE)
    desk.until(local("2026-06-01"))
    assert desk.marks(ClockName.HANDLING) == []
    assert desk.orders(OrderAction.PAUSE).verdict == Ignored(IgnoredReason.NO_CHANGE)
    desk.orders(OrderAction.RESUME)
    assert desk.handling.due > local("2026-06-01")


def test_a_later_deadline_arms_again_the_marks_that_now_lie_ahead():
    desk = watched()
    desk.until(local("2026-03-13", "12:00"))
    assert desk.handling.fired == ("p50", "p75")
    desk.orders(OrderAction.EXTEND, days=10)
    assert desk.handling.fired == ()
    desk.until(local("2026-03-17"))
    assert [f.details["mark"] for f in desk.marks(ClockName.HANDLING)] == ["p50", "p75", "p50"]


CAUSES = {
    "the city showed it too late": (timedelta(hours=3), timedelta(hours=3), LateCause.CITY),
    "we read it too late": (timedelta(minutes=1), timedelta(hours=3), LateCause.BRIDGE),
}


@pytest.mark.parametrize(("shown", "read_at", "cause"), CAUSES.values(), ids=CAUSES)
def test_what_is_over_when_it_comes_is_marked_and_the_cause_told_apart(shown, read_at, cause):
    desk = Watch(MONDAY)
    dispatch = a_dispatch(issued_at=MONDAY, updated_at=MONDAY + shown, due_at=None, urgency="critical")
    desk.take(dispatch, Context(0, "0" * 24, time=MONDAY + read_at))
    assert desk.handling.late_cause is cause
    breach = desk.marks(ClockName.HANDLING)[-1].details
    assert (breach["mark"], breach["cause"], breach["sent"]) == ("breach", cause, True)
    assert bool(breach["late_s"]) is (cause is LateCause.BRIDGE)


def test_once_a_breach_is_on_record_nothing_that_is_said_later_was_in_time():
    desk = watched()
    desk.until(desk.clock + timedelta(minutes=30))
    desk.reports("water", ReportKind.SIGNED, at=MONDAY + timedelta(minutes=1))
    assert desk.ended(ClockName.DEPARTMENT_SIGN) == ["met_late"]


def test_a_breach_that_nobody_had_recorded_is_recorded_when_the_late_answer_comes():
    desk = watched()
    desk.reports("water", ReportKind.SIGNED, at=MONDAY + timedelta(minutes=30))
    recorded = [f.details["mark"] for f in desk.marks(ClockName.DEPARTMENT_SIGN)]
    assert recorded == ["p50", "p75", "p90", "breach"]
    assert not any(f.details["sent"] for f in desk.marks(ClockName.DEPARTMENT_SIGN))


def test_the_ladder_is_climbed_by_rule_and_by_persons_and_counts_times_and_persons():
    desk = watched()
    for code in ("water", "town"):
        desk.reports(code, ReportKind.SIGNED)
    desk.until(local("2026-04-10"))
    assert desk.case is not None
    rungs = [step.split("|")[0] for step in desk.case.steps]
    assert rungs == [Rung.PHONE, Rung.WRITTEN, Rung.INTERVIEW]
    written = next(f for f in desk.facts() if f.fact is FactKind.SUPERVISED and f.details["rung"] == Rung.WRITTEN)
    assert written.details["no"] == "HS1-1"
    desk.orders(OrderAction.SUPERVISE, rung=Rung.INTERVIEW, whom="张某等", persons=3, answer="本周办结")
    desk.orders(OrderAction.SUPERVISE, rung=Rung.PHONE, whom="李某", answer="已派人")
    desk.orders(OrderAction.SUPERVISE, rung=Rung.PHONE, whom="李某", answer="仍在办")
    tally = read(summarise(desk.case))
    assert {(one.rung, one.times, one.persons) for one in tally.steps} == {
        (Rung.PHONE, 2, 0), (Rung.WRITTEN, 1, 0), (Rung.INTERVIEW, 1, 3),
    }  # fmt: skip


def test_the_counters_of_the_ladder_give_the_countys_first_quarter():
    """150 telephone calls, 20 written reminders, 3 interviews with 9 persons, each recorded by a person."""
    times, persons = dict.fromkeys(Rung, 0), dict.fromkeys(Rung, 0)
    taken = [(Rung.PHONE, 0)] * 150 + [(Rung.WRITTEN, 0)] * 20 + [(Rung.INTERVIEW, n) for n in (4, 3, 2)]
    desk = watched()
    for rung, number in taken:
        desk.orders(OrderAction.SUPERVISE, rung=rung, whom="张某", persons=number or None)
    assert desk.case is not None
    for step in read(summarise(desk.case)).steps:
        times[step.rung] += step.times
        persons[step.rung] += step.persons
    assert (times[Rung.PHONE], times[Rung.WRITTEN], times[Rung.INTERVIEW]) == (150, 20, 3)
    assert persons[Rung.INTERVIEW] == 9


def test_a_department_whose_clock_runs_ahead_passes_no_mark_before_its_time():
    desk = watched()
    recorded = MONDAY + timedelta(minutes=2)
    ahead = a_report(ReportKind.SIGNED, at=MONDAY + timedelta(hours=1))
    desk.take(ahead, Context(9, "9" * 24, department="water", recorded=recorded))
    assert desk.marks(ClockName.DEPARTMENT_SIGN) == []
    assert desk.ended(ClockName.DEPARTMENT_SIGN) == ["met"]
    assert desk.facts()[-1].occurred_at == recorded


FRIDAY_EVENING = datetime(2026, 3, 6, 10, tzinfo=UTC)
RULES = [(clock, rule.name) for clock, rules in TIMETABLE.deadlines.clocks.items() for rule in rules]


@given(
    rule=st.sampled_from(RULES),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 30), timezones=st.just(UTC)),  # noqa: DTZ001 - with UTC
    city=st.none() | st.timedeltas(timedelta(), timedelta(days=40)),
    fired=st.integers(0, 7),
    extended=st.sampled_from([0, 1, 3, 60, 60 * 24 * 3]),
)
@example((ClockName.HANDLING, "特急办理"), FRIDAY_EVENING, None, 0, 60 * 24 * 3).via("days now: yellow before a half")
def test_the_next_mark_is_the_earliest_that_is_not_on_record(rule, start, city, fired, extended):
    blank = ClockRun(clock=rule[0], rule=rule[1], start=start, due=start, city=None if city is None else start + city)
    timed = TIMETABLE.of(blank)
    assert timed is not None
    due, _ = TIMETABLE.first_due(timed, blank.start, blank.city)
    assert due == TIMETABLE.due(timed, blank)[0]
    longer = blank.model_copy(update={"extended": extended})
    run = longer.model_copy(update={"due": TIMETABLE.due(timed, longer)[0]})
    marks = TIMETABLE.marks(run, timed)
    run = run.model_copy(update={"fired": tuple(mark for mark, _ in marks[:fired])})
    assert TIMETABLE.next_mark(run, timed) == next((instant for _, instant in marks[fired:]), None)
