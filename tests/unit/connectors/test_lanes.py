"""One lane a dispatch: order within, freedom between, and commits that never pass what is unfinished."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.runtime.lanes import Item, Lanes


def item(key: str, offset: int, *, partition: int = 0, rank: int = 0, since: float = 0.0) -> Item[str]:
    return Item(key.encode(), partition, offset, f"{key}{offset}", rank, since)


def lanes(*items: Item[str]) -> Lanes[str]:
    made: Lanes[str] = Lanes()
    for one in items:
        made.add(one)
    return made


def names(found: list[Item[str]]) -> list[str]:
    return [one.what for one in found]


def test_only_the_first_of_each_lane_goes() -> None:
    of = lanes(item("a", 0), item("a", 1), item("b", 2))
    first = of.ready(0.0, 10)
    assert names(first) == ["a0", "b2"]
    assert of.ready(0.0, 10) == []
    of.finish(first[0])
    assert names(of.ready(0.0, 10)) == ["a1"]


def test_a_lane_that_waits_blocks_no_other() -> None:
    of = lanes(item("a", 0), item("a", 1), item("b", 2), item("b", 3))
    a, b = of.ready(0.0, 10)
    of.later(a, 100.0, unknown=True)
    of.finish(b)
    assert names(of.ready(1.0, 10)) == ["b3"]
    assert of.next_at() == 100.0
    again = of.ready(100.0, 10)
    assert names(again) == ["a0"]
    assert again[0].unknown


def test_what_may_have_been_done_stays_so_until_it_is_known() -> None:
    of = lanes(item("a", 0))
    (a,) = of.ready(0.0, 1)
    of.later(a, 1.0, unknown=True)
    (a,) = of.ready(1.0, 1)
    of.later(a, 2.0, unknown=False)
    assert of.ready(2.0, 1)[0].unknown


def test_the_most_urgent_go_first_and_no_more_than_asked() -> None:
    of = lanes(item("a", 0, rank=1, since=1.0), item("b", 1, rank=0, since=3.0), item("c", 2, rank=0, since=2.0))
    assert names(of.ready(5.0, 2)) == ["c2", "b1"]
    assert of.ready(5.0, 0) == []


def test_a_commit_never_passes_the_oldest_unfinished() -> None:
    of = lanes(item("a", 5), item("b", 6), item("c", 7, partition=1))
    a, b, c = of.ready(0.0, 10)
    assert of.committable() == {0: 5, 1: 7}
    of.finish(b)
    assert of.committable() == {0: 5, 1: 7}
    of.finish(a)
    of.finish(c)
    assert of.committable() == {0: 7, 1: 8}
    of.passed(0, 7)
    assert of.committable() == {0: 8, 1: 8}
    assert len(of) == 0
    assert of.oldest() is None


def test_a_lane_keeps_no_memory_of_what_is_done() -> None:
    of = lanes(*(item(f"k{n}", n) for n in range(100)))
    for one in of.ready(0.0, 100):
        of.finish(one)
    assert list(of.items()) == []
    assert of.next_at() is None


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from("abcd"), max_size=40), st.integers(0, 2**16))
def test_whatever_fails_and_whenever_each_lane_is_told_in_order(keys: list[str], seed: int) -> None:
    draw, told, now = Random(seed), [], 0.0
    of = lanes(*(item(key, offset) for offset, key in enumerate(keys)))
    while len(of):
        now += 1.0
        for one in of.ready(now, draw.randint(1, 3)):
            if draw.random() < 0.4:
                of.later(one, now + draw.randint(0, 5), unknown=draw.random() < 0.5)
            else:
                told.append((one.key.decode(), one.offset))
                of.finish(one)
        unfinished = [one.offset for one in of.items()]
        if keys:
            assert of.committable()[0] == min(unfinished, default=len(keys))
    for key in "abcd":
        assert [offset for one, offset in told if one == key] == [n for n, one in enumerate(keys) if one == key]


def test_only_the_first_of_a_lane_can_be_finished() -> None:
    of = lanes(item("a", 0), item("a", 1))
    second = list(of.items())[1]
    with pytest.raises(AssertionError):
        of.finish(second)
