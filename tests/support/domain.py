"""A county in miniature, and messages of it: valid unless a test says otherwise."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from schemas.case import Case, State, decode_row, encode_row
from schemas.codec import decode, encode
from schemas.dead_letter import DeadReason
from schemas.dispatch import Caller, Dispatch, Place, stamped
from schemas.fact import Fact
from schemas.feedback import Feedback, FeedbackKind, Outcome, OutcomeKind
from schemas.ids import derived_id
from schemas.order import Order, OrderAction
from schemas.report import Report, ReportKind, ReturnReason
from schemas.topics import FEEDBACK, JOURNAL, NOTICES
from schemas.types import NAMES
from streams.domain.decide import decide
from streams.domain.decision import Context, Decision, Inbound, Output
from streams.domain.parking import park
from streams.domain.policy import Department, DepartmentKind, Match, Policy, RouteNode
from streams.domain.rules import Rules

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ID = "city:HS1"
CODES = ("desk", "arbiter", "water", "power", "town", "housing", "gas")


def a_department(code: str, **changes: Any) -> Department:
    return Department(**{"code": code, "name": f"{code} bureau", "kind": DepartmentKind.BUREAU, **changes})


def a_policy(**changes: Any) -> Policy:
    routes = RouteNode(
        name="all",
        routes=(
            RouteNode(
                name="utilities",
                match=Match(category=("utilities",)),
                lead="gas",
                routes=(
                    RouteNode(
                        name="water", match=Match(category=("utilities.water",)), lead="water", assists=("town",)
                    ),
                    RouteNode(name="power", match=Match(category=("utilities.power",)), lead="power"),
                ),
            ),
            RouteNode(name="housing", match=Match(category=("housing",)), lead="housing"),
        ),
    )
    values = {
        "county": "test",
        "name": "Test county",
        "departments": tuple(a_department(code) for code in CODES),
        "routes": routes,
        "duty_desk": "desk",
        "arbiter": "arbiter",
    }
    return Policy(**{**values, **changes})


RULES = Rules.of(a_policy())


def a_dispatch(**changes: Any) -> Dispatch:
    values: dict[str, Any] = {
        "id": ID,
        "source": "city",
        "number": ID.partition(":")[2],
        "digest": "0" * 16,
        "issued_at": NOON,
        "updated_at": NOON,
        "due_at": NOON + timedelta(days=5),
        "title": "停水两天",
        "body": "三号楼停水",
        "category": "utilities.water.outage",
        "place": Place(area_code="150123100", address="示例路 1 号"),
        "caller": Caller(name="张示例", phone="13800000001", contact_phone="13800000002"),
    }
    return stamped(Dispatch(**{**values, **changes}))


def a_report(kind: ReportKind, **changes: Any) -> Report:
    """With every field that its kind needs."""
    needed: dict[ReportKind, dict[str, Any]] = {
        ReportKind.RESULT: {"public_reply": "已恢复供水", "solved": True},
        ReportKind.RETURN: {"reason": ReturnReason.NOT_OURS},
        ReportKind.EXTENSION: {"extend_days": 3},
        ReportKind.TRANSFER: {"to": "housing"},
    }
    return Report(**{"dispatch": ID, "kind": kind, "at": NOON, **needed.get(kind, {}), **changes})


def an_order(action: OrderAction, **changes: Any) -> Order:
    needed: dict[OrderAction, dict[str, Any]] = {
        OrderAction.ROUTE: {"to": ("power",)},
        OrderAction.MERGE: {"merged_into": "city:HS2"},
    }
    values = {"dispatch": ID, "action": action, "by": "王值班", "reason": "值班决定", "at": NOON}
    return Order(**{**values, **needed.get(action, {}), **changes})


@dataclass
class Desk:
    """One dispatch, worked on: every message is decided, every output kept, every row written and read back."""

    rules: Rules = field(default_factory=lambda: RULES)
    case: Case | None = None
    stored: bytes = b""
    outputs: list[Output] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    clock: datetime = NOON
    _numbers: Any = field(default_factory=count)

    def say(self, message: Inbound, *, by: str | None = None, id: str | None = None, origin: str = "") -> Decision:
        """Decide `message` as the next record of the inbox; `by` is the department that speaks."""
        number = next(self._numbers)
        context = Context(number, id or derived_id("message", number), by, origin)
        return self.take(message, context)

    def take(self, message: Inbound, context: Context) -> Decision:
        before = self.case
        decision = decide(before, message, context, self.rules, self.stored)
        self.decisions.append(decision)
        self.outputs += decision.outputs
        if decision.case is not None and decision.case is not before:
            stored = encode(message) if decision.adopted else self.stored
            row = encode_row(decision.case, stored)
            self.case, self.stored = decode_row(row)
            assert self.case == decision.case
            assert self.stored == stored
        return decision

    def tick(self) -> datetime:
        self.clock += timedelta(seconds=1)
        return self.clock

    def shows(self, **changes: Any) -> Decision:
        """The city shows the dispatch; later than before, unless told otherwise."""
        return self.say(a_dispatch(**{"updated_at": self.tick(), **changes}))

    def reports(self, department: str, kind: ReportKind, **changes: Any) -> Decision:
        return self.say(a_report(kind, **{"at": self.tick(), **changes}), by=department)

    def orders(self, action: OrderAction, **changes: Any) -> Decision:
        return self.say(an_order(action, **{"at": self.tick(), **changes}))

    def answers(self, kind: FeedbackKind, outcome: OutcomeKind = OutcomeKind.DELIVERED, **changes: Any) -> Decision:
        """The city answers the newest feedback of this kind."""
        told = [output for output in self.outputs if output.topic == FEEDBACK]
        output = next(one for one in reversed(told) if one.message.kind is kind)  # type: ignore[attr-defined]
        values = {"feedback_id": output.id, "round": output.message.round, "at": self.tick()}  # type: ignore[attr-defined]
        return self.say(Outcome(dispatch=ID, kind=kind, outcome=outcome, **{**values, **changes}))

    def facts(self) -> list[Fact]:
        return [one.message for one in self.outputs if isinstance(one.message, Fact)]

    def told(self) -> list[Feedback]:
        return [one.message for one in self.outputs if isinstance(one.message, Feedback)]


def records(decision: Decision, topic: str) -> list[Any]:
    """The messages of a decision on one topic."""
    return [output.message for output in decision.outputs if output.topic == topic]


def shape(decision: Decision) -> list[str]:
    """A decision in words: facts by kind, feedback by kind, assignments by department and action; notices left out."""
    words = []
    for output in decision.outputs:
        if output.topic == JOURNAL:
            words.append(output.message.fact.value)  # type: ignore[attr-defined]
        elif output.topic == FEEDBACK:
            words.append(f"city:{output.message.kind}")  # type: ignore[attr-defined]
        elif output.topic != NOTICES:
            words.append(f"{output.message.department}:{output.message.action}")  # type: ignore[attr-defined]
    return words


def well_formed(output: Output) -> bool:
    """Whether the message is what its model would have accepted and reads back as itself."""
    read = decode(type(output.message), encode(output.message))
    return read == output.message and NAMES[type(output.message)] == output.type


Step = Callable[[Desk], object]


def says(department: str, kind: ReportKind, **changes: Any) -> Step:
    return lambda desk: desk.reports(department, kind, **changes)


def ordered(action: OrderAction, **changes: Any) -> Step:
    return lambda desk: desk.orders(action, **changes)


def shown(**changes: Any) -> Step:
    return lambda desk: desk.shows(**changes)


def answered(kind: FeedbackKind, outcome: OutcomeKind = OutcomeKind.DELIVERED) -> Step:
    return lambda desk: desk.answers(kind, outcome)


def under(**changes: Any) -> Step:
    """From here on another policy holds."""
    return lambda desk: setattr(desk, "rules", Rules.of(a_policy(**changes)))


def _dies(desk: Desk) -> None:
    decision = park(desk.case, ID, "bridge.inbox/0/0", DeadReason.HANDLER_FAILED, NOON, Context(0, "dead"), desk.rules)
    desk.outputs += decision.outputs
    desk.case = decision.case


ROADS: dict[str, tuple[State, tuple[Step, ...]]] = {
    "quarantined": (State.QUARANTINED, (_dies, ordered(OrderAction.UNPARK))),
    "pending_sign": (State.PENDING_SIGN, (under(sign="manual"), shown())),
    "return_unrouted": (State.RETURN_UP_REQ, (under(sign="manual"), shown(), ordered(OrderAction.RETURN))),
    "dispatched": (State.DISPATCHED, (shown(),)),
    "unknown_code": (State.DISPATCHED, (shown(category="unknown", unknown=("category",)),)),
    "locked": (State.DISPATCHED, (under(return_cap=1), shown(), says("water", ReportKind.RETURN))),
    "signed_by_lead": (State.HANDLING, (shown(), says("water", ReportKind.SIGNED))),
    "working": (State.HANDLING, (shown(), says("water", ReportKind.CONTACTED))),
    "on_ledger": (State.ON_LEDGER, (shown(), says("water", ReportKind.SIGNED), ordered(OrderAction.LEDGER_OPEN))),
    "return_up_req": (State.RETURN_UP_REQ, (shown(), ordered(OrderAction.RETURN))),
    "answered_in_return": (
        State.RETURN_UP_REQ, (shown(), ordered(OrderAction.RETURN), says("water", ReportKind.RESULT)),
    ),
    "returned_up": (
        State.RETURNED_UP, (shown(), ordered(OrderAction.RETURN), answered(FeedbackKind.RETURN)),
    ),
    "review": (State.REVIEW, (under(review="manual"), shown(), says("water", ReportKind.RESULT))),
    "reporting": (State.REPORTING, (shown(), says("water", ReportKind.RESULT))),
    "rejected": (
        State.HANDLING,
        (shown(), says("water", ReportKind.RESULT), answered(FeedbackKind.RESULT, OutcomeKind.REJECTED)),
    ),
    "reported": (State.REPORTED, (shown(), says("water", ReportKind.RESULT), answered(FeedbackKind.RESULT))),
    "second_round": (
        State.DISPATCHED,
        (shown(), says("water", ReportKind.RESULT), answered(FeedbackKind.RESULT), shown(round=2)),
    ),
    "closed": (
        State.CLOSED,
        (shown(), says("water", ReportKind.RESULT), answered(FeedbackKind.RESULT), shown(status="closed")),
    ),
    "closed_half_way": (State.CLOSED, (shown(), shown(status="closed"))),
    "closed_by_county": (State.CLOSED, (shown(), ordered(OrderAction.CLOSE))),
    "cancelled": (State.CANCELLED, (shown(), shown(status="withdrawn"))),
    "merged": (State.MERGED, (shown(), shown(status="merged", merged_into="city:HS9"))),
}  # fmt: skip
"""Name -> the state that the road leads to, and its steps."""


def at(name: str) -> Desk:
    """A desk whose dispatch has come this far."""
    desk = Desk()
    for step in ROADS[name][1]:
        step(desk)
    return desk
