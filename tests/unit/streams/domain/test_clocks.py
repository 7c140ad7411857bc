"""What starts, stops, pauses and moves a deadline, by the county file of helin: domain study 9.1 to 9.9."""

from datetime import date, timedelta

import pytest

from schemas.assignment import Action, Assignment
from schemas.clock import ClockName, DueMark
from schemas.fact import FactKind
from schemas.feedback import FeedbackKind, OutcomeKind, Timeliness
from schemas.notice import Notice, NoticeKind
from schemas.order import OrderAction
from schemas.report import ReportKind
from streams.domain.calendar import Calendar, NamedDay
from streams.domain.deadlines import Deadlines
from streams.domain.decision import Ignored, IgnoredReason
from streams.domain.rules import Rules
from streams.domain.timetable import Timetable
from tests.support.domain import Desk, a_dispatch, a_policy
from tests.support.watched import HELIN, MONDAY, TIMETABLE, ZONE, Watch, local, watched

DUE = {
    "a consultation: one working day, over the weekend": ("2026-03-06", "16:00", {"kind": "consult"}, "2026-03-10"),
    "a request on the eve of National Day: the make-up Saturday counts": (
        "2026-09-30", "09:00", {"kind": "help"}, "2026-10-14",
    ),
    "a complaint over Spring Festival": ("2026-02-13", "09:00", {"kind": "complaint"}, "2026-03-06"),
    "difficult ones in natural days, moved off the weekend": (
        "2026-03-06", "09:00", {"kind": "complaint", "category": "land.title"}, "2026-03-24",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("day", "clock", "changes", "midnight"), DUE.values(), ids=DUE)
def test_a_deadline_in_days_ends_at_midnight_of_the_day_that_the_calendar_gives(day, clock, changes, midnight):
    assert watched(local(day, clock), **changes).handling.due == local(midnight)


def test_minutes_and_hours_run_through_the_night():
    desk = watched(local("2026-03-06", "23:50"), urgency="critical")
    assert desk.handling.due == local("2026-03-07", "01:50")
    assert desk.run(ClockName.DEPARTMENT_SIGN, "water").due == desk.clock + timedelta(minutes=20)


@pytest.mark.parametrize(("city", "binds"), [("2026-03-05", "2026-03-05"), ("2026-04-30", "2026-03-17")])
def test_of_the_citys_deadline_and_ours_the_earlier_binds(city, binds):
    desk = watched(due_at=local(city))
    assert desk.handling.due == local(binds)
    assert desk.handling.city == local(city)


def test_a_department_is_due_earlier_by_the_margin_and_not_at_all_on_a_short_clock():
    desk = watched()
    (given,) = [one.message for one in desk.outputs if isinstance(one.message, Assignment) if one.message.lead][:1]
    assert given.due_at == local("2026-03-14"), "nine of ten working days"
    short = watched(urgency="critical")
    (given,) = [one.message for one in short.outputs if isinstance(one.message, Assignment)][:1]
    assert given.due_at == short.handling.due


def test_a_return_a_transfer_and_late_signing_never_stop_handling():
    desk = Watch(MONDAY, return_cap=3)
    desk.shown()
    due = desk.handling.due
    desk.reports("water", ReportKind.RETURN)
    desk.reports("gas", ReportKind.TRANSFER)
    desk.until(desk.clock + timedelta(hours=30))
    desk.reports("housing", ReportKind.SIGNED)
    assert desk.handling.due == due
    assert desk.handling.start == MONDAY
    assert desk.case is not None
    holders = {entry.split("|")[2]: entry.split("|")[3] for entry in desk.case.ended if entry.startswith("department_")}
    assert (holders["water"], holders["gas"], holders["housing"]) == ("met", "met", "met_late")


def test_a_pause_moves_the_deadline_by_what_it_was_in_working_days():
    desk = watched()
    desk.reports("water", ReportKind.SIGNED)
    desk.until(local("2026-03-06", "16:00"))
    desk.orders(OrderAction.LEDGER_OPEN)
    assert desk.handling.next is None
    desk.until(local("2026-03-09", "09:00"))
    desk.orders(OrderAction.LEDGER_CLOSE)
    assert desk.handling.due == local("2026-03-18"), "Friday to Monday is one working day"
    assert desk.handling.original == local("2026-03-17")


def test_a_critical_clock_may_not_wait_for_the_citizen():
    desk = watched(urgency="critical")
    desk.reports("water", ReportKind.SIGNED)
    assert desk.orders(OrderAction.PAUSE).verdict == Ignored(IgnoredReason.ILLEGAL)


def test_an_extension_that_the_city_grants_moves_the_deadline_and_tells_who_works_on_it():
    desk = watched(due_at=local("2026-03-17"))
    desk.reports("water", ReportKind.EXTENSION, extend_days=3)
    assert desk.handling.due == local("2026-03-17"), "a request does not stop the clock"
    granted = desk.answers(FeedbackKind.EXTENSION)
    assert desk.handling.due == local("2026-03-20")
    assert desk.handling.original == local("2026-03-17")
    told = [one.message for one in granted.outputs if isinstance(one.message, Assignment)]
    assert {one.action for one in told} == {Action.AMENDED}
    assert all(one.due_at is not None and one.due_at > local("2026-03-18") for one in told)


def test_an_extension_that_the_city_shows_before_it_answers_is_granted_once():
    desk = watched(due_at=local("2026-03-17"))
    desk.reports("water", ReportKind.EXTENSION, extend_days=3)
    desk.shown(due_at=local("2026-03-20"))
    assert (desk.handling.due, desk.handling.city, desk.handling.grants) == (
        local("2026-03-20"),
        local("2026-03-20"),
        1,
    )
    desk.answers(FeedbackKind.EXTENSION)
    assert (desk.handling.due, desk.handling.city, desk.handling.grants) == (
        local("2026-03-20"),
        local("2026-03-20"),
        1,
    )


def test_an_extension_that_the_city_refuses_moves_nothing_and_the_lead_hears_of_it():
    desk = watched(due_at=local("2026-03-17"))
    desk.reports("water", ReportKind.EXTENSION, extend_days=3)
    refused = desk.answers(FeedbackKind.EXTENSION, OutcomeKind.REJECTED)
    assert desk.handling.due == local("2026-03-17")
    kinds = [one.message.kind for one in refused.outputs if isinstance(one.message, Notice)]
    assert NoticeKind.EXTENSION_REFUSED in kinds


def test_an_extension_after_the_deadline_too_long_or_a_second_time_is_refused():
    desk = watched()
    assert desk.reports("water", ReportKind.EXTENSION, extend_days=11).verdict == Ignored(IgnoredReason.OVER_CAP)
    desk.orders(OrderAction.EXTEND, days=2)
    assert desk.handling.due == local("2026-03-19"), "no deadline of the city's: the county extends"
    assert desk.orders(OrderAction.EXTEND, days=1).verdict == Ignored(IgnoredReason.OVER_CAP)
    late = watched()
    late.until(local("2026-03-17", "01:00"))
    verdict = late.reports("water", ReportKind.EXTENSION, extend_days=3).verdict
    assert verdict == Ignored(IgnoredReason.LATE_REQUEST)


def test_another_urgency_keeps_the_start_and_may_be_over_at_once():
    desk = watched()
    desk.until(MONDAY + timedelta(hours=5))
    desk.shown(urgency="critical")
    assert desk.handling.start == MONDAY
    assert desk.handling.due == MONDAY + timedelta(hours=2)
    marks = desk.marks(ClockName.HANDLING)
    assert [f.details["mark"] for f in marks][-1] == "breach"
    assert {f.details["cause"] for f in marks} == {"retroactive"}
    assert {f.details["late_s"] for f in marks} == {0}


def test_a_redo_is_a_new_round_and_the_round_before_stays_as_it_ended():
    desk = watched()
    desk.reports("water", ReportKind.RESULT)
    desk.answers(FeedbackKind.RESULT)
    assert desk.ended(ClockName.HANDLING) == ["met"]
    desk.until(local("2026-03-05", "09:00"))
    desk.shown(round=2)
    assert desk.handling.round == 2
    assert desk.handling.start == desk.clock
    assert desk.ended(ClockName.HANDLING) == ["met"]
    assert desk.run(ClockName.SIGN) is None


ENDS = {
    "withdrawn": ({"status": "withdrawn"}, "cancelled"),
    "merged": ({"status": "merged", "merged_into": "city:HS9"}, "excluded"),
    "closed by the city half way": ({"status": "closed"}, "met"),
}


@pytest.mark.parametrize(("changes", "outcome"), ENDS.values(), ids=ENDS)
def test_when_it_is_over_no_clock_runs(changes, outcome):
    desk = watched()
    desk.shown(**changes)
    assert desk.case is not None
    assert desk.case.clocks == ()
    assert desk.case.due is None
    assert desk.ended(ClockName.HANDLING) == [outcome]


def test_a_day_beyond_the_calendar_makes_a_deadline_provisional_and_a_new_calendar_moves_it():
    desk = watched(local("2026-12-28", "09:00"), kind="help")
    assert desk.handling.provisional
    assert desk.case is not None
    assert desk.case.calendar == TIMETABLE.calendar.version
    years = HELIN.calendar
    days = [NamedDay(date(2027, 1, day), False, "元旦") for day in (1, 4)]
    published = Calendar("cn", ZONE, days, years.first, date(2027, 12, 31))
    desk.rules = Rules.of(a_policy(), Timetable(HELIN.deadlines, published, TIMETABLE.levels))
    case = desk.case
    assert case.due is not None
    before = desk.handling.due
    desk.say(DueMark(dispatch=case.id, gen=case.gen, due=case.due, at=desk.tick(), calendar=published.version))
    assert not desk.handling.provisional
    assert desk.handling.due == before + timedelta(days=2)
    changed = [f for f in desk.facts() if f.fact is FactKind.DEADLINE_CHANGED]
    assert [f.details["why"] for f in changed if f.details["clock"] == "handling"] == ["calendar"]


@pytest.mark.parametrize("levels", [[], ["bureau"]])
def test_a_file_that_changed_moves_no_running_clock_when_a_department_of_the_same_level_takes_over(levels):
    desk = watched()
    before = desk.handling
    said = TIMETABLE.deadlines.model_dump(mode="json", by_alias=True)
    said["clocks"]["handling"] = [{"name": "new", "within": "1 working_days", "when": {"level": levels}}]
    desk.rules = Rules.of(a_policy(), Timetable(Deadlines.model_validate(said), TIMETABLE.calendar, TIMETABLE.levels))
    desk.orders(OrderAction.ROUTE, to=("gas",))
    assert desk.case is not None
    assert desk.case.lead == "gas"
    assert desk.handling == before


def test_without_deadlines_nothing_is_watched():
    desk = Desk()
    desk.say(a_dispatch())
    assert desk.case is not None
    assert desk.case.clocks == ()
    mark = DueMark(dispatch=desk.case.id, gen=0, due=MONDAY, at=MONDAY)
    assert desk.say(mark).verdict == Ignored(IgnoredReason.UNKNOWN_DISPATCH)


STANDING = {
    "in time": ((), Timeliness.IN_TIME),
    "after an extension": ((2,), Timeliness.EXTENDED),
    "overdue": ((), Timeliness.OVERDUE),
}


@pytest.mark.parametrize(("extended", "standing"), STANDING.values(), ids=STANDING)
def test_the_city_is_told_how_a_result_stands_to_its_deadline(extended, standing):
    desk = watched()
    for days in extended:
        desk.orders(OrderAction.EXTEND, days=days)
    if standing is Timeliness.OVERDUE:
        desk.until(local("2026-03-18"))
    desk.reports("water", ReportKind.RESULT)
    assert desk.told()[-1].timeliness is standing
