"""What a letter says follows from the journal: which step, which deadline, how late, by when to answer."""

from datetime import UTC, datetime, timedelta

import pytest

from deploy.letters.content import Letter, NoLetter, letter_of, overdue
from schemas.clock import ClockName
from schemas.order import Rung
from streams.domain.deadlines import Mark
from tests.support.bridge import dispatch
from tests.support.letters import CALENDAR, DUE, RECEIVED, RED, TIMETABLE, facts, marked, step, taken

NAMES = {"water": "自来水公司", "desk": "县中心"}
CITIZEN = {"name": "甲乙丙", "phone": "13900001111"}


def of(*said, number=None, **fields):
    shown = dispatch("HS1", caller=CITIZEN, **fields)
    return letter_of(facts(*said), shown, number, centre="县中心", names=NAMES, timetable=TIMETABLE)


def letter(*said, **options):
    found = of(*said, **options)
    assert isinstance(found, Letter)
    return found


def test_a_written_step_gives_a_letter_with_its_number_deadline_and_time_to_answer():
    found = letter(marked("breach"), marked("red"), step("written", 1))
    assert (found.rung, found.number, found.step, found.mark) == (Rung.WRITTEN, "HS1-1", 1, Mark.RED)
    assert (found.centre, found.to, found.dispatch, found.title) == ("县中心", "自来水公司", "HS1", "自来水管破裂")
    assert (found.due, found.issued) == (DUE, RED + timedelta(minutes=3))
    assert found.answer_by == datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    assert found.by is None


@pytest.mark.parametrize(
    ("said", "number", "why"),
    [
        ((), None, NoLetter.NOTHING),
        ((marked("red"),), None, NoLetter.NOTHING),
        ((step("phone", 1),), None, NoLetter.BY_PHONE),
        ((step("phone", 1), step("written", 2)), 1, NoLetter.BY_PHONE),
        ((step("written", 1),), 2, NoLetter.NO_SUCH_STEP),
    ],
)
def test_where_there_is_no_letter_it_says_why(said, number, why):
    assert of(*said, number=number) is why


def test_the_last_step_that_has_a_letter_is_printed_unless_another_is_named():
    said = (step("written", 1), step("onsite", 2), step("phone", 3))
    assert letter(*said).rung is Rung.ONSITE
    assert letter(*said, number=1).rung is Rung.WRITTEN


def test_a_step_that_a_person_took_is_dated_by_its_opening_and_records_the_answer():
    found = letter(
        marked("overdue5"),
        step("interview", 1, mark="overdue5"),
        taken("interview", 1, whom="丙领导", persons=3, answer="甲乙丙家 13900001111 周五前恢复"),
    )
    assert (found.mark, found.issued) == (Mark.OVERDUE5, RED + timedelta(minutes=2))
    assert (found.whom, found.persons, found.by) == ("丙领导", 3, "王某")
    assert "周五前恢复" in found.answer
    assert "13900001111" not in found.answer
    assert "甲乙丙" not in found.answer
    assert found.number == "HS1-1"


def test_the_title_carries_no_caller():
    found = letter(step("written", 1), title="甲乙丙 13900001111 家停水")
    assert "家停水" in found.title
    assert "甲乙丙" not in found.title
    assert "13900001111" not in found.title


def test_the_deadline_is_that_of_the_mark_which_called_for_the_letter():
    later = DUE + timedelta(days=4)
    said = (
        RECEIVED,
        marked("red"),
        marked("red", due=later),
        marked("red", clock="contact"),
        marked("breach", due=RED),
        step("written", 1),
        marked("red", due=later + timedelta(days=9)),
    )
    assert letter(*said).due == later


def test_another_departments_clock_is_not_taken_for_its_own():
    def sign(department, due):
        return "marked", {**marked("breach", clock="department_sign", due=due)[1], "_department": department}

    found = letter(sign("water", RED), sign("housing", DUE), step("written", 1, clock="department_sign", mark="breach"))
    assert (found.clock, found.due) == (ClockName.DEPARTMENT_SIGN, RED)


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ((RECEIVED,), DUE),
        ((RECEIVED, marked("p50"), ("extended", {"clock": "handling", "days": 1})), DUE + timedelta(days=1)),
        ((), None),
    ],
)
def test_a_persons_step_goes_by_the_deadline_that_the_facts_before_it_give(said, due):
    assert letter(*said, taken("written", 1)).due == due


@pytest.mark.parametrize(
    ("rung", "answer_by"),
    [
        ("written", datetime(2026, 3, 10, 9, 0, tzinfo=UTC)),
        ("onsite", datetime(2026, 3, 10, 9, 0, tzinfo=UTC)),
        ("interview", datetime(2026, 3, 12, 9, 0, tzinfo=UTC)),
    ],
)
def test_the_time_to_answer_is_counted_in_working_days(rung, answer_by):
    assert letter(step(rung, 1)).answer_by == answer_by


@pytest.mark.parametrize(
    ("at", "late"),
    [
        (DUE, ""),
        (DUE - timedelta(minutes=1), ""),
        (DUE + timedelta(minutes=5), "1个工作日"),
        (RED - timedelta(minutes=1), "1个工作日"),
        (RED, "2个工作日"),
        (RED + timedelta(days=1), "3个工作日"),
    ],
)
def test_overdue_is_counted_in_working_days_after_the_day_of_the_deadline(at, late):
    assert overdue(DUE, at, CALENDAR) == late


@pytest.mark.parametrize(
    ("after", "late"),
    [
        (timedelta(minutes=12), "12分钟"),
        (timedelta(hours=2), "2小时"),
        (timedelta(hours=2, minutes=5), "2小时5分钟"),
        (timedelta(seconds=30), "0分钟"),
    ],
)
def test_on_the_day_of_the_deadline_overdue_is_told_in_hours_and_minutes(after, late):
    due = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
    assert overdue(due, due + after, CALENDAR) == late
