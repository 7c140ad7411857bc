"""The door: what may come in, what goes on of it, and why the rest is dead."""

import asyncio
import json

import pytest

from schemas import envelope
from schemas.codec import UndecodableError, decode, encode
from schemas.dead_letter import DeadLetter, DeadReason
from schemas.dispatch import Dispatch
from schemas.topics import CITY, INBOX, partition_of
from streams.agents.intake import admit_dispatch, admit_report
from streams.reading import Known, read
from streams.records import Record
from tests.support.bridge import dispatch, enveloped, report

ONE = dispatch("HS1")
KEY = ONE.id.encode()
GOOD = encode(ONE)
SIGNED = report("HS1", "signed")


def city(value, key=KEY, headers=None):
    return Record(CITY, partition_of(KEY), 7, key, value, enveloped(ONE) if headers is None else headers)


def department(value, key=KEY, headers=(), code="water"):
    return Record(f"dept.{code}.reports", 0, 3, key, value, headers)


def changed(**fields):
    return json.dumps(json.loads(GOOD) | fields, ensure_ascii=False).encode()


def nested(depth):
    return b'{"a":' * depth + b"1" + b"}" * depth


POISON = [
    (changed(body="字" * 100_000), DeadReason.TOO_LARGE),
    (nested(17), DeadReason.TOO_DEEP),
    (nested(20_000), DeadReason.TOO_DEEP),
    (GOOD[:-3] + b"\xff\xfe" + GOOD[-3:], DeadReason.NOT_UTF8),
    (GOOD[:-1], DeadReason.NOT_JSON),
    (b"", DeadReason.NOT_JSON),
    (changed(updated_at="0001-01-01T00:00:00+08:00"), DeadReason.INVALID),
    (changed(issued_at="9999-12-31T23:59:59-08:00"), DeadReason.INVALID),
    (None, DeadReason.NOT_JSON),
    (GOOD[:-1] + b',"title":"again"}', DeadReason.DUPLICATE_KEY),
    (GOOD[:-1] + b',"extra":NaN}', DeadReason.NOT_A_NUMBER),
    (GOOD[:-1] + b',"extra":Infinity}', DeadReason.NOT_A_NUMBER),
    (GOOD[:-1] + b',"extra":"a\x00b"}', DeadReason.CONTROL_CHARACTER),
    (GOOD[:-1] + b',"extra":"a\\u0000b"}', DeadReason.CONTROL_CHARACTER),
    (changed(title="a\u202eb"), DeadReason.BIDI_CONTROL),
    (GOOD[:-1] + b',"extra":"\\u202e"}', DeadReason.BIDI_CONTROL),
    (GOOD[:-1] + b',"extra":"\\ud800"}', DeadReason.LONE_SURROGATE),
    (GOOD[:-1] + b',"extra":' + b"9" * 5000 + b"}", DeadReason.HUGE_NUMBER),
    (b'{"id":"testcity:HS1"}', DeadReason.INVALID),
    (changed(round=0), DeadReason.INVALID),
    (b"[]", DeadReason.INVALID),
]


@pytest.mark.parametrize(("value", "reason"), POISON)
def test_what_may_not_come_in_is_dead_with_its_reason_at_both_doors(value, reason):
    for admitted in (admit_dispatch(city(value)), admit_report(department(value))):
        assert isinstance(admitted, DeadLetter)
        assert admitted.reason is reason
    assert admitted.origin == "dept.water.reports/0/3"


def test_a_dispatch_goes_on_byte_for_byte_with_its_id_and_where_it_came_from():
    value = GOOD[:-1] + '  ,"new_field":"新"}'.encode()
    admitted = admit_dispatch(city(value))
    assert admitted.message.id == ONE.id
    out = admitted.out
    assert (out.topic, out.partition, out.key, out.value) == (INBOX, partition_of(KEY), KEY, value)
    headers = dict(out.headers)
    assert headers["ce_id"] == dict(enveloped(ONE))["ce_id"]
    assert headers["origin"] == f"city.dispatches/{partition_of(KEY)}/7".encode()
    assert envelope.read(out.headers).type == "paidan.dispatch.v1"


def test_the_trace_goes_on_with_a_span_of_its_own():
    before = dict(enveloped(ONE))["traceparent"].decode().split("-")
    after = dict(admit_dispatch(city(GOOD)).out.headers)["traceparent"].decode().split("-")
    assert after[1] == before[1]
    assert after[2] != before[2]


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ([], DeadReason.UNKNOWN_TYPE),
        ([("ce_type", b"paidan.dispatch.v9")], DeadReason.UNKNOWN_TYPE),
        (enveloped(SIGNED), DeadReason.UNKNOWN_TYPE),
        ([h for h in enveloped(ONE) if h[0] != "ce_id"], DeadReason.INVALID),
        ([h if h[0] != "ce_time" else ("ce_time", b"noon") for h in enveloped(ONE)], DeadReason.INVALID),
    ],
)
def test_a_dispatch_without_a_proper_envelope_is_dead(headers, reason):
    assert admit_dispatch(city(GOOD, headers=headers)).reason is reason


@pytest.mark.parametrize("key", [None, b"", b"testcity:HS2"])
def test_a_key_that_is_not_the_dispatch_is_dead(key):
    assert admit_dispatch(city(GOOD, key=key)).reason is DeadReason.KEY_MISMATCH
    assert admit_report(department(encode(SIGNED), key=key)).reason is DeadReason.KEY_MISMATCH


def test_who_speaks_is_the_topic_whatever_the_record_says():
    value = encode(SIGNED)[:-1] + b',"department":"housing"}'
    out = admit_report(department(value, headers=[("department", b"housing"), *enveloped(SIGNED)])).out
    assert [content for name, content in out.headers if name == "department"] == [b"water"]


def test_plain_json_is_a_report_and_the_same_bytes_are_the_same_report():
    value = encode(SIGNED)
    first, again = admit_report(department(value)).out, admit_report(department(value)).out
    assert dict(first.headers)["ce_id"] == dict(again.headers)["ce_id"]
    other = admit_report(department(encode(report("HS1", "signed", minute=2)))).out
    assert dict(other.headers)["ce_id"] != dict(first.headers)["ce_id"]


def test_a_department_cannot_use_up_the_id_of_another():
    headers = [("ce_type", b"paidan.report.v1"), ("ce_id", b"1")]
    ids = {
        dict(admit_report(department(encode(SIGNED), headers=headers, code=code)).out.headers)["ce_id"]
        for code in ("water", "housing")
    }
    assert len(ids) == 2


def test_nothing_else_of_a_departments_headers_goes_on():
    planted = b"CANARY-13800001111"
    headers = [
        ("ce_type", b"paidan.report.v1"), ("ce_id", planted), ("ce_source", planted), ("ce_time", planted),
        ("traceparent", planted), ("x-note", planted), ("origin", planted),
    ]  # fmt: skip
    out = admit_report(department(encode(SIGNED), headers=headers)).out
    assert not any(planted in content for _, content in out.headers)


@pytest.mark.parametrize("value", [value for value, _ in POISON] + [GOOD, GOOD + b" ", changed(extra=[[[]]])])
def test_the_quick_reading_answers_as_the_codec_does(value):
    def answer(read_):
        try:
            return read_(Dispatch, value)
        except UndecodableError as problem:
            return problem.reason, problem.detail

    assert answer(read) == answer(decode)


def test_what_was_read_is_known_once_and_only_for_the_same_bytes():
    known = Known(limit=2)
    known.put(b"1", GOOD, ONE)
    assert known.take(Dispatch, b"1", GOOD + b" ") is None
    known.put(b"1", GOOD, ONE)
    assert known.take(Dispatch, b"1", bytes(bytearray(GOOD))) is ONE
    assert known.take(Dispatch, b"1", GOOD) is None
    for each in (b"1", b"2", b"3"):
        known.put(each, GOOD, ONE)
    assert known.take(Dispatch, b"3", GOOD) is None
    assert known.take(Dispatch, b"1", GOOD) is ONE


def test_what_nobody_asks_for_makes_room():
    known = Known(limit=2)
    for each in range(6):
        known.put(b"%d" % each, GOOD, ONE)
    assert known.take(Dispatch, b"0", GOOD) is None
    assert known.take(Dispatch, b"5", GOOD) is ONE


async def test_reading_ahead_waits_until_what_is_kept_has_been_asked_for():
    known = Known(limit=2)
    known.put(b"1", GOOD, ONE)
    known.put(b"2", GOOD, ONE)
    waiting = asyncio.create_task(known.room(1))
    await asyncio.wait({waiting}, timeout=0.01)
    assert not waiting.done()
    assert known.take(Dispatch, b"1", GOOD) is ONE
    await asyncio.wait_for(waiting, 5)


async def test_reading_ahead_goes_on_where_nobody_asks():
    known = Known(limit=1)
    known.put(b"1", GOOD, ONE)
    await asyncio.wait_for(known.room(1), 5)
    await asyncio.wait_for(known.room(100), 5)
