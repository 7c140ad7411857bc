"""Theirs to ours, as a table: what is kept, what is flagged, what is refused; and ours to theirs."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from connectors.runtime.ports import Refused
from connectors.systems.city_rest.build import mapping_digest
from connectors.systems.city_rest.settings import CityRestSettings
from connectors.systems.city_rest.translate import NoWordError, Translator
from schemas.dead_letter import DeadReason
from schemas.dispatch import Dispatch
from schemas.feedback import Feedback, FeedbackKind

ROOT = Path(__file__).parents[3]


def city(path: str = "deploy/counties/helin/connectors/city.yaml", **changes: Any) -> CityRestSettings:
    document = YAML(typ="safe").load(ROOT / path)
    document.pop("system")
    return CityRestSettings.model_validate({**document, **changes})


TRANSLATOR = Translator(city())
ROW: dict[str, Any] = {
    "orderNo": "HS20261125000123", "orderStatus": "1", "handleTimes": 1, "mergedTo": "", "title": "城关镇停水",
    "content": "来电人反映停水。", "orderType": "03", "emergencyLevel": "2", "categoryCode": "010101",
    "categoryName": "市政公用/供水/停水", "areaCode": "150123100", "townName": "城关镇", "communityName": "第一社区",
    "address": "和顺家园1号楼", "lng": 111.8, "lat": 40.4, "callerName": "王先生", "callerPhone": "13800000001",
    "contactPhone": "13800000002", "secretFlag": "0", "sourceChannel": "01", "complainedUnit": "",
    "dispatchTime": "2026-03-02 09:00:00", "updateTime": "2026-03-02 09:30:00", "deadline": "2026-03-07 09:00:00",
    "dispatchOpinion": "请办理。", "attachments": "https://files.example/1.jpg,https://files.example/2.jpg?sign=x",
}  # fmt: skip


def read(row: Any, translator: Translator = TRANSLATOR) -> Dispatch | Refused:
    raw = json.dumps(row, ensure_ascii=False).encode()
    found = translator.read(raw, row)
    assert isinstance(found, Dispatch) or found.raw == raw
    return found


def shown(**changes: Any) -> Dispatch:
    found = read({**ROW, **changes})
    assert isinstance(found, Dispatch)
    return found


def refused(**changes: Any) -> Refused:
    found = read({**ROW, **changes})
    assert isinstance(found, Refused)
    return found


def test_a_row_becomes_a_dispatch_with_nothing_left_out() -> None:
    one = shown()
    assert one.id == "city:HS20261125000123"
    assert (one.kind, one.urgency, one.channel, one.category) == (
        "complaint", "urgent", "phone", "utilities.water.outage",
    )  # fmt: skip
    assert one.issued_at == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    assert one.updated_at == datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    assert one.due_at == datetime(2026, 3, 7, 1, 0, tzinfo=UTC)
    assert one.category_names == ("市政公用", "供水", "停水")
    assert (one.place.area_code, one.place.township, one.place.longitude) == ("150123100", "城关镇", 111.8)
    assert one.caller is not None
    assert (one.caller.name, one.caller.phone, one.caller.contact_phone) == ("王先生", "13800000001", "13800000002")
    assert [file.name for file in one.attachments] == ["1.jpg", "2.jpg"]
    assert (one.body, one.remark, one.secret, one.round, one.unknown) == (
        "来电人反映停水。", "请办理。", False, 1, (),
    )  # fmt: skip
    assert one.city_codes == {
        "category": "010101", "urgency": "2", "kind": "03", "channel": "01", "area": "150123100", "status": "1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "flag", "field"),
    [
        ({"categoryCode": "990001"}, "category", "category"),
        ({"categoryCode": ""}, "category", None),
        ({"emergencyLevel": "9"}, "urgency", "urgency"),
        ({"orderType": "99"}, "kind", "kind"),
        ({"sourceChannel": "55"}, "channel", "channel"),
        ({"areaCode": "999999"}, "area", "area"),
        ({"areaCode": "1501"}, "area", "area"),
        ({"complainedUnit": "某某单位"}, "about", "about"),
    ],
)
def test_a_code_that_no_table_knows_is_kept_and_flagged_and_never_guessed(
    changes: dict[str, str], flag: str, field: str | None
) -> None:
    one = shown(**changes)
    assert one.unknown == (flag,)
    if field:
        assert one.city_codes[field] == next(iter(changes.values()))
    assert one.category == ("unknown" if flag == "category" else "utilities.water.outage")


@pytest.mark.parametrize(
    ("area", "known"),
    [("150123", True), ("150123100", True), ("150123100999", True), ("150123999", False), ("150121", False)],
)
def test_an_area_is_known_by_its_township(area: str, known: bool) -> None:
    assert ("area" not in shown(areaCode=area).unknown) is known


def test_the_unit_complained_about_is_found_by_its_name() -> None:
    assert shown(complainedUnit="和林格尔县自来水公司").about == ("water-supply",)


@pytest.mark.parametrize(
    ("code", "status"),
    [("1", "open"), ("2", "closed"), ("3", "withdrawn"), ("4", "merged"), ("7", "open"), ("", "open")],
)
def test_a_status_that_nobody_knows_leaves_the_order_open(code: str, status: str) -> None:
    assert shown(orderStatus=code).status == status


def test_an_order_merged_into_another_says_into_which() -> None:
    assert shown(orderStatus="4", mergedTo="HS2").merged_into == "city:HS2"


@pytest.mark.parametrize(("flag", "secret"), [("0", False), ("1", True), ("", False), ("?", True)])
def test_a_secrecy_flag_that_nobody_knows_keeps_the_secret(flag: str, secret: bool) -> None:
    assert shown(secretFlag=flag).secret is secret


@pytest.mark.parametrize(
    ("changes", "reason", "detail"),
    [
        ({"orderNo": ""}, DeadReason.NO_NUMBER, "number"),
        ({"orderNo": None}, DeadReason.NO_NUMBER, "number"),
        ({"orderNo": "编号"}, DeadReason.NO_NUMBER, "number"),
        ({"orderNo": "a" * 81}, DeadReason.NO_NUMBER, "number"),
        ({"updateTime": ""}, DeadReason.NO_TIME, "updated_at"),
        ({"dispatchTime": "0000-00-00 00:00:00"}, DeadReason.NO_TIME, "issued_at"),
        ({"title": "a\u202eb"}, DeadReason.BIDI_CONTROL, ""),
    ],
)
def test_what_has_no_number_or_no_time_is_refused(changes: dict[str, Any], reason: DeadReason, detail: str) -> None:
    found = refused(**changes)
    assert (found.reason, found.detail) == (reason, detail)


@pytest.mark.parametrize("row", [None, 1, "数据迁移中", [], True])
def test_what_is_no_object_is_refused(row: Any) -> None:
    found = read(row)
    assert isinstance(found, Refused)
    assert found.reason is DeadReason.UNREADABLE


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"orderNo":"1","orderNo":"2"}', DeadReason.DUPLICATE_KEY),
        (b'{"lng":NaN}', DeadReason.NOT_A_NUMBER),
        (b'{"n":' + b"9" * 5000 + b"}", DeadReason.HUGE_NUMBER),
        (b'{"title":"a\\u0000b"}', DeadReason.CONTROL_CHARACTER),
        (b'{"title":"\\ud800"}', DeadReason.LONE_SURROGATE),
        (b'{"title":"' + "标题".encode("gbk") + b'"}', DeadReason.NOT_UTF8),
        (b"[" * 20 + b"]" * 20, DeadReason.TOO_DEEP),
        (b'"' + b"x" * 300_000 + b'"', DeadReason.TOO_LARGE),
        (b"{", DeadReason.NOT_JSON),
    ],
)
def test_what_no_record_may_contain_is_refused_at_this_door_too(raw: bytes, reason: DeadReason) -> None:
    found = TRANSLATOR.read_raw(raw)
    assert isinstance(found, Refused)
    assert (found.reason, found.raw) == (reason, raw)


def test_odd_but_readable_rows_delay_no_citizen() -> None:
    one = shown(
        title="长" * 600, content="长" * 30_000, handleTimes="x", lng="", lat="900", deadline="soon", attachments=None,
        orderNo=" ＨＳ１２３ ", callerPhone="１３８ ００００", callerName=None, contactPhone="",
    )  # fmt: skip
    assert (len(one.title), len(one.body), one.round, one.due_at) == (500, 20_000, 1, None)
    assert (one.place.longitude, one.place.latitude, one.attachments) == (None, None, ())
    assert one.number == "HS123"
    assert one.caller is not None
    assert one.caller.phone == "138 0000"


def test_equal_content_has_an_equal_digest_however_the_row_is_written() -> None:
    assert shown(handleTimes="1", lng="111.8").digest == shown().digest
    assert shown(updateTime="2026-03-02 10:00:00").digest == shown().digest
    assert shown(content="又停了").digest != shown().digest


def test_a_quarantined_row_can_be_read_again_when_the_tables_have_learned() -> None:
    raw = json.dumps(ROW).encode()
    assert TRANSLATOR.read_raw(raw) == shown()


def test_the_mapping_has_a_digest_that_changes_with_the_tables_and_not_with_the_pace() -> None:
    assert mapping_digest(city()) == mapping_digest(city(budget={"per_second": 1}))
    assert mapping_digest(city()) != mapping_digest(city(codes={}))


def feedback(**changes: Any) -> Feedback:
    fields: dict[str, Any] = {
        "dispatch": "city:HS1", "source": "city", "number": "HS1", "seq": 3, "round": 2, "kind": "result",
        "occurred_at": datetime(2026, 3, 2, 1, 30, tzinfo=UTC), **changes,
    }  # fmt: skip
    return Feedback.model_validate(fields)


def test_feedback_is_told_in_the_citys_words() -> None:
    values = TRANSLATOR.values(
        feedback(
            public_reply="已修复", note="内部", solved=True, founded=False, contacted=True, department_name="自来水公司"
        ),
        "a" * 24,
        "县中心",
    )
    assert values["kind"] == "3"
    assert values["occurred_at"] == "2026-03-02 09:30:00"
    assert (values["solved"], values["founded"], values["contacted"]) == ("1", "0", "1")
    assert (values["unit"], values["public_reply"], values["note"]) == ("自来水公司", "已修复", "内部")
    assert (values["reason"], values["extend_days"], values["contacted_at"]) == ("", "", "")


def test_the_county_speaks_where_no_department_does() -> None:
    assert TRANSLATOR.values(feedback(kind="sign"), "a" * 24, "县中心")["unit"] == "县中心"


def test_a_reason_without_a_word_of_the_citys_is_not_told() -> None:
    words = city().words.model_copy(update={"reason": {}})
    silent = Translator(city().model_copy(update={"words": words}))
    with pytest.raises(NoWordError, match="reason"):
        silent.values(feedback(kind="return", reason="not_ours"), "a" * 24, "县中心")


@pytest.mark.parametrize("path", ["deploy/counties/helin/connectors/city.yaml", "tests/data/cities/beta.yaml"])
def test_a_city_has_a_word_for_everything_it_may_be_told(path: str) -> None:
    settings = city(path)
    assert settings.tell is not None
    assert set(settings.tell.requests) == set(FeedbackKind)
    assert set(settings.words.reason) >= {
        "not_ours", "wrong_area", "duplicate", "insufficient", "not_government", "in_litigation",
    }  # fmt: skip
