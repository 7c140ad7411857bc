"""Who sees what, as a table: every reader, every field, on the bytes that reach the department's topic."""

import json
from typing import Any

import pytest

from schemas.assignment import Assignment, Role
from schemas.codec import decode, encode
from schemas.dispatch import Attachment, Caller, Dispatch, Place
from schemas.notice import Notice
from schemas.order import OrderAction
from schemas.report import ReportKind
from schemas.topics import JOURNAL, NOTICES, department_dispatches
from streams.domain import visibility
from streams.domain.masking import MASK
from streams.domain.visibility import SIGHT, Reader, shown_to
from tests.support.domain import Desk, a_dispatch

NAME, PHONE, OTHER, IDENTITY, HOME = "张示例", "13800000001", "0471-7190123", "150123199001011234", "13911112222"
CANARY = {
    "caller": Caller(name=NAME, phone=PHONE, contact_phone=OTHER),
    "title": f"{NAME}反映停水",
    "body": f"张女士（{NAME}，电话{PHONE}，身份证{IDENTITY}）称邻居 139 1111 2222 也停水",
    "remark": f"请联系{NAME} {OTHER}",
    "place": Place(area_code="150123100", address=f"示例路 1 号（{PHONE}）", longitude=111.8, latitude=40.4),
    "attachments": (
        Attachment(id="1", name=f"{PHONE}.mp3", url=f"https://city.example/{PHONE}.mp3"),
        Attachment(id="2", name="水管.jpg", url="https://city.example/2.jpg"),
    ),
}


def _canary(**changes: Any) -> Dispatch:
    return a_dispatch(**{**CANARY, **changes})


TABLE: dict[str, tuple[dict[str, Any], Role, Reader]] = {
    "lead": ({}, Role.LEAD, Reader.LEAD),
    "assist": ({}, Role.ASSIST, Reader.ASSIST),
    "lead of a secret dispatch": ({"secret": True}, Role.LEAD, Reader.SECRET),
    "assist of a secret dispatch": ({"secret": True}, Role.ASSIST, Reader.SECRET),
    "lead that it is about": ({"about": ("water",)}, Role.LEAD, Reader.ABOUT),
    "assist that it is about": ({"about": ("water",)}, Role.ASSIST, Reader.ABOUT),
    "lead that it is about, secret": ({"about": ("water",), "secret": True}, Role.LEAD, Reader.ABOUT),
    "lead, about nobody knows whom": ({"unknown": ("about",)}, Role.LEAD, Reader.SECRET),
    "lead, about another": ({"about": ("gas",)}, Role.LEAD, Reader.LEAD),
}

SEES: dict[Reader, dict[str, bool]] = {
    #               the caller's name, any phone, an identity number, that there are files
    Reader.LEAD: {NAME: True, PHONE: True, OTHER: True, IDENTITY: True, "水管.jpg": True, "张女士": True},
    Reader.ASSIST: {NAME: True, PHONE: False, OTHER: False, IDENTITY: False, "水管.jpg": True, "张女士": True},
    Reader.SECRET: {NAME: False, PHONE: False, OTHER: False, IDENTITY: False, "水管.jpg": True, "张女士": False},
    Reader.ABOUT: {NAME: False, PHONE: False, OTHER: False, IDENTITY: False, "水管.jpg": False, "张女士": False},
}
MASKED = ("body", "place.address")
HIDDEN = {
    Reader.LEAD: (),
    Reader.ASSIST: (*MASKED, "caller.phone", "caller.contact_phone", "remark", "attachments.name", "attachments.url"),
    Reader.SECRET: ("title", *MASKED, "caller", "remark", "attachments.name", "attachments.url"),
    Reader.ABOUT: ("title", *MASKED, "caller", "remark", "attachments"),
}


def _record(view: dict[str, Any], role: Role) -> Assignment:
    """What the water department gets in this role."""
    desk = Desk()
    desk.shows(category="housing.title")
    to = ("water", "power") if role is Role.LEAD else ("power", "water")
    desk.orders(OrderAction.ROUTE, to=to)
    desk.shows(**{**CANARY, **view, "category": "housing.title"})
    (output,) = (one for one in desk.decisions[-1].outputs if one.topic == department_dispatches("water"))
    return decode(Assignment, encode(output.message))


@pytest.mark.parametrize("who", TABLE)
def test_a_record_carries_what_its_reader_may_see_and_no_more(who: str) -> None:
    view, role, reader = TABLE[who]
    record = _record(view, role)
    text = encode(record).decode()
    assert record.role is role
    assert {word: word in text for word in SEES[reader]} == SEES[reader]
    assert ("1111 2222" in text) is (reader is Reader.LEAD)
    assert (HOME in text) is False
    assert record.hidden == HIDDEN[reader]


@pytest.mark.parametrize("who", TABLE)
def test_an_absence_is_told_apart_from_an_empty_value(who: str) -> None:
    view, role, _ = TABLE[who]
    bare = {"caller": None, "attachments": (), "title": "停水", "body": "", "remark": "", "place": Place()}
    record = _record({**view, **bare}, role)
    assert (record.caller, record.attachments, record.hidden) == (None, (), ())


def test_a_long_link_is_read_to_its_end() -> None:
    long = Attachment(id="1", name="a", url="https://city.example/" + "x" * 600 + f"?to={PHONE}")
    shown = shown_to(_canary(attachments=(long,)), "water", Role.ASSIST)
    assert shown.fields["attachments"][0].url is None
    assert "attachments.url" in shown.hidden


def test_every_reader_has_a_line_in_the_table() -> None:
    assert set(SIGHT) == set(Reader) == set(SEES) == {reader for _, _, reader in TABLE.values()}


def test_what_a_reader_may_see_never_grows_down_the_table() -> None:
    lines = [SIGHT[reader] for reader in (Reader.LEAD, Reader.ASSIST, Reader.SECRET, Reader.ABOUT)]
    for field in ("name", "phones", "attachments"):
        seen = [getattr(line, field) for line in lines]
        assert seen == sorted(seen, reverse=True)


def test_every_field_of_an_assignment_that_has_content_is_decided_here() -> None:
    told = {
        "dispatch", "department", "seq", "version", "round", "action", "role", "lead", "assists", "occurred_at",
        "reason", "hidden",
    }  # fmt: skip
    assert set(shown_to(a_dispatch(), "water", Role.LEAD).fields) == set(Assignment.model_fields) - told


@pytest.mark.parametrize("role", Role)
def test_a_field_that_nobody_knows_reaches_nobody(role: Role) -> None:
    raw = json.loads(encode(_canary()))
    raw["caller_identity"] = "CANARY"
    raw["caller"]["wechat"] = "CANARY"
    raw["place"]["home"] = "CANARY"
    raw["attachments"][0]["speaker"] = "CANARY"
    dispatch = decode(Dispatch, json.dumps(raw).encode())
    shown = shown_to(dispatch, "water", role)
    record = encode(Assignment.model_validate({**_EMPTY, **shown.fields, "hidden": shown.hidden}))
    assert b"CANARY" not in record


_EMPTY = {
    "dispatch": "city:1", "department": "water", "seq": 1, "version": 1, "round": 1, "action": "assigned",
    "role": "lead", "lead": "water", "occurred_at": "2026-03-02T04:00:00Z",
}  # fmt: skip


def test_nobody_learns_whom_it_is_about_or_that_it_is_secret() -> None:
    record = json.loads(encode(_record({"about": ("gas",), "secret": True}, Role.LEAD)))
    assert not {"about", "secret", "city_codes", "unknown", "digest"} & record.keys()


def test_what_becomes_secret_is_masked_from_then_on() -> None:
    desk = Desk()
    desk.shows(**CANARY)
    decision = desk.shows(**CANARY, secret=True)
    for output in decision.outputs:
        text = encode(output.message).decode()
        assert NAME not in text
        assert PHONE not in text


def test_a_withdrawn_department_is_told_nothing_of_the_content() -> None:
    desk = Desk()
    desk.shows(**CANARY)
    decision = desk.shows(**CANARY, status="withdrawn")
    for output in decision.outputs:
        text = encode(output.message).decode()
        if output.topic.startswith("dept."):
            assert NAME not in text
            assert "停水" not in text


def test_notices_and_journal_carry_no_caller() -> None:
    desk = Desk()
    desk.shows(**CANARY)
    desk.reports("water", ReportKind.CONTACTED, handler="王经办")
    desk.reports("water", ReportKind.RESULT, note=f"已联系{NAME}", public_reply="好")
    for output in desk.outputs:
        if output.topic in {NOTICES, JOURNAL}:
            text = encode(output.message).decode()
            assert not [word for word in (NAME, PHONE, OTHER, IDENTITY, "1111") if word in text]


def test_a_notice_has_a_title_without_the_caller() -> None:
    desk = Desk()
    desk.shows(**CANARY)
    notices = [one.message for one in desk.outputs if isinstance(one.message, Notice)]
    assert {notice.title for notice in notices} == {f"{MASK}反映停水"}


def test_the_table_notices_a_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: an assist that is shown what a lead is shown must not pass the table."""
    monkeypatch.setitem(visibility.SIGHT, Reader.ASSIST, SIGHT[Reader.LEAD])
    with pytest.raises(AssertionError):
        test_a_record_carries_what_its_reader_may_see_and_no_more("assist")
