"""A draft: the case while one message is applied to it, and the outputs that this brings about.

It lives inside one decision and never leaves it. Each fact raises `seq`; what else is sent carries the `seq` of the
fact that it belongs to, and its id is derived from dispatch, seq, kind and receiver. So deciding again gives the same
ids, whatever the time and whatever became of the policy.
"""

from collections.abc import Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from schemas.assignment import Action, Assignment, Role, WithdrawnReason
from schemas.base import Message
from schemas.case import Case, ClosedBy, Flag, Held, Holding, HoldingState, SignState, State
from schemas.clock import ClockName, ClockRun
from schemas.codec import decode
from schemas.dispatch import Channel, CityStatus, Dispatch, Kind, Urgency
from schemas.fact import Actor, Fact, FactKind
from schemas.feedback import Feedback, FeedbackKind
from schemas.ids import derived_id
from schemas.notice import Audience, Notice, NoticeKind
from schemas.topics import FEEDBACK, JOURNAL, NOTICES, department_dispatches
from schemas.types import NAMES
from streams.domain.built import built, changed, remade
from streams.domain.decision import Context, Output
from streams.domain.rules import Rules
from streams.domain.runs import Clocks
from streams.domain.sla import EFFECTS
from streams.domain.visibility import Titled, for_notice, shown_to

REMEMBERED: Final = 64
"""Message ids that a case remembers. A case that saw more recognises the forgotten ones by their origin."""

NOTHING: Final[Mapping[str, str | int | bool | None]] = {}

_FACT: Final = NAMES[Fact]
_ASSIGNMENT: Final = NAMES[Assignment]
_FEEDBACK: Final = NAMES[Feedback]
_NOTICE: Final = NAMES[Notice]
_NOTICES: Final = {action: NoticeKind(action) for action in Action}
_FIELDS: Final = tuple(Case.model_fields)
_values: Final = itemgetter(*_FIELDS)


def short(id: str) -> str:
    """48 bits of a message id: among 64 remembered ones, one false match in 4 * 10^12 messages."""
    return derived_id(id)[:12]


def position(origin: str) -> tuple[str, int] | None:
    """`topic/partition/offset` -> (`topic/partition`, offset); None where it is empty or malformed."""
    where, _, offset = origin.rpartition("/")
    return (where, int(offset)) if where and offset.isdecimal() else None


def instant_text(moment: datetime) -> str:
    """As details of facts write an instant: ISO 8601, UTC."""
    return moment.isoformat().replace("+00:00", "Z")


class Draft:
    """The fields of the case, changeable, and the outputs so far."""

    at: int
    seq: int
    source: str
    number: str
    state: State
    version: int
    round: int
    status: CityStatus
    digest: str
    updated_at: datetime | None
    twins: tuple[str, ...]
    urgency: Urgency
    kind: Kind
    category: str
    channel: Channel
    holdings: tuple[Holding, ...]
    first_receiver: str | None
    bounces: int
    locked: bool
    contacted_at: datetime | None
    asked_days: int
    sign: SignState
    awaits: str | None
    answer: str | None
    answered_by: str | None
    rejected: tuple[FeedbackKind, ...]
    flags: tuple[Flag, ...]
    closed_by: ClosedBy | None
    merged_into: str | None
    parked: str | None
    seen: tuple[str, ...]
    positions: dict[str, int]
    clocks: tuple[ClockRun, ...]
    ended: tuple[str, ...]
    steps: tuple[str, ...]
    held: tuple[Held, ...]
    calendar: str
    gen: int
    due: datetime | None

    def __init__(self, case: Case, context: Context, rules: Rules, when: datetime, stored: bytes) -> None:
        self.__dict__.update(case.__dict__)
        self.case, self.context, self.rules, self.when = case, context, rules, when
        self.id = case.id
        self.outputs: list[Output] = []
        self._stored = stored
        self._book: Clocks | None = None
        self._earlier: tuple[ClockRun, datetime] | None = None
        self._dispatch: Dispatch | None = None
        self._title: str | None = None

    @property
    def dispatch(self) -> Dispatch:
        """The city's newest snapshot; parsed when first asked for."""
        if self._dispatch is None:
            self._dispatch = decode(Dispatch, self._stored, checked=True)
        return self._dispatch

    @dispatch.setter
    def dispatch(self, newest: Dispatch) -> None:
        self._dispatch, self._title = newest, None

    def clock_book(self) -> Clocks:
        """The clocks, open to be changed. Only where the county has a timetable."""
        if self._book is None:
            if self.rules.timetable is None:
                raise AssertionError("no timetable")
            self._book = Clocks.of(self.case, self.rules.timetable)
        return self._book

    def touched_clocks(self) -> Clocks | None:
        """The clocks, where a fact has been taken that concerns them."""
        return self._book

    def due_for_department(self) -> datetime | None:
        """When a department must be done: before the county, by the margin; as the city says without a timetable."""
        if self.rules.timetable is not None:
            book = self._book
            run = (
                book.run(ClockName.HANDLING)
                if book
                else next((one for one in self.clocks if one.clock is ClockName.HANDLING), None)
            )
            if run is not None:
                if self._earlier is None or self._earlier[0] is not run:
                    self._earlier = run, self.rules.timetable.department_due(run)
                return self._earlier[1]
        return self.dispatch.due_at if self._dispatch is not None or self._stored else None

    def frozen(self, *, remember: bool = True) -> Case:
        """The case after the message: what was drafted, and that this message has been applied.

        Not to `remember` its id is for a question about the clocks, which their generation answers only once.
        """
        self.at = self.context.at
        if remember:
            self.seen = (*self.seen, short(self.context.id))[-REMEMBERED:]
        if place := position(self.context.origin):
            where, offset = place
            self.positions = {**self.positions, where: max(offset, self.positions.get(where, -1))}
        mine = self.__dict__
        return remade(self.case, dict(zip(_FIELDS, _values(mine), strict=True)))

    def lead(self) -> Holding | None:
        """The share of the department that leads now."""
        return next((held for held in self.holdings if held.role is Role.LEAD and held.live), None)

    def live(self) -> tuple[Holding, ...]:
        """All shares that are held now, in the order they were given."""
        return tuple(held for held in self.holdings if held.live)

    def holding(self, department: str | None) -> Holding | None:
        """The latest share of this department, live or not."""
        return next((held for held in self.holdings if held.department == department), None)

    def put(self, holding: Holding) -> Holding:
        """A share in place of the department's earlier one; a new share after one that ended goes to the end."""
        before = self.holding(holding.department)
        if before is not None and before.live:
            self.holdings = tuple(holding if held is before else held for held in self.holdings)
        else:
            self.holdings = (*(held for held in self.holdings if held is not before), holding)
        return holding

    def set(self, holding: Holding, state: HoldingState) -> Holding:
        """The same share in another state."""
        return self.put(changed(holding, {"state": state}))

    def flag(self, flag: Flag, on: bool = True) -> None:
        """Raise a flag, or take it down."""
        if on != (flag in self.flags):
            self.flags = (*self.flags, flag) if on else tuple(one for one in self.flags if one is not flag)

    def fact(
        self,
        kind: FactKind,
        actor: Actor,
        details: Mapping[str, str | int | bool | None] = NOTHING,
        *,
        department: str | None = None,
        by: str | None = None,
    ) -> None:
        """Something happened; the state it led to is the one the draft has now. `details` hold no text of a citizen."""
        self.seq += 1
        fact = built(
            Fact,
            {
                "dispatch": self.id,
                "seq": self.seq,
                "fact": kind,
                "round": self.round,
                "state": self.state,
                "actor": actor,
                "department": department,
                "by": by,
                "occurred_at": self.when,
                "cause": self.context.id,
                "details": dict(details),
            },
        )
        self._send(JOURNAL, _FACT, fact, "fact")
        if self.rules.timetable is not None and (effect := EFFECTS.get(kind)):
            effect(self.clock_book(), fact)

    def tell(self, held: Holding, action: Action, reason: WithdrawnReason | None = None) -> None:
        """An assignment record for one department, with what it may see; and a notice to its people."""
        department, content = held.department, dict[str, Any]()
        if action is Action.WITHDRAWN:
            lead: str | None = self.case.lead
        else:
            live = self.live()
            lead = next((one.department for one in live if one.role is Role.LEAD), None)
            content, hidden = shown_to(self.dispatch, department, held.role)
            content["hidden"] = hidden
            content["due_at"] = self.due_for_department()
            content["assists"] = tuple(one.department for one in live if one.role is not Role.LEAD)
        assignment = built(
            Assignment,
            {
                "dispatch": self.id,
                "department": department,
                "seq": self.seq,
                "version": self.version,
                "round": self.round,
                "action": action,
                "role": held.role,
                "lead": lead or department,
                "occurred_at": self.when,
                "reason": reason,
                **content,
            },
        )
        self._send(department_dispatches(department), _ASSIGNMENT, assignment, "assignment", department)
        self.notice(_NOTICES[action], department=department, reason=reason)

    def tell_all_amended(self) -> None:
        """What departments were told has changed for every one that holds a share."""
        for held in self.live():
            self.tell(held, Action.AMENDED)

    def feedback(self, kind: FeedbackKind, **fields: Any) -> str:
        """Something to tell the city; returns its id, the key of its outcome."""
        department = fields.get("department")
        feedback = built(
            Feedback,
            {
                "dispatch": self.id,
                "source": self.source,
                "number": self.number,
                "seq": self.seq,
                "round": self.round,
                "kind": kind,
                "occurred_at": self.when,
                "department_name": self.rules.names.get(department) if department else None,
                **fields,
            },
        )
        return self._send(FEEDBACK, _FEEDBACK, feedback, f"feedback.{kind}")

    def notice(
        self,
        kind: NoticeKind,
        *,
        department: str | None = None,
        reason: str | None = None,
        audience: Audience | None = None,
        **fields: Any,
    ) -> None:
        """A message to the people of a department, or of the duty desk where none is named.

        With an `audience` that one is told, and `department` is whom it is about.
        """
        about = f"{audience}/{department}/{fields.get('clock')}/{fields.get('mark')}" if audience else None
        audience = audience or (Audience.DUTY_DESK if department is None else Audience.DEPARTMENT)
        notice = built(
            Notice,
            {
                "dispatch": self.id,
                "seq": self.seq,
                "kind": kind,
                "audience": audience,
                "department": department or self.rules.router.duty_desk,
                "urgency": self.urgency,
                "occurred_at": self.when,
                "due_at": self._due() if audience is Audience.DUTY_DESK else self.due_for_department(),
                "title": self._titled(),
                "reason": reason,
                **fields,
            },
        )
        self._send(NOTICES, _NOTICE, notice, f"notice.{kind}", about or department or audience)

    def _titled(self) -> str | None:
        """For any reader; None where nothing readable has come."""
        if self._title is None and (self._dispatch is not None or self._stored):
            self._title = for_notice(self._dispatch or decode(Titled, self._stored, checked=True))
        return self._title

    def _due(self) -> datetime | None:
        """What binds the county."""
        runs = self._book.runs.values() if self._book else self.clocks
        handling = next((run for run in runs if run.clock is ClockName.HANDLING), None)
        if handling is not None:
            return handling.due
        return self.dispatch.due_at if self._dispatch is not None or self._stored else None

    def _send(self, topic: str, type: str, message: Message, kind: str, receiver: str = "") -> str:
        made = derived_id(self.id, self.seq, kind, receiver)
        self.outputs.append(Output(topic, self.id, type, message, made, self.when))
        return made
