"""Every state answers every message: with Moved, or with Ignored and a reason of the closed list."""

from typing import Final

import pytest

from schemas.assignment import Role
from schemas.case import Case, HoldingState, State
from schemas.dispatch import CityStatus
from schemas.fact import FactKind
from schemas.feedback import FeedbackKind, Outcome, OutcomeKind
from schemas.order import OrderAction
from schemas.report import ReportKind
from streams.domain.decision import SILENT, Ignored, Inbound, Moved
from streams.domain.fold import fold
from streams.domain.lifecycle import ORDERS, UNLED
from tests.support.domain import ID, NOON, ROADS, Desk, a_dispatch, a_report, an_order, at, well_formed

Said = tuple[Inbound, str | None]

MESSAGES: Final[dict[str, Said]] = {
    **{f"report.{kind}.{who}": (a_report(kind), who) for kind in ReportKind for who in ("water", "town", "housing")},
    "report.without_speaker": (a_report(ReportKind.SIGNED), None),
    "report.old_round": (a_report(ReportKind.SIGNED, round=9), "water"),
    "report.no_reply": (a_report(ReportKind.RESULT, public_reply=" "), "water"),
    "report.no_reason": (a_report(ReportKind.RETURN, reason=None), "water"),
    "report.to_nowhere": (a_report(ReportKind.TRANSFER, to="nowhere"), "water"),
    **{f"order.{action}": (an_order(action), None) for action in OrderAction},
    "order.route.by_rule": (an_order(OrderAction.ROUTE, to=()), None),
    "order.route.nowhere": (an_order(OrderAction.ROUTE, to=("nowhere",)), None),
    "order.route.assist_leads": (an_order(OrderAction.ROUTE, to=("town", "water")), None),
    "order.merge.nowhere": (an_order(OrderAction.MERGE, merged_into=None), None),
    "order.merge.itself": (an_order(OrderAction.MERGE, merged_into=ID), None),
    **{
        f"outcome.{kind}.{outcome}.{nth}": (
            Outcome(dispatch=ID, feedback_id="f" * 24, kind=kind, round=nth, outcome=outcome, at=NOON), None
        )
        for kind in FeedbackKind for outcome in OutcomeKind for nth in (1, 2)
    },
    **{
        f"city.{status}.{nth}": (
            a_dispatch(status=status, round=nth, updated_at=NOON.replace(month=4), merged_into="city:HS9"), None
        )
        for status in CityStatus for nth in (1, 2, 3)
    },
    "city.older": (a_dispatch(title="旧", updated_at=NOON.replace(month=1)), None),
    "city.secret": (a_dispatch(secret=True, about=("water",), updated_at=NOON.replace(month=4)), None),
    "city.other_category": (a_dispatch(category="housing.title", updated_at=NOON.replace(month=4)), None),
}  # fmt: skip


def test_the_roads_lead_to_every_state_that_lasts() -> None:
    passing = {State.RECEIVED, State.SIGNED, State.REOPENED}
    assert {state for state, _ in ROADS.values()} == set(State) - passing


@pytest.mark.parametrize("name", ROADS)
def test_a_road_leads_to_its_state(name: str) -> None:
    desk = at(name)
    assert desk.case is not None
    assert desk.case.state is ROADS[name][0]


@pytest.mark.parametrize("name", ROADS)
def test_every_message_is_answered(name: str) -> None:
    for said, (message, speaker) in MESSAGES.items():
        desk = at(name)
        before, sent = desk.case, len(desk.outputs)
        decision = desk.say(message, by=speaker)
        new = decision.outputs
        assert before is not None
        assert decision.case is not None, said
        assert all(map(well_formed, new)), said
        assert [fact.seq for fact in desk.facts()] == list(range(1, decision.case.seq + 1)), said
        assert len({output.id for output in desk.outputs}) == len(desk.outputs), said
        if isinstance(decision.verdict, Ignored):
            facts = [fact.fact for fact in desk.facts()[before.seq :]]
            assert facts == ([] if decision.verdict.reason in SILENT else [FactKind.IGNORED]), said
            assert len(desk.outputs) - sent == len(facts), said
            assert decision.case.state is before.state, said
            assert decision.case.holdings == before.holdings, said
        else:
            assert decision.verdict == Moved(), said
            assert new, said
        _holds(decision.case.state, desk.case, said)
        if decision.case.version:
            _folds(desk, said)


def _holds(state: State, case: Case | None, said: str) -> None:
    assert case is not None
    leads = [held for held in case.holdings if held.live and held.role is Role.LEAD]
    assert len(leads) <= 1, said
    if state not in UNLED:
        assert len(leads) == 1, said
    if state in {State.CANCELLED, State.MERGED, State.RETURNED_UP}:
        assert not any(held.live for held in case.holdings), said
    if state is State.CLOSED:
        assert all(held.state is HoldingState.DONE for held in case.holdings if held.live), said


def _folds(desk: Desk, said: str) -> None:
    case, folded = desk.case, fold(desk.facts())
    assert case is not None
    assert (folded.state, folded.round, folded.seq) == (case.state, case.round, case.seq), said
    assert (folded.version, folded.bounces, folded.lead) == (case.version, case.bounces, case.lead), said
    assert folded.first_receiver == case.first_receiver, said
    assert {code: (one.role, one.state) for code, one in folded.shares.items()} == {
        held.department: (held.role, held.state) for held in case.holdings
    }, said


def test_an_order_is_legal_somewhere_or_it_is_unpark() -> None:
    assert set(ORDERS) == set(OrderAction)
    assert [action for action, states in ORDERS.items() if not states] == [OrderAction.UNPARK]
