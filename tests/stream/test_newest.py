"""The highest `at` wins, wherever it lies in the log; a key that ends in an older record is told."""

from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.engine.newest import Newest, UnreadableRowError, read


class Record(NamedTuple):
    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes | None
    headers: Any


def record(key, at, value=b"row", offset=0):
    return Record("cases", 3, offset, key, value, (("at", b"%d" % at),))


def fed(*records):
    newest, rows = Newest(), {}
    for one in records:  # one at a time: as hard as it gets
        for key, value, head in newest.feed([one]):
            rows[key] = head.at, value
        rows = {key: row for key, row in rows.items() if key not in newest.gone}
    return rows, newest


@pytest.mark.parametrize(
    ("log", "row", "stale"),
    [
        ([(1, b"a"), (2, b"b")], (2, b"b"), False),
        ([(2, b"b"), (1, b"a")], (2, b"b"), True),
        ([(2, b"b"), (1, b"a"), (2, b"b")], (2, b"b"), False),
        ([(2, b"b"), (2, b"b")], (2, b"b"), False),
        ([(2, b"b"), (1, b"a"), (3, b"c")], (3, b"c"), False),
        ([(2, b"b"), (2, None)], None, False),
        ([(2, b"b"), (2, None), (1, b"a")], None, True),
        ([(2, b"b"), (2, None), (2, b"b")], None, True),
        ([(2, b"b"), (2, None), (5, b"e")], (5, b"e"), False),
        ([(2, None), (1, b"a"), (2, None)], None, False),
    ],
)
def test_what_counts_and_what_is_stale(log, row, stale):
    rows, newest = fed(*(record(b"k", at, value) for at, value in log))
    assert rows.get(b"k") == row
    assert (b"k" in newest.rows()) is (row is not None)
    assert (b"k" in newest.stale) is stale


@given(
    st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.integers(0, 6), st.sampled_from([b"r", None]))),
    st.data(),
)
def test_how_the_log_is_cut_into_fetches_does_not_matter(log, data):
    records = [record(key, at, value and value + b"%d" % at) for key, at, value in log]
    cut = data.draw(st.integers(0, len(records)))
    whole, halves = Newest(), Newest()
    whole.feed(records)
    halves.feed(records[:cut])
    halves.feed(records[cut:])
    assert (whole.heads, whole.rows(), whole.stale) == (halves.heads, halves.rows(), halves.stale)


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1))
def test_the_newest_is_the_same_as_by_sorting(log):
    rows, newest = fed(*(record(b"k", at, b"r" if keep else None) for at, keep in log))
    best = max(at for at, _ in log)
    assert newest.heads[b"k"].at == best
    assert (b"k" not in rows) == ((best, False) in log)


def test_a_record_without_at_names_its_place_and_not_its_key():
    with pytest.raises(UnreadableRowError, match="cases/3/17") as refused:
        read(Record("cases", 3, 17, b"a-private-key", b"", ()))
    assert "private" not in str(refused.value)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([("at", b"1")], (1, 0, b"")),
        ([("at", b"1"), ("due", b"1790000000000"), ("tag", b"x")], (1, 1790000000000, b"x")),
        ([("tag", b"7"), ("due", None), ("at", b"-"), ("at", b"2"), ("at", b"3")], (2, 0, b"7")),
    ],
)
def test_the_first_at_counts_and_due_and_tag_may_be_absent(headers, found):
    assert read(Record("cases", 3, 17, b"k", b"", headers)) == found
