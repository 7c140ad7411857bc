"""What happens to a dispatch: one line, one story. Facts, what the city is told, what departments are told."""

from collections.abc import Sequence

import pytest

from schemas.assignment import Assignment, Role
from schemas.case import ClosedBy, Flag, HoldingState, SignState, State
from schemas.feedback import Feedback, FeedbackKind, OutcomeKind
from schemas.notice import Audience, Notice, NoticeKind
from schemas.order import OrderAction
from schemas.report import ReportKind, ReturnReason
from schemas.topics import FEEDBACK, NOTICES, department_dispatches
from streams.domain.decision import Ignored, IgnoredReason, Moved
from streams.domain.policy import faults
from tests.support.domain import (
    Desk,
    Step,
    a_department,
    a_policy,
    answered,
    at,
    ordered,
    records,
    says,
    shape,
    shown,
    under,
)

NEW = ["received", "signed", "city:sign", "routed", "assigned", "water:assigned", "assigned", "town:assigned"]
OFF = tuple(
    a_department(code, enabled=code != "water", deputy="gas" if code == "water" else None)
    for code in ("desk", "arbiter", "water", "power", "town", "housing", "gas")
)

STORIES: dict[str, tuple[Sequence[Step], State, list[str]]] = {
    # the way in
    "a first view is signed, routed and given to lead and assist": ([shown()], State.DISPATCHED, NEW),
    "nothing is given where the first view is an end": (
        [shown(status="withdrawn")], State.CANCELLED, ["received", "withdrawn"],
    ),
    "a first view may be of a later round": ([shown(round=3)], State.DISPATCHED, NEW),
    "a person signs where the policy says so": (
        [under(sign="manual"), shown()], State.PENDING_SIGN, ["received"],
    ),
    "routing by hand signs": (
        [under(sign="manual"), shown(), ordered(OrderAction.ROUTE, to=("power",))], State.DISPATCHED,
        ["signed", "city:sign", "routed", "assigned", "power:assigned"],
    ),
    "routing by hand without a name goes by the rules": (
        [under(sign="manual"), shown(), ordered(OrderAction.ROUTE, to=())], State.DISPATCHED, NEW[1:],
    ),
    "a code that no table knows goes to the duty desk": (
        [shown(category="unknown", unknown=("category",))], State.DISPATCHED,
        ["received", "signed", "city:sign", "routed", "assigned", "desk:assigned"],
    ),
    "a table that learns the code routes again": (
        [shown(category="unknown", unknown=("category",)), shown()], State.DISPATCHED,
        ["amended", "unassigned", "desk:withdrawn", "routed", "assigned", "water:assigned", "assigned",
         "town:assigned"],
    ),
    "a duty desk that only signed lets go": (
        [shown(category="unknown", unknown=("category",)), says("desk", ReportKind.SIGNED), shown()],
        State.DISPATCHED,
        ["amended", "unassigned", "desk:withdrawn", "routed", "assigned", "water:assigned", "assigned",
         "town:assigned"],
    ),
    "a duty desk that has begun keeps it": (
        [shown(category="unknown", unknown=("category",)), says("desk", ReportKind.CONTACTED), shown()],
        State.HANDLING, ["amended", "desk:amended"],
    ),
    "a department that is switched off is represented": (
        [under(departments=OFF), shown()], State.DISPATCHED,
        ["received", "signed", "city:sign", "routed", "assigned", "gas:assigned", "assigned", "town:assigned"],
    ),
    # amendments
    "an amendment reaches all who hold it": (
        [shown(), shown(body="已三天")], State.DISPATCHED, ["amended", "water:amended", "town:amended"],
    ),
    "another category does not take it away from who holds it": (
        [shown(), shown(category="housing.title")], State.DISPATCHED, ["amended", "water:amended", "town:amended"],
    ),
    "an amendment after the answer still reaches who answered": (
        [shown(), says("water", ReportKind.RESULT), shown(body="已三天")], State.REPORTING,
        ["amended", "water:amended", "town:amended"],
    ),
    "nobody is told of an amendment after the end": (
        [shown(), shown(status="closed"), shown(status="closed", body="已三天")], State.CLOSED, ["amended"],
    ),
    # the work
    "the lead's signature starts the work": (
        [shown(), says("water", ReportKind.SIGNED)], State.HANDLING, ["signed"],
    ),
    "an assist's signature does not": ([shown(), says("town", ReportKind.SIGNED)], State.DISPATCHED, ["signed"]),
    "a contact is told to the city": (
        [shown(), says("water", ReportKind.CONTACTED)], State.HANDLING, ["contacted", "city:contact"],
    ),
    "progress is told to the city": (
        [shown(), says("town", ReportKind.PROGRESS)], State.DISPATCHED, ["progressed", "city:progress"],
    ),
    "a wish for more time is told to the city": (
        [shown(), says("water", ReportKind.EXTENSION)], State.HANDLING, ["extension_requested", "city:extension"],
    ),
    "a result passes review and goes to the city": (
        [shown(), says("water", ReportKind.RESULT)], State.REPORTING, ["answered", "reviewed", "city:result"],
    ),
    "an assist's result ends its own share only": (
        [shown(), says("town", ReportKind.RESULT)], State.DISPATCHED, ["answered"],
    ),
    "an assist may finish after the lead": (
        [shown(), says("water", ReportKind.RESULT), says("town", ReportKind.RESULT)], State.REPORTING, ["answered"],
    ),
    "a result waits for a person where the policy says so": (
        [under(review="manual"), shown(), says("water", ReportKind.RESULT)], State.REVIEW, ["answered"],
    ),
    "a person passes it": (
        [under(review="manual"), shown(), says("water", ReportKind.RESULT), ordered(OrderAction.PASS)],
        State.REPORTING, ["reviewed", "city:result"],
    ),
    "a person fails it, and the lead does it again": (
        [under(review="manual"), shown(), says("water", ReportKind.RESULT), ordered(OrderAction.FAIL)],
        State.HANDLING, ["reviewed", "water:redo"],
    ),
    "the city has it": (
        [shown(), says("water", ReportKind.RESULT), answered(FeedbackKind.RESULT)], State.REPORTED,
        ["feedback_delivered"],
    ),
    "the city had it already": (
        [shown(), says("water", ReportKind.RESULT), answered(FeedbackKind.RESULT, OutcomeKind.EXISTS)],
        State.REPORTED, ["feedback_delivered"],
    ),
    "the city refuses it, and it can be answered again": (
        [shown(), says("water", ReportKind.RESULT), answered(FeedbackKind.RESULT, OutcomeKind.REJECTED)],
        State.HANDLING, ["feedback_rejected"],
    ),
    "answered again": (
        [shown(), says("water", ReportKind.RESULT), answered(FeedbackKind.RESULT, OutcomeKind.REJECTED),
         says("water", ReportKind.RESULT)],
        State.REPORTING, ["answered", "reviewed", "city:result"],
    ),
    "the county tells the lead that the city refused": (
        [shown(), says("water", ReportKind.RESULT), answered(FeedbackKind.RESULT, OutcomeKind.REJECTED),
         ordered(OrderAction.FAIL)],
        State.HANDLING, ["reviewed", "water:redo"],
    ),
    "a result from the ledger takes it off the ledger": (
        [shown(), ordered(OrderAction.LEDGER_OPEN), says("water", ReportKind.RESULT)], State.REPORTING,
        ["ledger_closed", "answered", "reviewed", "city:result"],
    ),
    "off the ledger by hand": (
        [shown(), says("water", ReportKind.SIGNED), ordered(OrderAction.LEDGER_OPEN),
         ordered(OrderAction.LEDGER_CLOSE)],
        State.HANDLING, ["ledger_closed"],
    ),
    # returns
    "a return goes to the next rule": (
        [shown(), says("water", ReportKind.RETURN)], State.DISPATCHED,
        ["returned", "unassigned", "water:withdrawn", "unassigned", "town:withdrawn", "routed", "assigned",
         "gas:assigned"],
    ),
    "at the cap it goes to the arbiter": (
        [shown(), says("water", ReportKind.RETURN), says("gas", ReportKind.RETURN)], State.DISPATCHED,
        ["returned", "unassigned", "gas:withdrawn", "routed", "assigned", "arbiter:assigned"],
    ),
    "with nobody left to ask it goes to the arbiter": (
        [under(return_cap=9), shown(category="housing.title"), says("housing", ReportKind.RETURN),
         says("desk", ReportKind.RETURN)],
        State.DISPATCHED, ["returned", "unassigned", "desk:withdrawn", "routed", "assigned", "arbiter:assigned"],
    ),
    "an assist that returns is simply gone": (
        [shown(), says("town", ReportKind.RETURN)], State.DISPATCHED, ["returned", "unassigned", "town:withdrawn"],
    ),
    "a transfer goes through the county": (
        [shown(), says("water", ReportKind.TRANSFER, to="housing")], State.DISPATCHED,
        ["transferred", "unassigned", "water:withdrawn", "unassigned", "town:withdrawn", "routed", "assigned",
         "housing:assigned"],
    ),
    "a transfer to one who returned it goes to the arbiter": (
        [under(return_cap=9), shown(), says("water", ReportKind.RETURN), says("gas", ReportKind.TRANSFER, to="water")],
        State.DISPATCHED, ["transferred", "unassigned", "gas:withdrawn", "routed", "assigned", "arbiter:assigned"],
    ),
    "an assist that becomes the lead is told": (
        [shown(), says("water", ReportKind.TRANSFER, to="town")], State.DISPATCHED,
        ["transferred", "unassigned", "water:withdrawn", "routed", "town:amended"],
    ),
    # back to the city
    "the county asks the city to take it back": (
        [shown(), ordered(OrderAction.RETURN)], State.RETURN_UP_REQ, ["returned", "city:return"],
    ),
    "the city takes it back": (
        [shown(), ordered(OrderAction.RETURN), answered(FeedbackKind.RETURN)], State.RETURNED_UP,
        ["feedback_delivered", "unassigned", "water:withdrawn", "unassigned", "town:withdrawn"],
    ),
    "the city does not take it back": (
        [shown(), says("water", ReportKind.SIGNED), ordered(OrderAction.RETURN),
         answered(FeedbackKind.RETURN, OutcomeKind.REJECTED)],
        State.HANDLING, ["feedback_rejected"],
    ),
    "what was not routed is routed when the city does not take it back": (
        [under(sign="manual"), shown(), ordered(OrderAction.RETURN),
         answered(FeedbackKind.RETURN, OutcomeKind.REJECTED)],
        State.DISPATCHED, ["feedback_rejected", *NEW[3:]],
    ),
    "what the city would not have signed waits for the person who signs": (
        [under(sign="manual"), shown(), ordered(OrderAction.RETURN),
         answered(FeedbackKind.SIGN, OutcomeKind.REJECTED), answered(FeedbackKind.RETURN, OutcomeKind.REJECTED)],
        State.PENDING_SIGN, ["feedback_rejected"],
    ),
    "an answer waits while the city thinks": (
        [shown(), ordered(OrderAction.RETURN), says("water", ReportKind.RESULT)], State.RETURN_UP_REQ, ["answered"],
    ),
    "and goes out when the city does not take it back": (
        [shown(), ordered(OrderAction.RETURN), says("water", ReportKind.RESULT),
         answered(FeedbackKind.RETURN, OutcomeKind.REJECTED)],
        State.REPORTING, ["feedback_rejected", "reviewed", "city:result"],
    ),
    # ends
    "the city closes what was reported": (
        [shown(), says("town", ReportKind.RESULT), says("water", ReportKind.RESULT), answered(FeedbackKind.RESULT),
         shown(status="closed")],
        State.CLOSED, ["closed"],
    ),
    "the city closes before its own answer is known": (
        [shown(), says("town", ReportKind.RESULT), says("water", ReportKind.RESULT), shown(status="closed"),
         answered(FeedbackKind.RESULT)],
        State.CLOSED, ["feedback_delivered"],
    ),
    "an open assist is told that all is over": (
        [shown(), says("water", ReportKind.RESULT), shown(status="closed")], State.CLOSED,
        ["closed", "unassigned", "town:withdrawn"],
    ),
    "the city closes while we work": (
        [shown(), shown(status="closed")], State.CLOSED,
        ["closed", "unassigned", "water:withdrawn", "unassigned", "town:withdrawn"],
    ),
    "the city withdraws": (
        [shown(), shown(status="withdrawn")], State.CANCELLED,
        ["withdrawn", "unassigned", "water:withdrawn", "unassigned", "town:withdrawn"],
    ),
    "the city withdraws what was answered": (
        [shown(), says("water", ReportKind.RESULT), shown(status="withdrawn")], State.CANCELLED,
        ["withdrawn", "unassigned", "water:withdrawn", "unassigned", "town:withdrawn"],
    ),
    "the city merges": (
        [shown(), shown(status="merged", merged_into="city:HS2")], State.MERGED,
        ["merged", "unassigned", "water:withdrawn", "unassigned", "town:withdrawn"],
    ),
    "the county closes": (
        [shown(), ordered(OrderAction.CLOSE)], State.CLOSED,
        ["closed", "unassigned", "water:withdrawn", "unassigned", "town:withdrawn"],
    ),
    "what the county closed stays closed when the city amends": (
        [shown(), ordered(OrderAction.CLOSE), shown(body="已三天")], State.CLOSED, ["amended"],
    ),
    "the county merges": (
        [shown(), ordered(OrderAction.MERGE)], State.MERGED,
        ["merged", "unassigned", "water:withdrawn", "unassigned", "town:withdrawn"],
    ),
    # again
    "a redo goes to who did it": (
        [shown(), says("water", ReportKind.RESULT), answered(FeedbackKind.RESULT), shown(round=2)], State.DISPATCHED,
        ["reopened", "routed", "assigned", "water:redo", "assigned", "town:redo"],
    ),
    "a redo after the close": (
        [shown(), says("water", ReportKind.RESULT), shown(status="closed"), shown(round=2)], State.DISPATCHED,
        ["reopened", "routed", "assigned", "water:redo"],
    ),
    "a redo of what the city closed half way": (
        [shown(), shown(status="closed"), shown(round=2)], State.DISPATCHED,
        ["reopened", "routed", "assigned", "water:redo"],
    ),
    "a redo while a lead is switched off goes by the rules": (
        [shown(), says("water", ReportKind.RESULT), under(departments=OFF), shown(round=2)], State.DISPATCHED,
        ["reopened", "unassigned", "water:withdrawn", "unassigned", "town:withdrawn", "routed", "assigned",
         "gas:assigned", "assigned", "town:assigned"],
    ),
    "what was withdrawn and issued again goes by the rules": (
        [shown(), shown(status="withdrawn"), shown(category="housing.title")], State.DISPATCHED,
        ["reopened", "routed", "assigned", "housing:assigned"],
    ),
    "what the county closed is opened by a redo": (
        [shown(), ordered(OrderAction.CLOSE), shown(round=2)], State.DISPATCHED,
        ["reopened", "routed", "assigned", "water:redo"],
    ),
    # orders
    "an order names other departments": (
        [shown(), ordered(OrderAction.ROUTE, to=("power", "town"))], State.DISPATCHED,
        ["unassigned", "water:withdrawn", "routed", "town:amended", "assigned", "power:assigned"],
    ),
    "an order adds an assist and the work goes on": (
        [shown(), says("water", ReportKind.SIGNED), ordered(OrderAction.ROUTE, to=("water", "town", "power"))],
        State.HANDLING, ["routed", "water:amended", "town:amended", "assigned", "power:assigned"],
    ),
    "an order takes an answer away from review": (
        [under(review="manual"), shown(), says("water", ReportKind.RESULT), ordered(OrderAction.ROUTE, to=("power",))],
        State.DISPATCHED,
        ["unassigned", "water:withdrawn", "unassigned", "town:withdrawn", "routed", "assigned", "power:assigned"],
    ),
    "an order signs again what the city would not have signed": (
        [shown(), answered(FeedbackKind.SIGN, OutcomeKind.REJECTED), ordered(OrderAction.ROUTE, to=("water", "town"))],
        State.DISPATCHED, ["signed", "city:sign", "routed", "water:amended", "town:amended"],
    ),
    "a note changes nothing but the journal": ([shown(), ordered(OrderAction.NOTE)], State.DISPATCHED, ["noted"]),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_the_story(story: str) -> None:
    steps, state, told = STORIES[story]
    desk = Desk()
    for step in steps:
        step(desk)
    assert desk.case is not None
    assert (desk.case.state, shape(desk.decisions[-1])) == (state, told)


REFUSALS: dict[str, tuple[Sequence[Step], IgnoredReason]] = {
    "a second signature": (
        [shown(), says("water", ReportKind.SIGNED), says("water", ReportKind.SIGNED)], IgnoredReason.ALREADY_SIGNED,
    ),
    "a signature after the work began": (
        [shown(), says("water", ReportKind.CONTACTED), says("water", ReportKind.SIGNED)],
        IgnoredReason.ALREADY_SIGNED,
    ),
    "a second answer": (
        [shown(), says("water", ReportKind.RESULT), says("water", ReportKind.RESULT)],
        IgnoredReason.ALREADY_ANSWERED,
    ),
    "progress after the answer": (
        [shown(), says("water", ReportKind.RESULT), says("water", ReportKind.PROGRESS)],
        IgnoredReason.ALREADY_ANSWERED,
    ),
    "a return after the answer": (
        [shown(), says("water", ReportKind.RESULT), says("water", ReportKind.RETURN)],
        IgnoredReason.ALREADY_ANSWERED,
    ),
    "who never held it": ([shown(), says("housing", ReportKind.RESULT)], IgnoredReason.NOT_HOLDER),
    "who gave it back": (
        [shown(), says("water", ReportKind.RETURN), says("water", ReportKind.RESULT)], IgnoredReason.NOT_HOLDER,
    ),
    "an answer without words for the citizen": (
        [shown(), says("water", ReportKind.RESULT, public_reply="  ")], IgnoredReason.INCOMPLETE,
    ),
    "a return without a coded reason": (
        [shown(), says("water", ReportKind.RETURN, reason=None)], IgnoredReason.INCOMPLETE,
    ),
    "a return from the arbiter": (
        [under(return_cap=1), shown(), says("water", ReportKind.RETURN), says("arbiter", ReportKind.RETURN)],
        IgnoredReason.RETURNS_LOCKED,
    ),
    "a transfer from the arbiter": (
        [under(return_cap=1), shown(), says("water", ReportKind.RETURN), says("arbiter", ReportKind.TRANSFER)],
        IgnoredReason.RETURNS_LOCKED,
    ),
    "a return after the city refused one": (
        [shown(), ordered(OrderAction.RETURN), answered(FeedbackKind.RETURN, OutcomeKind.REJECTED),
         says("water", ReportKind.RETURN)],
        IgnoredReason.RETURNS_LOCKED,
    ),
    "a return while the city thinks about one": (
        [shown(), ordered(OrderAction.RETURN), says("water", ReportKind.RETURN)], IgnoredReason.ILLEGAL,
    ),
    "a transfer to nowhere": (
        [shown(), says("water", ReportKind.TRANSFER, to="nowhere")], IgnoredReason.UNKNOWN_DEPARTMENT,
    ),
    "a transfer to oneself": (
        [shown(), says("water", ReportKind.TRANSFER, to="water")], IgnoredReason.NO_CHANGE,
    ),
    "a transfer by an assist": ([shown(), says("town", ReportKind.TRANSFER)], IgnoredReason.NOT_LEAD),
    "an extension wished by an assist": ([shown(), says("town", ReportKind.EXTENSION)], IgnoredReason.NOT_LEAD),
    "a word about another round": (
        [shown(), says("water", ReportKind.RESULT, round=2)], IgnoredReason.OLD_ROUND,
    ),
    "a late word of an earlier round": (
        [shown(), says("water", ReportKind.RESULT), shown(round=2), says("water", ReportKind.RESULT, round=1)],
        IgnoredReason.OLD_ROUND,
    ),
    "the city's answer to an earlier round": (
        [shown(), says("water", ReportKind.RESULT), shown(round=2),
         lambda desk: desk.answers(FeedbackKind.RESULT, round=1)],
        IgnoredReason.OLD_ROUND,
    ),
    "the city's answer to what was overtaken": (
        [shown(), says("water", ReportKind.RESULT),
         lambda desk: desk.answers(FeedbackKind.RESULT, feedback_id="0" * 24)],
        IgnoredReason.NOT_AWAITED,
    ),
    "a signature that the city confirms twice": (
        [shown(), answered(FeedbackKind.SIGN), answered(FeedbackKind.SIGN)], IgnoredReason.NO_CHANGE,
    ),
    "a word after the end": (
        [shown(), says("water", ReportKind.RESULT), shown(status="closed"), says("water", ReportKind.PROGRESS)],
        IgnoredReason.ILLEGAL,
    ),
    "an order to who has it": ([shown(), ordered(OrderAction.ROUTE, to=("water", "town"))], IgnoredReason.NO_CHANGE),
    "an order to nowhere": (
        [shown(), ordered(OrderAction.ROUTE, to=("nowhere",))], IgnoredReason.UNKNOWN_DEPARTMENT,
    ),
    "an order to pass what is not there": ([shown(), ordered(OrderAction.PASS)], IgnoredReason.ILLEGAL),
    "an order to fail what nobody refused": (
        [shown(), says("water", ReportKind.SIGNED), ordered(OrderAction.FAIL)], IgnoredReason.ILLEGAL,
    ),
    "an order to merge with itself": ([shown(), ordered(OrderAction.MERGE, merged_into="city:HS1")],
                                      IgnoredReason.ILLEGAL),
    "an order to let go what is not held back": ([shown(), ordered(OrderAction.UNPARK)], IgnoredReason.NOT_PARKED),
    "an older view": ([shown(), lambda desk: desk.shows(body="旧", updated_at=desk.clock.replace(month=1))],
                      IgnoredReason.STALE),
    "the same view": ([shown(), shown()], IgnoredReason.SAME),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSALS)
def test_refused(what: str) -> None:
    steps, reason = REFUSALS[what]
    desk = Desk()
    for step in steps[:-1]:
        step(desk)
        assert all(decision.verdict == Moved() for decision in desk.decisions)
    before = desk.case
    steps[-1](desk)
    assert desk.decisions[-1].verdict == Ignored(reason)
    assert desk.case is not None
    assert before is not None
    kept = {"at", "seq", "seen", "updated_at"}
    assert desk.case.model_dump(exclude=kept) == before.model_dump(exclude=kept)


def test_a_report_about_an_unknown_dispatch_leaves_nothing() -> None:
    desk = Desk()
    decision = desk.reports("water", ReportKind.SIGNED)
    assert (decision.case, decision.verdict) == (None, Ignored(IgnoredReason.UNKNOWN_DISPATCH))
    assert decision.outputs == ()


def test_the_first_receiver_never_changes() -> None:
    desk = at("locked")
    assert desk.case is not None
    assert (desk.case.first_receiver, desk.case.lead) == ("water", "arbiter")


def test_returns_are_counted_and_locked_at_the_cap() -> None:
    desk = at("dispatched")
    desk.reports("water", ReportKind.RETURN, reason=ReturnReason.WRONG_AREA)
    assert desk.case is not None
    assert (desk.case.bounces, desk.case.locked) == (1, False)
    decision = desk.reports("gas", ReportKind.RETURN)
    assert (desk.case.bounces, desk.case.locked) == (2, True)
    kinds = [(notice.kind, notice.audience) for notice in records(decision, NOTICES)]
    assert (NoticeKind.ARBITRATION, Audience.DUTY_DESK) in kinds
    assert (NoticeKind.RETURNED, Audience.DUTY_DESK) in kinds


def test_the_result_that_the_city_hears_is_what_the_lead_said() -> None:
    desk = at("working")
    decision = desk.reports(
        "water", ReportKind.RESULT, note="内部", public_reply="已恢复", solved=False, unsolved_reason="管道老化"
    )
    (feedback,) = records(decision, FEEDBACK)
    assert isinstance(feedback, Feedback)
    assert (feedback.note, feedback.public_reply, feedback.unsolved_reason) == ("内部", "已恢复", "管道老化")
    assert (feedback.department, feedback.department_name) == ("water", "water bureau")
    assert (feedback.contacted, feedback.solved, feedback.round) == (True, False, 1)


def test_a_result_that_waited_for_a_person_is_sent_word_for_word() -> None:
    desk = Desk()
    under(review="manual")(desk)
    desk.shows()
    reply = '他说 "好",\\"dispatch":{"x":1} \n再见'
    desk.reports("water", ReportKind.RESULT, public_reply=reply)
    desk.orders(OrderAction.PASS)
    assert desk.told()[-1].public_reply == reply
    assert desk.case is not None
    assert desk.case.answer is None


def test_open_assists_are_listed_when_the_lead_answers() -> None:
    desk = at("reporting")
    answer = next(fact for fact in desk.facts() if fact.fact == "answered")
    assert answer.details["open_assists"] == "town"


def test_a_rejected_feedback_is_seen_on_the_case_and_told_to_the_duty_desk_and_the_lead() -> None:
    desk = at("rejected")
    assert desk.case is not None
    assert (desk.case.flags, desk.case.rejected) == ((Flag.CITY_REJECTED,), (FeedbackKind.RESULT,))
    notices = records(desk.decisions[-1], NOTICES)
    assert [(one.kind, one.department) for one in notices] == [
        (NoticeKind.CITY_REJECTED, "desk"),
        (NoticeKind.CITY_REJECTED, "water"),
    ]


def test_a_rejected_signature_is_seen_on_the_case() -> None:
    desk = at("dispatched")
    desk.answers(FeedbackKind.SIGN, OutcomeKind.REJECTED, city_message="不是本县")
    assert desk.case is not None
    assert (desk.case.sign, desk.case.rejected) == (SignState.REJECTED, (FeedbackKind.SIGN,))


def test_a_redo_forgets_the_round_before_and_does_not_sign_again() -> None:
    desk = at("second_round")
    case = desk.case
    assert case is not None
    assert (case.round, case.awaits, case.rejected, case.contacted_at) == (2, None, (), None)
    assert [told.kind for told in desk.told()] == [FeedbackKind.SIGN, FeedbackKind.RESULT]
    assert [(held.state, held.round) for held in case.holdings] == [(HoldingState.OFFERED, 2)] * 2


def test_who_ended_it_is_known() -> None:
    ends = {name: at(name).case for name in ("closed", "closed_by_county", "merged")}
    assert {name: case and case.closed_by for name, case in ends.items()} == {
        "closed": ClosedBy.CITY,
        "closed_by_county": ClosedBy.COUNTY,
        "merged": ClosedBy.CITY,
    }


def test_a_withdrawn_assignment_has_a_reason_and_no_content() -> None:
    (told,) = records(at("cancelled").decisions[-1], department_dispatches("water"))
    assert isinstance(told, Assignment)
    assert (told.action, told.reason, told.role) == ("withdrawn", "city_withdrew", Role.LEAD)
    assert (told.title, told.body, told.caller, told.place, told.attachments, told.hidden) == (
        None, None, None, None, (), (),
    )  # fmt: skip


def test_an_unknown_code_is_flagged_and_the_duty_desk_is_told() -> None:
    desk = at("unknown_code")
    assert desk.case is not None
    assert desk.case.flags == (Flag.UNKNOWN_CODE, Flag.LEAD_BY_UNKNOWN_CODE)
    notice = next(one for one in records(desk.decisions[-1], NOTICES) if one.kind is NoticeKind.UNKNOWN_CODE)
    assert isinstance(notice, Notice)
    assert (notice.audience, notice.reason) == (Audience.DUTY_DESK, "category")
    desk.shows()
    assert desk.case.flags == ()


def test_an_unknown_code_that_routing_does_not_need_is_only_flagged() -> None:
    desk = Desk()
    desk.shows(unknown=("channel",))
    assert desk.case is not None
    assert (desk.case.lead, desk.case.flags) == ("water", (Flag.UNKNOWN_CODE,))


def test_the_about_department_leads_only_where_no_rule_knows_another() -> None:
    desk = Desk()
    desk.shows(about=("water",))
    assert desk.case is not None
    assert (desk.case.lead, desk.case.flags) == ("gas", ())
    other = Desk()
    other.shows(category="housing.title", about=("housing",))
    assert other.case is not None
    assert (other.case.lead, other.case.flags) == ("housing", (Flag.ABOUT_LEAD,))


def test_the_policy_of_the_tests_has_no_fault() -> None:
    assert faults(a_policy()) == []
