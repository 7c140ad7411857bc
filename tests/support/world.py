"""A small world in memory: a city, the bridge's own decisions, departments; every record as Kafka would hold it.

The bridge is honest here. Tests of the books let it balance, then spoil a record and want to hear of it.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.case import Case, encode_row
from schemas.codec import decode, encode
from schemas.dispatch import Caller, CityStatus, Dispatch, Place, stamped
from schemas.feedback import Feedback, Outcome, OutcomeKind
from schemas.ids import derived_id
from schemas.report import Report, ReportKind
from schemas.topics import (
    CASES,
    CITY,
    FEEDBACK,
    INBOX,
    NOTICES,
    department_dispatches,
    department_reports,
    partition_of,
)
from streams.domain.decide import decide
from streams.domain.decision import Context
from streams.domain.policy import Department, DepartmentKind, Match, Policy, RouteNode
from streams.domain.rules import Rules

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)

POLICY = Policy(
    county="test",
    name="Test county",
    departments=tuple(
        Department(code=code, name=code, kind=DepartmentKind.BUREAU) for code in ("water", "power", "town", "desk")
    ),
    routes=RouteNode(
        name="all",
        lead="desk",
        routes=(
            RouteNode(name="water", match=Match(category=("utilities.water",)), lead="water", assists=("town",)),
            RouteNode(name="power", match=Match(category=("utilities.power",)), lead="power"),
        ),
    ),
    duty_desk="desk",
    arbiter="desk",
)
CATEGORIES = ("utilities.water.outage", "utilities.power.outage", "civil.service.elderly")
EXPECTED = {CATEGORIES[0]: ("water", "town"), CATEGORIES[1]: ("power",), CATEGORIES[2]: ("desk",)}


@dataclass(frozen=True)
class Record:
    """As a client gives it."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass
class World:
    """What every topic holds, what the city wrote down, and who should have got what."""

    records: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    events: list[dict[str, Any]] = field(default_factory=list)
    expected: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rules: Rules = field(default_factory=lambda: Rules.of(POLICY))
    _cases: dict[str, tuple[Case, bytes]] = field(default_factory=dict)
    _orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    _heard: set[str] = field(default_factory=set)
    _clock: datetime = NOON

    def put(
        self, topic: str, key: str, value: bytes | None, headers: dict[str, str], partition: int | None = None
    ) -> Record:
        """Appends one record where it belongs."""
        one = topic.startswith("dept.")
        place = partition if partition is not None else 0 if one else partition_of(key.encode())
        offset = sum(record.partition == place for record in self.records[topic])
        made = Record(topic, place, offset, key.encode(), value, tuple((n, v.encode()) for n, v in headers.items()))
        self.records[topic].append(made)
        return made

    def issue(self, number: str, category: str = CATEGORIES[0], *, source: str = "city", **changed: Any) -> str:
        """The city issues or changes an order, and the bridge takes it in. Returns the dispatch id."""
        self._clock += timedelta(seconds=1)
        before = self._orders.get(number)
        order = {
            "number": number, "version": 1, "status": "open", "round": 1, "title": f"停水 {number}", "content": "无水",
            "category": category, "opinion": "", "phone": "13800001234", "address": "一号楼", "secret": False,
            "due_at": int((NOON + timedelta(days=5)).timestamp()),
        } | (before or {}) | changed  # fmt: skip
        order["version"] = (before or {"version": 0})["version"] + 1
        self._orders[number] = order
        name = "issued" if before is None else "amended" if order["status"] == "open" else order["status"]
        self.events.append({"event": name, "order": number, "version": order["version"], "row": order})
        self.events.append({"event": "served", "page": "1", "versions": [[number, order["version"]]]})
        dispatch = stamped(
            Dispatch(
                id=f"{source}:{number}", source=source, number=number, digest="0" * 16,
                status=CityStatus(order["status"]), round=order["round"], issued_at=NOON, updated_at=self._clock,
                title=order["title"],
                body=order["content"], category=order["category"], remark=order["opinion"], secret=order["secret"],
                due_at=datetime.fromtimestamp(order["due_at"], UTC), caller=Caller(name="王先生", phone=order["phone"]),
                place=Place(address=order["address"]),
            )
        )  # fmt: skip
        own = derived_id(dispatch.id, dispatch.digest, self._clock.isoformat())
        record = self.put(CITY, dispatch.id, encode(dispatch), _headers(own, "dispatch"))
        self._take(dispatch.id, encode(dispatch), own, "dispatch", record)
        self.expected.setdefault(dispatch.id, EXPECTED[category])
        return dispatch.id

    def report(self, dispatch: str, department: str, kind: ReportKind, **fields: Any) -> None:
        """A department says something, and the bridge takes it in."""
        self._clock += timedelta(seconds=1)
        report = Report(dispatch=dispatch, kind=kind, at=self._clock, **fields)
        own = derived_id(department, dispatch, self._clock.isoformat())
        source = self.put(department_reports(department), dispatch, encode(report), _headers(own, "report"))
        self._take(dispatch, encode(report), own, "report", source, department)

    def answer(self, dispatch: str) -> None:
        """The city takes every feedback about this dispatch that it has not answered yet."""
        for record in [record for record in self.records[FEEDBACK] if record.key.decode() == dispatch]:
            own = dict(record.headers)["ce_id"].decode()
            if own not in self._heard:
                self._heard.add(own)
                self._clock += timedelta(seconds=1)
                said = decode(Feedback, record.value)
                self.events.append(
                    {"event": "told", "order": said.number, "serial": own, "kind": said.kind, "round": said.round}
                )
                outcome = Outcome(
                    dispatch=dispatch, feedback_id=own, kind=said.kind, round=said.round,
                    outcome=OutcomeKind.DELIVERED, at=self._clock,
                )  # fmt: skip
                self._take(dispatch, encode(outcome), derived_id("outcome", own), "outcome", None)

    def whole_life(self, number: str, category: str = CATEGORIES[0]) -> str:
        """Issued, signed, contacted, amended, answered and closed."""
        lead = EXPECTED[category][0]
        dispatch = self.issue(number, category)
        self.answer(dispatch)
        self.report(dispatch, lead, ReportKind.SIGNED)
        self.report(dispatch, lead, ReportKind.CONTACTED, contacted=True)
        self.issue(number, category, content="无水，已两天")
        self.report(dispatch, lead, ReportKind.RESULT, public_reply="已恢复供水")
        self.answer(dispatch)
        self.issue(number, category, status="closed")
        return dispatch

    def spoil(self, topic: str, nth: int, **changed: Any) -> None:
        """Changes one record of a topic; `value` may be a function of the bytes."""
        record = self.records[topic][nth]
        if callable(make := changed.get("value")):
            changed["value"] = make(record.value)
        self.records[topic][nth] = replace(record, **changed)

    def _take(
        self, dispatch: str, value: bytes, own: str, type_: str, source: Record | None, department: str | None = None
    ) -> None:
        origin = "" if source is None else f"{source.topic}/{source.partition}/{source.offset}"
        headers = _headers(own, type_) | ({"origin": origin} if origin else {})
        inbox = self.put(INBOX, dispatch, value, headers)
        case, stored = self._cases.get(dispatch, (None, b""))
        model = {"dispatch": Dispatch, "report": Report, "outcome": Outcome}[type_]
        context = Context(inbox.offset, own, department, origin, time=self._clock)
        decision = decide(case, decode(model, value), context, self.rules, stored)  # type: ignore[arg-type]
        for output in decision.outputs:
            if output.topic != NOTICES:
                self.put(output.topic, output.key, encode(output.message), {"ce_id": output.id, "ce_type": output.type})
        if decision.case is not None and decision.case is not case:
            stored = value if decision.adopted else stored
            self._cases[dispatch] = decision.case, stored
            self.put(CASES, dispatch, encode_row(decision.case, stored), {"at": str(decision.case.at)})


def _headers(own: str, type_: str) -> dict[str, str]:
    return {"ce_id": own, "ce_type": f"paidan.{type_}.v1"}


def topic_of(department: str) -> str:
    """What a department reads."""
    return department_dispatches(department)
