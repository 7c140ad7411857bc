"""Another calendar comes while dispatches are open: no deadline stays what the earlier one made it."""

from dataclasses import replace
from datetime import UTC, date, datetime

from deploy.county import load
from schemas.case import Case
from schemas.clock import ClockName, DueMark
from schemas.report import ReportKind
from streams.domain.calendar import Calendar
from streams.domain.decide import decide
from streams.domain.decision import Context
from streams.domain.rules import Rules
from streams.domain.timetable import Timetable
from tests.support.calendars import CN, CN_LUNCH, SHANGHAI, WITH_LUNCH, named
from tests.support.domain import ID, a_dispatch, a_report

HELIN = load("helin")
assert HELIN.timetable is not None
UNPUBLISHED = Calendar("cn", SHANGHAI, named(CN, date(2025, 12, 31)), CN.first, date(2025, 12, 31), week=WITH_LUNCH)
BEFORE = Rules.of(HELIN.policy, Timetable(HELIN.timetable.deadlines, UNPUBLISHED, HELIN.timetable.levels))
AFTER = Rules.of(HELIN.policy, Timetable(HELIN.timetable.deadlines, CN_LUNCH, HELIN.timetable.levels))
ISSUED = datetime(2025, 12, 26, 2, 0, tzinfo=UTC)
BY_WEEKDAYS = datetime(2026, 1, 2, 16, 0, tzinfo=UTC)
BY_THE_TABLE = datetime(2026, 1, 5, 16, 0, tzinfo=UTC)


def due(case: Case) -> datetime:
    return next(run.due for run in case.clocks if run.clock is ClockName.HANDLING)


def test_what_is_said_before_the_clocks_are_set_anew_does_not_keep_them_from_it() -> None:
    shown = a_dispatch(issued_at=ISSUED, updated_at=ISSUED, due_at=None, category="roads.street.surface", kind="help")
    case = decide(None, shown, Context(at=0, id="0" * 24), BEFORE).case
    assert case is not None
    assert due(case) == BY_WEEKDAYS

    said = a_report(ReportKind.SIGNED, at=ISSUED.replace(minute=5))
    context = Context(at=1, id="1" * 24, department=case.lead)
    case = decide(case, said, context, AFTER, shown.model_dump_json().encode()).case
    assert case is not None

    assert case.calendar == UNPUBLISHED.version
    asked = DueMark(dispatch=ID, gen=case.gen, due=case.due or ISSUED, at=ISSUED.replace(minute=6))
    asked = asked.model_copy(update={"calendar": CN_LUNCH.version})
    case = decide(case, asked, replace(context, at=2, id="2" * 24), AFTER, shown.model_dump_json().encode()).case
    assert case is not None
    assert due(case) == BY_THE_TABLE
    assert case.calendar == CN_LUNCH.version
