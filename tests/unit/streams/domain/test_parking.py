"""Parking: what comes after a dead record of the same dispatch waits, in order, until a person lets it go on."""

import pytest

from schemas.case import State, decode_row, encode_row
from schemas.dead_letter import DeadReason
from schemas.fact import FactKind
from schemas.notice import NoticeKind
from schemas.order import OrderAction
from schemas.report import ReportKind
from schemas.topics import NOTICES
from streams.domain.decision import Context, Ignored, IgnoredReason, Moved, Parked
from streams.domain.parking import park
from tests.support.domain import ID, NOON, ROADS, RULES, Desk, a_dispatch, a_report, an_order, at, records, well_formed

DEAD = "bridge.inbox/3/77"


def _park(desk: Desk) -> None:
    context = Context(100, "dead")
    decision = park(desk.case, ID, DEAD, DeadReason.HANDLER_FAILED, NOON, context, desk.rules, desk.stored)
    assert decision.verdict == Moved()
    assert all(map(well_formed, decision.outputs))
    desk.decisions.append(decision)
    desk.outputs += decision.outputs
    desk.case = decision.case


@pytest.mark.parametrize("name", ROADS)
def test_whatever_comes_is_parked_and_leaves_no_trace(name: str) -> None:
    desk = at(name)
    _park(desk)
    before = desk.case
    assert before is not None
    for message, by in (
        (a_report(ReportKind.RESULT), "water"),
        (a_dispatch(title="新"), None),
        (an_order(OrderAction.CLOSE), None),
    ):
        decision = desk.say(message, by=by)
        assert decision.verdict == Parked(DEAD)
        assert decision.outputs == ()
        assert decision.case is before
    assert before.state is ROADS[name][0]


def test_the_duty_desk_is_told_and_the_journal_knows() -> None:
    desk = at("dispatched")
    _park(desk)
    assert desk.facts()[-1].fact is FactKind.PARKED
    (notice,) = records(desk.decisions[-1], NOTICES)
    assert (notice.kind, notice.department, notice.reason) == (NoticeKind.PARKED, "desk", "handler_failed")


def test_a_second_dead_record_changes_nothing() -> None:
    desk = at("dispatched")
    _park(desk)
    again = park(desk.case, ID, "bridge.inbox/3/99", DeadReason.INVALID, NOON, Context(101, "x"), RULES, desk.stored)
    assert (again.case, again.outputs) == (desk.case, ())


def test_a_dispatch_whose_first_record_is_dead_waits_to_be_repaired() -> None:
    desk = Desk()
    _park(desk)
    assert desk.case is not None
    assert (desk.case.state, desk.case.version, desk.case.id) == (State.QUARANTINED, 0, ID)
    case, stored = decode_row(encode_row(desk.case, b""))
    assert (case, stored) == (desk.case, b"")


def test_let_go_it_goes_on_where_it_was() -> None:
    desk = at("working")
    _park(desk)
    assert desk.orders(OrderAction.UNPARK).verdict == Moved()
    assert desk.case is not None
    assert (desk.case.parked, desk.case.state) == (None, State.HANDLING)
    assert desk.reports("water", ReportKind.RESULT).verdict == Moved()
    assert [fact.fact for fact in desk.facts()][-4:-2] == [FactKind.PARKED, FactKind.UNPARKED]


def test_let_go_a_dispatch_that_never_was_readable_begins_with_its_first_view() -> None:
    desk = Desk()
    _park(desk)
    desk.orders(OrderAction.UNPARK)
    unknown = Ignored(IgnoredReason.UNKNOWN_DISPATCH)
    assert desk.reports("water", ReportKind.SIGNED).verdict == unknown
    desk.shows()
    assert desk.case is not None
    assert desk.case.state is State.DISPATCHED
    assert [fact.seq for fact in desk.facts()] == list(range(1, desk.case.seq + 1))


def test_a_repeat_is_not_parked() -> None:
    desk = at("dispatched")
    desk.say(a_report(ReportKind.SIGNED), by="water", id="one")
    _park(desk)
    assert desk.say(a_report(ReportKind.SIGNED), by="water", id="one").verdict == Ignored(IgnoredReason.REPEATED)
