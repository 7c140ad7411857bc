"""What no record may contain is refused by its name, at once, and nothing else is."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import UndecodableError, decode
from schemas.dead_letter import DeadReason
from schemas.limits import MAX_BYTES, MAX_DEPTH, depth, refusal
from schemas.report import Report

R = DeadReason


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b'{"a":"' + b"x" * MAX_BYTES + b'"}', R.TOO_LARGE),
        (b"[" * 100_000, R.TOO_DEEP),
        (b"[" * 17 + b"]" * 17, R.TOO_DEEP),
        (b'{"a":' * 17 + b"1" + b"}" * 17, R.TOO_DEEP),
        (b'{"a":"x\\u0000"}', R.CONTROL_CHARACTER),
        (b'{"a":"x\x00"}', R.CONTROL_CHARACTER),
        (b'{"x\\u0000":1}', R.CONTROL_CHARACTER),
        (b'{"a":"x\\b"}', R.CONTROL_CHARACTER),
        (b'{"a":"x\\f"}', R.CONTROL_CHARACTER),
        (b'{"a":NaN}', R.NOT_A_NUMBER),
        (b'{"a":-Infinity}', R.NOT_A_NUMBER),
        (b'{"a":1,"a":2}', R.DUPLICATE_KEY),
        (b'{"a":{"b":1,"b":1}}', R.DUPLICATE_KEY),
        (b'{"a":1,"\\u0061":2}', R.DUPLICATE_KEY),
        (b'{"a":"\\ud800"}', R.LONE_SURROGATE),
        (b'{"a":"\\udc00\\ud800"}', R.LONE_SURROGATE),
        (b'{"a":"\xed\xa0\x80"}', R.NOT_UTF8),
        (b'{"a":"\\u202e"}', R.BIDI_CONTROL),
        ('{"a":"\u202e"}'.encode(), R.BIDI_CONTROL),
        ('{"a":"\u2066"}'.encode(), R.BIDI_CONTROL),
        (b'{"a":' + b"9" * 5_000 + b"}", R.HUGE_NUMBER),
        (b"\xff\xfe{}", R.NOT_UTF8),
        ('{"标题":"停水"}'.encode("gb18030"), R.NOT_UTF8),
        (b"", R.NOT_JSON),
        (b"{", R.NOT_JSON),
        (b"{}{}", R.NOT_JSON),
    ],
    ids=lambda value: value.value if isinstance(value, DeadReason) else "",
)
def test_each_forbidden_input_is_refused_by_its_name(value: bytes, reason: DeadReason) -> None:
    assert refusal(value) is reason
    with pytest.raises(UndecodableError) as caught:
        decode(Report, value)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    "value",
    [
        "[" * MAX_DEPTH + "]" * MAX_DEPTH,
        '{"a":"[[[[[[[[[[[[[[[[[[[[[[[[[["}',
        '{"a":"\\\\u0000"}',
        '{"a":"\\ud83d\\ude00"}',
        '{"a":"“停水”\\n第二行\\t完"}',
        '{"a":"😀 ‘引号’"}',
        json.dumps({"a": 10**300}),
        '[{"a":1},{"a":2}]',
    ],
)
def test_what_only_looks_forbidden_comes_in(value: str) -> None:
    assert refusal(value.encode()) is None


@given(st.binary(max_size=400))
def test_any_bytes_get_an_answer_and_never_an_exception(value: bytes) -> None:
    assert refusal(value) is None or isinstance(refusal(value), DeadReason)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=4),
    max_leaves=20,
)


@given(json_values, st.booleans())
def test_depth_counts_what_nests(value: object, ascii_only: bool) -> None:
    def nesting(node: object) -> int:
        if isinstance(node, dict):
            return 1 + max(map(nesting, node.values()), default=0)
        return 1 + max(map(nesting, node), default=0) if isinstance(node, list) else 0

    assert depth(json.dumps(value, ensure_ascii=ascii_only)) == nesting(value)


@pytest.mark.parametrize("value", [b"[" * MAX_BYTES, b'{"a":"' + b"\\u4e2d" * 43_000 + b'"}', b"9" * MAX_BYTES])
def test_the_worst_input_that_fits_costs_no_stall(value: bytes) -> None:
    began = time.perf_counter()
    refusal(value)
    assert time.perf_counter() - began < 1.0, "one record would hold up a worker"
