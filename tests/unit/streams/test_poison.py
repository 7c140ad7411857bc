"""Whatever a field holds: the record is dead, or it is decided and all that it brings about can be read again."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from schemas.case import decode_row, encode_row
from schemas.codec import decode, encode
from schemas.dead_letter import DeadLetter
from schemas.dispatch import Dispatch
from schemas.report import Report
from schemas.topics import CITY, department_reports, partition_of
from streams.agents.intake import admit_dispatch, admit_report
from streams.domain.decide import decide
from streams.domain.decision import Context, Decision
from streams.records import Record
from tests.support.bridge import dispatch, enveloped, report
from tests.support.domain import RULES

ONE: Final = dispatch("HS1")
KEY: Final = ONE.id.encode()
SNAPSHOT: Final = encode(ONE)
OPENED: Final = decide(None, ONE, Context(at=1, id="0" * 24, origin="city.dispatches/3/7"), RULES, b"")

POISON: Final[tuple[Any, ...]] = (
    None, True, 0, -1, 1e308, 10**30, 4e18, "", " ", "\x00", "\u202e", "x" * 600, "x" * 30_000, "é" * 500,
    "2026", "20261125", "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00", "2026-03-02T01:30:00+14:00",
    "2026-02-30T00:00:00Z", "2026-03-02T01:30:60Z", "2026-03-02T24:00:00Z", [], {}, [[]], {"a": 1}, ["a"] * 300,
    [{"id": "1", "name": "n"}] * 100, "city:1", "city:HS1", "..", "a.b.c.d", "unknown", "merged", "withdrawn",
    "closed", ["category"], [1], "P1D", "NaN",
)  # fmt: skip


def places(within: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, value in within.items():
        yield (*above, name)
        if isinstance(value, dict):
            yield from places(value, (*above, name))


def with_(message: dict[str, Any], place: tuple[str, ...], value: Any) -> bytes:
    copied = json.loads(json.dumps(message))
    inside = copied
    for name in place[:-1]:
        inside = inside[name]
    inside[place[-1]] = value
    return json.dumps(copied, ensure_ascii=False).encode()


def is_readable(decision: Decision, snapshot: bytes) -> None:
    for output in decision.outputs:
        decode(type(output.message), encode(output.message))
    if decision.case is not None:
        case, kept = decode_row(encode_row(decision.case, snapshot))
        assert case == decision.case
        decode(Dispatch, kept, checked=True)


DISPATCH: Final = json.loads(SNAPSHOT)
REPORT: Final = json.loads(encode(report("HS1", "result")))


@pytest.mark.parametrize("place", [*places(DISPATCH), *((name,) for name in Dispatch.model_fields)], ids=".".join)
def test_a_dispatch(place: tuple[str, ...]) -> None:
    for value in POISON:
        raw = with_(DISPATCH, place, value)
        admitted = admit_dispatch(Record(CITY, partition_of(KEY), 7, KEY, raw, enveloped(ONE)))
        if not isinstance(admitted, DeadLetter):
            assert isinstance(admitted.message, Dispatch)
            context = Context(at=1, id="0" * 24, origin="city.dispatches/3/7")
            is_readable(decide(None, admitted.message, context, RULES, b""), raw)


@pytest.mark.parametrize("name", Report.model_fields)
def test_a_report(name: str) -> None:
    assert OPENED.case is not None
    lead = OPENED.case.lead
    assert lead is not None
    for value in POISON:
        raw = with_(REPORT, (name,), value)
        admitted = admit_report(Record(department_reports(lead), 0, 7, KEY, raw, ()))
        if not isinstance(admitted, DeadLetter):
            assert isinstance(admitted.message, Report)
            context = Context(at=2, id="1" * 24, origin="dept.x.reports/0/7", department=lead)
            is_readable(decide(OPENED.case, admitted.message, context, RULES, SNAPSHOT), SNAPSHOT)
