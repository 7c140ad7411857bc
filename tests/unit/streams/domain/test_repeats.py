"""Repeated, stale and same messages change nothing; deciding again gives the same bytes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from schemas.case import State, encode_row
from schemas.codec import encode
from schemas.dispatch import CityStatus
from schemas.feedback import FeedbackKind
from schemas.ids import derived_id
from schemas.order import OrderAction
from schemas.report import ReportKind
from streams.domain.decide import decide
from streams.domain.decision import Context, Decision, Ignored, IgnoredReason, Moved
from streams.domain.draft import REMEMBERED
from streams.domain.policy import Department, Policy
from streams.domain.rules import Rules
from tests.support.domain import (
    NOON,
    ROADS,
    RULES,
    Desk,
    a_department,
    a_dispatch,
    a_policy,
    a_report,
    an_order,
    at,
)

SAME, STALE, REPEATED = (
    Ignored(reason) for reason in (IgnoredReason.SAME, IgnoredReason.STALE, IgnoredReason.REPEATED)
)


def test_a_repeated_report_changes_nothing() -> None:
    desk = at("dispatched")
    desk.say(a_report(ReportKind.CONTACTED), by="water", id="one")
    before = desk.case
    decision = desk.say(a_report(ReportKind.CONTACTED), by="water", id="one")
    assert decision.verdict == REPEATED
    assert decision.outputs == ()
    assert decision.case is before


def test_a_refused_message_is_refused_once() -> None:
    desk = at("dispatched")
    first = desk.say(a_report(ReportKind.RESULT), by="housing", id="one")
    again = desk.say(a_report(ReportKind.RESULT), by="housing", id="one")
    assert (first.verdict, again.verdict) == (Ignored(IgnoredReason.NOT_HOLDER), REPEATED)
    assert again.outputs == ()


def test_a_forgotten_id_is_recognised_by_its_origin() -> None:
    desk = at("dispatched")
    for number in range(REMEMBERED + 1):
        desk.say(a_report(ReportKind.PROGRESS), by="water", id=f"id{number}", origin=f"dept.water.reports/0/{number}")
    assert desk.case is not None
    assert len(desk.case.seen) == REMEMBERED
    late = a_report(ReportKind.PROGRESS)
    assert desk.say(late, by="water", id="id0", origin="dept.water.reports/0/0").verdict == REPEATED
    assert desk.say(late, by="water", id="new", origin="dept.water.reports/0/65").verdict == Moved()
    assert desk.say(late, by="town", id="other", origin="dept.town.reports/0/1").verdict == Moved()
    assert desk.say(late, by="water", id="replayed").verdict == Moved()


@pytest.mark.parametrize("origin", ["", "nonsense", "topic/0/x", "/3"])
def test_an_origin_that_cannot_be_read_is_none(origin: str) -> None:
    desk = at("dispatched")
    assert desk.say(a_report(ReportKind.SIGNED), by="water", origin=origin).verdict == Moved()
    assert desk.case is not None
    assert desk.case.positions == {}


def test_while_ids_are_remembered_an_earlier_origin_is_no_repeat() -> None:
    desk = at("dispatched")
    desk.say(a_report(ReportKind.SIGNED), by="water", id="late", origin="dept.water.reports/0/9")
    decision = desk.say(a_report(ReportKind.PROGRESS), by="water", id="early", origin="dept.water.reports/0/3")
    assert decision.verdict == Moved()
    assert desk.case is not None
    assert desk.case.positions["dept.water.reports/0"] == 9


OLD, NEW = NOON, NOON + timedelta(hours=1)
VIEWS: dict[str, tuple[list[dict[str, Any]], list[object]]] = {
    "the same again": ([{}, {}], [Moved(), SAME]),
    "a touch without a change": ([{}, {"updated_at": NEW}], [Moved(), SAME]),
    "a change": ([{}, {"title": "二", "updated_at": NEW}], [Moved(), Moved()]),
    "an older view": ([{"updated_at": NEW}, {"title": "二", "updated_at": OLD}], [Moved(), STALE]),
    "a change without a new update time": ([{}, {"title": "二"}], [Moved(), Moved()]),
    "back to what was at the same update time": ([{}, {"title": "二"}, {}], [Moved(), Moved(), STALE]),
    "back to what was, later": ([{}, {"title": "二"}, {"updated_at": NEW}], [Moved(), Moved(), Moved()]),
    "an old change after a touch": (
        [{}, {"updated_at": NEW}, {"title": "二", "updated_at": OLD + timedelta(minutes=1)}], [Moved(), SAME, STALE],
    ),
    "twins are forgotten with their time": (
        [{}, {"title": "二"}, {"title": "三", "updated_at": NEW}, {"updated_at": NEW}],
        [Moved(), Moved(), Moved(), Moved()],
    ),
    "a lower round with a newer time is an amendment of this round": (
        [{"round": 2}, {"round": 1, "title": "二", "updated_at": NEW}], [Moved(), Moved()],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", VIEWS)
def test_views_of_the_city(what: str) -> None:
    views, verdicts = VIEWS[what]
    desk = Desk()
    assert [desk.say(a_dispatch(**view)).verdict for view in views] == verdicts
    quiet = [decision for decision in desk.decisions if decision.verdict != Moved()]
    assert all(decision.outputs == () and not decision.adopted for decision in quiet)


def test_a_round_never_falls() -> None:
    desk = Desk()
    desk.shows(round=2)
    desk.shows(round=1, title="二")
    assert desk.case is not None
    assert (desk.case.round, desk.case.state, desk.case.version) == (2, State.DISPATCHED, 2)


def _steps() -> dict[str, Callable[[Desk], Decision]]:
    return {
        "new": lambda desk: desk.shows(),
        "amended": lambda desk: desk.shows(title="二"),
        "signed": lambda desk: desk.reports("water", ReportKind.SIGNED),
        "contacted": lambda desk: desk.reports("water", ReportKind.CONTACTED),
        "routed": lambda desk: desk.orders(OrderAction.ROUTE, to=("gas", "water")),
        "returned": lambda desk: desk.reports("gas", ReportKind.RETURN),
        "answered": lambda desk: desk.reports("housing", ReportKind.RESULT),
        "delivered": lambda desk: desk.answers(FeedbackKind.SIGN),
        "closed": lambda desk: desk.shows(status=CityStatus.CLOSED),
    }


def _bytes(decision: Decision) -> list[tuple[str, str, bytes]]:
    return [(output.topic, output.id, encode(output.message)) for output in decision.outputs]


def test_deciding_again_gives_the_same_bytes() -> None:
    first, second = Desk(), Desk()
    for step in _steps().values():
        assert _bytes(step(first)) == _bytes(step(second))
        assert first.case is not None
        assert second.case is not None
        assert encode_row(first.case, first.stored) == encode_row(second.case, second.stored)


def test_an_id_is_derived_from_dispatch_seq_kind_and_receiver() -> None:
    desk = at("dispatched")
    kinds = {
        "bridge.journal": lambda message: ("fact", ""),
        "city.feedback": lambda message: (f"feedback.{message.kind}", ""),
        "bridge.notices": lambda message: (f"notice.{message.kind}", message.department),
        "dept.water.dispatches": lambda message: ("assignment", "water"),
        "dept.town.dispatches": lambda message: ("assignment", "town"),
    }
    for output in desk.outputs:
        kind, receiver = kinds[output.topic](output.message)
        assert output.id == derived_id(output.key, output.message.seq, kind, receiver)  # type: ignore[attr-defined]


def _renamed(policy: Policy, **changes: Any) -> Policy:
    return policy.model_copy(update=changes)


POLICIES: dict[str, Callable[[Policy], Policy]] = {
    "names": lambda policy: _renamed(
        policy, departments=tuple(one.model_copy(update={"name": one.name + "!"}) for one in policy.departments)
    ),
    "a new department": lambda policy: _renamed(policy, departments=(*policy.departments, a_department("new"))),
    "the cap": lambda policy: _renamed(policy, return_cap=5),
    "the arbiter": lambda policy: _renamed(policy, arbiter="desk"),
}


@pytest.mark.parametrize("what", POLICIES)
@pytest.mark.parametrize("name", ["dispatched", "working", "reporting", "second_round", "unknown_code"])
def test_a_replay_under_another_policy_keeps_the_ids(name: str, what: str) -> None:
    """A worker died between outputs and row, and came back with a policy that names the same receivers."""
    before, after = Desk(), Desk(rules=Rules.of(POLICIES[what](a_policy())))
    for step in ROADS[name][1]:
        step(before)
        step(after)
    assert [output.id for output in before.outputs] == [output.id for output in after.outputs]


def test_a_replay_that_routes_elsewhere_keeps_the_ids_of_all_facts_and_feedback() -> None:
    """The receiver is part of an assignment's id: another department's record is another record."""
    closed = {"water": False}
    departments: tuple[Department, ...] = tuple(
        one.model_copy(update={"enabled": closed.get(one.code, True), "deputy": "gas"})
        for one in a_policy().departments
    )
    context = Context(1, "one")
    first = decide(None, a_dispatch(), context, RULES)
    again = decide(None, a_dispatch(), context, Rules.of(a_policy(departments=departments)))
    common = ("bridge.journal", "city.feedback")

    def ids(decision: Decision) -> list[str]:
        return [output.id for output in decision.outputs if output.topic in common]

    assert ids(first) == ids(again)
    assert {output.topic for output in again.outputs} - {output.topic for output in first.outputs} == {
        "dept.gas.dispatches"
    }


def test_a_person_may_say_the_same_twice() -> None:
    desk = at("dispatched")
    verdicts = [desk.say(an_order(OrderAction.NOTE), id=one).verdict for one in ("one", "two", "one")]
    assert verdicts == [Moved(), Moved(), REPEATED]
