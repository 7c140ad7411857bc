"""The row of a case: one JSON object, small, split without parsing the dispatch it carries."""

import json

import pytest

from schemas.case import FINAL, LIVE, Case, HoldingState, State, decode_row, encode_row
from schemas.codec import encode
from schemas.report import ReportKind
from streams.domain.rules import Rules
from tests.support.domain import ROADS, Desk, a_dispatch, a_policy, at

RAW = '{"id":"city:HS1", "odd":  1.50,\n "text":"\\u505c水,\\"dispatch\\":{}}"}'.encode()


@pytest.mark.parametrize("name", ROADS)
def test_a_row_is_one_json_object_and_reads_back_byte_for_byte(name: str) -> None:
    case = at(name).case
    assert case is not None
    row = encode_row(case, RAW)
    whole = json.loads(row)
    assert list(whole)[-1] == "dispatch"
    assert whole["dispatch"] == json.loads(RAW)
    assert decode_row(row) == (case, RAW)
    assert encode_row(*decode_row(row)) == row


def test_without_a_dispatch_the_last_member_is_null() -> None:
    case = at("quarantined").case
    assert case is not None
    assert json.loads(encode_row(case, b""))["dispatch"] is None
    assert decode_row(encode_row(case, b"")) == (case, b"")


def test_what_a_department_writes_cannot_look_like_a_member_of_the_row() -> None:
    desk = Desk(rules=Rules.of(a_policy(review="manual")))
    desk.shows()
    desk.reports(
        "water", ReportKind.RESULT, public_reply=',"dispatch":{}', extra={"a": 1, "dispatch": {"b": 2}}, dispatch_="x"
    )
    assert desk.case is not None
    assert desk.case.state is State.REVIEW
    row = encode_row(desk.case, RAW)
    assert decode_row(row) == (desk.case, RAW)
    assert json.loads(row)["dispatch"] == json.loads(RAW)


def test_a_field_of_a_later_version_is_kept() -> None:
    case = at("working").case
    assert case is not None
    row = encode_row(case, RAW).replace(b'{"at"', b'{"of_later":[1],"at"', 1)
    read, dispatch = decode_row(row)
    assert b'"of_later":[1]' in encode_row(read, dispatch)
    desk = Desk(case=read, stored=encode(a_dispatch()))
    desk.reports("water", ReportKind.PROGRESS)
    assert desk.case is not None
    assert b'"of_later":[1]' in encode_row(desk.case, dispatch)


@pytest.mark.parametrize("row", [b"", b"{}", b'{"at":1}', b'{"at":1,"dispatch":null}'])
def test_what_is_no_row_is_refused(row: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode_row(row)


def test_a_typical_head_is_small() -> None:
    case = at("reported").case
    assert case is not None
    assert len(encode_row(case, b"")) < 600
    first = at("dispatched").case
    assert first is not None
    assert len(encode_row(first, b"")) < 520


def test_a_case_ends_in_four_ways_and_a_share_in_three() -> None:
    assert len(FINAL) == 4
    assert set(HoldingState) - set(LIVE) == {HoldingState.RETURNED, HoldingState.TRANSFERRED, HoldingState.WITHDRAWN}


def test_a_row_without_a_default_means_the_default() -> None:
    row = b'{"at":1,"seq":0,"source":"city","number":"HS1","state":"quarantined","dispatch":null}'
    assert decode_row(row)[0] == Case(at=1, seq=0, source="city", number="HS1", state=State.QUARANTINED)
