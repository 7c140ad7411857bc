"""The timers' heap: nothing that is due is forgotten, nothing is asked twice while its answer is on its way."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from schemas.dispatch import Urgency
from streams.due import NEVER, RANK, calendar_bits, ms_of
from streams.due_heap import AGAIN_SECONDS, ASKED_AT_ONCE, DueHeap

CALENDAR = "cn-2026"
NOW_MS = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp() * 1000)


def at(ms: int, urgency: Urgency = Urgency.NORMAL, calendar: str = CALENDAR) -> int:
    return (NOW_MS + ms) << 18 | calendar_bits(calendar) << 2 | RANK[urgency]


def heap_of(*rows: tuple[bytes, int]) -> DueHeap:
    heap = DueHeap(CALENDAR)
    heap.loaded(0, [(due, key) for key, due in rows])
    return heap


def keys(heap: DueHeap, ms: int, most: int = 1000, now_s: float = 0.0) -> list[bytes]:
    """What is asked now, by a caller whose rows are those that were told last."""
    taken = heap.take(0, NOW_MS + ms, most, now_s)
    for entry in taken:
        heap.ask(0, entry, now_s)
    return [key for _, key in taken]


def test_nothing_is_due_before_its_instant_and_everything_at_it():
    heap = heap_of((b"a", at(100)), (b"b", at(200)))
    assert keys(heap, 99) == []
    assert keys(heap, 100) == [b"a"]
    assert keys(heap, 200) == [b"b"]
    assert keys(heap, 999) == []


def test_the_critical_come_before_what_has_been_due_for_longer():
    heap = heap_of((b"normal", at(1)), (b"urgent", at(2, Urgency.URGENT)), (b"critical", at(3, Urgency.CRITICAL)))
    assert keys(heap, 10) == [b"critical", b"urgent", b"normal"]


def test_a_partition_whose_rows_are_not_all_here_asks_nothing():
    heap = DueHeap(CALENDAR)
    heap.row(0, b"a", at(0), NEVER)
    assert keys(heap, 10) == []
    heap.loaded(0, [(at(0), b"a")])
    assert keys(heap, 10) == [b"a"]
    heap.released(0)
    assert heap.ready() == []


def test_a_newer_due_that_is_over_too_is_not_lost_behind_the_one_it_overtook():
    heap = heap_of((b"a", at(100)))
    heap.row(0, b"a", at(150), at(100))
    assert [due for due, _ in heap.take(0, NOW_MS + 200, 10, 0.0)] == [at(100), at(150)]


def test_a_row_that_is_written_again_with_the_same_due_is_not_asked_again():
    heap = heap_of((b"a", at(100)))
    heap.row(0, b"a", at(100), at(100))
    assert keys(heap, 100) == [b"a"]
    heap.row(0, b"a", at(100), at(100))
    assert keys(heap, 200) == []


def test_a_question_that_nobody_answers_is_asked_again():
    heap = heap_of((b"a", at(100)))
    assert keys(heap, 100, now_s=1.0) == [b"a"]
    assert keys(heap, 100, now_s=AGAIN_SECONDS) == []
    assert keys(heap, 100, now_s=1.0 + AGAIN_SECONDS) == [b"a"]


def test_no_more_questions_are_on_their_way_than_a_run_may_hold_of_them():
    heap = heap_of(*((b"%d" % n, at(n % 7)) for n in range(ASKED_AT_ONCE * 3)))
    first = keys(heap, 100, most=10_000)
    assert len(first) == ASKED_AT_ONCE
    assert keys(heap, 100) == []
    heap.row(0, first[0], NEVER, at(0))
    assert len(keys(heap, 100)) == 1


def test_a_case_of_another_calendar_is_asked_whatever_its_due():
    heap = heap_of((b"a", at(10**9, calendar="cn-2025")))
    assert keys(heap, 0) == [b"a"]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 100)), max_size=60), st.integers(0, 120))
def test_whatever_rows_come_every_case_that_is_due_by_its_last_row_is_taken(rows: list[tuple[int, int]], now: int):
    heap, last = heap_of(), dict[bytes, int]()
    for number, ms in rows:
        key, due = b"%d" % number, NEVER if ms == 100 else at(ms)
        heap.row(0, key, due, last.get(key, NEVER))
        last[key] = due
    taken = {entry for entry in heap.take(0, NOW_MS + now, 10_000, 0.0) if last[entry[1]] == entry[0]}
    assert taken == {(due, key) for key, due in last.items() if due != NEVER and ms_of(due) <= NOW_MS + now}
