"""A rule-based state machine: views, reports, outcomes, orders, repeats, dead records, in any order."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from schemas.assignment import Action, Assignment, Role
from schemas.case import FINAL, HoldingState
from schemas.dead_letter import DeadReason
from schemas.dispatch import CityStatus, Dispatch
from schemas.fact import FactKind
from schemas.feedback import FeedbackKind, Outcome, OutcomeKind
from schemas.order import OrderAction
from schemas.report import ReportKind, ReturnReason
from schemas.topics import FEEDBACK, JOURNAL
from streams.domain.decision import SILENT, Context, Decision, Ignored, IgnoredReason, Inbound, Moved, Parked
from streams.domain.fold import fold
from streams.domain.lifecycle import UNLED
from streams.domain.parking import park
from streams.domain.rules import Rules
from tests.support.domain import CODES, ID, NOON, Desk, a_dispatch, a_policy, a_report, an_order, well_formed


class Life(RuleBasedStateMachine):
    """One dispatch under everything that can come."""

    @initialize(
        sign=st.sampled_from(["auto", "manual"]), review=st.sampled_from(["auto", "manual"]), cap=st.integers(1, 3)
    )
    def begin(self, sign: str, review: str, cap: int) -> None:
        self.desk = Desk(rules=Rules.of(a_policy(sign=sign, review=review, return_cap=cap)))
        self.said: list[tuple[Inbound, Context]] = []
        self.offset = 0
        self.told: dict[str, Action] = {}

    def _say(self, message: Inbound, department: str | None = None) -> None:
        self.offset += 1
        context = Context(self.offset, f"id-{self.offset}", department, f"some/0/{self.offset}")
        before = self.desk.case
        decision = self.desk.take(message, context)
        if decision.outputs:
            self.said.append((message, context))
        self._check(decision)
        if before is not None and before.state in FINAL and self.desk.case is not None:
            opened = self.desk.case.state not in FINAL
            assert not opened or (isinstance(message, Dispatch) and message.status is CityStatus.OPEN)

    def _check(self, decision: Decision) -> None:
        assert all(map(well_formed, decision.outputs))
        if isinstance(decision.verdict, Parked):
            assert decision.outputs == ()
        elif isinstance(decision.verdict, Ignored):
            kinds = [output.topic for output in decision.outputs]
            assert kinds == ([] if decision.verdict.reason in SILENT else [JOURNAL])
        else:
            assert decision.outputs
        for output in decision.outputs:
            if isinstance(output.message, Assignment):
                self.told[output.message.department] = output.message.action

    @rule(
        status=st.sampled_from([*[CityStatus.OPEN] * 8, *CityStatus]),
        again=st.sampled_from([0, 0, 0, 1]),
        category=st.sampled_from(["utilities.water.outage", "housing.title", "unknown", "other"]),
        title=st.sampled_from(["一", "二"]),
        secret=st.booleans(),
        about=st.sampled_from([(), ("water",), ("desk",)]),
        late=st.sampled_from([1, 1, 1, 0, -5]),
    )
    def city(self, status: CityStatus, again: int, late: int, **view: Any) -> None:
        case = self.desk.case
        number = (case.round if case is not None else 1) + again
        moment = self.desk.tick().replace(microsecond=0) if late > 0 else self.desk.clock.replace(hour=4 + late // 5)
        self._say(a_dispatch(status=status, round=number, updated_at=moment, merged_into="city:HS9", **view))

    @rule(
        department=st.sampled_from(CODES),
        kind=st.sampled_from([*ReportKind, ReportKind.RESULT]),
        nth=st.sampled_from([None, None, None, 1, 2]),
        to=st.sampled_from([*CODES, "nowhere", None]),
        reason=st.sampled_from([*ReturnReason, None]),
    )
    def anybody(self, department: str, kind: ReportKind, nth: int | None, **said: Any) -> None:
        self._say(a_report(kind, at=self.desk.tick(), round=nth, **said), department)

    @precondition(lambda self: self.desk.case is not None and self.desk.case.lead is not None)
    @rule(
        kind=st.sampled_from([*ReportKind, ReportKind.RESULT, ReportKind.RESULT]),
        nth=st.sampled_from([0, 0, 0, 1, 2]),
    )
    def holder(self, kind: ReportKind, nth: int) -> None:
        case = self.desk.case
        assert case is not None
        holders = [case.lead, *case.assists]
        self._say(a_report(kind, at=self.desk.tick()), holders[nth % len(holders)])

    @precondition(lambda self: self.desk.case is not None and self.desk.case.parked is not None)
    @rule()
    def let_go(self) -> None:
        self._say(an_order(OrderAction.UNPARK, at=self.desk.tick()))

    @rule(
        action=st.sampled_from(OrderAction),
        to=st.lists(st.sampled_from([*CODES, *CODES, "nowhere"]), max_size=3, unique=True).map(tuple),
    )
    def person(self, action: OrderAction, to: tuple[str, ...]) -> None:
        self._say(an_order(action, at=self.desk.tick(), to=to))

    @precondition(lambda self: any(output.topic == FEEDBACK for output in self.desk.outputs))
    @rule(outcome=st.sampled_from(OutcomeKind), back=st.sampled_from([0, 0, 1]))
    def answer(self, outcome: OutcomeKind, back: int) -> None:
        told = [output for output in self.desk.outputs if output.topic == FEEDBACK]
        output = told[max(0, len(told) - 1 - back)]
        kind, number = output.message.kind, output.message.round  # type: ignore[attr-defined]
        assert isinstance(kind, FeedbackKind)
        self._say(
            Outcome(dispatch=ID, feedback_id=output.id, kind=kind, round=number, outcome=outcome, at=self.desk.tick())
        )

    @precondition(lambda self: bool(self.said))
    @rule(nth=st.integers(0, 20))
    def repeat(self, nth: int) -> None:
        message, before = self.said[-1 - nth % len(self.said)]
        case = self.desk.case
        self.offset += 1
        context = Context(self.offset, before.id, before.department, before.origin)
        decision = self.desk.take(message, context)
        assert decision.outputs == ()
        assert isinstance(decision.verdict, Ignored | Parked)
        if decision.verdict != Ignored(IgnoredReason.SAME):
            assert decision.case is case

    @precondition(lambda self: self.desk.case is None or self.desk.case.parked is None)
    @rule(rare=st.sampled_from([*[False] * 11, True]))
    def dies(self, rare: bool) -> None:
        if not rare:
            return
        self.offset += 1
        place = f"bridge.inbox/0/{self.offset}"
        desk = self.desk
        context = Context(self.offset, place)
        decision = park(desk.case, ID, place, DeadReason.HANDLER_FAILED, NOON, context, desk.rules, desk.stored)
        assert decision.verdict == Moved()
        desk.outputs += decision.outputs
        desk.case = decision.case

    @invariant()
    def facts_are_complete_and_fold_to_the_case(self) -> None:
        case, facts = self.desk.case, self.desk.facts()
        if case is None:
            assert facts == []
            return
        assert [fact.seq for fact in facts] == list(range(1, case.seq + 1))
        folded = fold(facts)
        assert (folded.seq, folded.version, folded.round) == (case.seq, case.version, case.round)
        assert (folded.lead, folded.assists) == (case.lead, case.assists)
        assert folded.parked is (case.parked is not None)
        assert folded.bounces == case.bounces
        if facts[-1].fact not in {FactKind.PARKED, FactKind.UNPARKED}:
            assert folded.state is case.state
        assert {code: (share.role, share.state) for code, share in folded.shares.items()} == {
            held.department: (held.role, held.state) for held in case.holdings
        }

    @invariant()
    def exactly_one_leads_what_is_open(self) -> None:
        case = self.desk.case
        if case is not None:
            leads = [held for held in case.holdings if held.live and held.role is Role.LEAD]
            assert len(leads) == 1 or (not leads and case.state in UNLED)

    @invariant()
    def who_holds_was_told_so_and_who_does_not_was_told_too(self) -> None:
        case = self.desk.case
        for department, action in self.told.items():
            held = case.holding(department) if case is not None else None
            assert held is not None
            assert held.live is (action is not Action.WITHDRAWN)

    @invariant()
    def what_is_over_is_left_alone(self) -> None:
        case = self.desk.case
        if case is not None and case.state in FINAL:
            assert all(held.state is HoldingState.DONE for held in case.holdings if held.live)

    @invariant()
    def ids_are_unique(self) -> None:
        assert len({output.id for output in self.desk.outputs}) == len(self.desk.outputs)


Life.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLife = Life.TestCase
