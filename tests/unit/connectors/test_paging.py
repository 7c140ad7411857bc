"""Reading a window whole, from sources that change and misbehave while they are read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.runtime import paging
from connectors.runtime.paging import Facts, Trouble
from connectors.runtime.ports import Ask, PageRules, Window

T0 = datetime(2026, 3, 2, tzinfo=UTC)


def when(second: int) -> datetime:
    return T0 + timedelta(seconds=second)


HOUR = Window(T0, when(3600))


@dataclass
class FakeSource:
    """Rows are number -> second of their update time. `between` is called after each page, and may change them."""

    rows: dict[str, int]
    size: int = 10
    cap: int | None = None
    ascending: bool = True
    says_total: bool = True
    served_size: int | None = None
    """Smaller pages than were asked for."""
    between: Callable[["FakeSource"], None] = lambda source: None
    asked: list[Ask] = field(default_factory=list)
    spoil: Callable[[int, list[str]], list[str]] = lambda nth, numbers: numbers

    @property
    def rules(self) -> PageRules:
        return PageRules(kind="numbered", size=self.size, cap=self.cap, ascending=self.ascending)

    def page(self, ask: Ask) -> Facts:
        self.asked.append(ask)
        found = [number for number, second in self.rows.items() if ask.window.start <= when(second) < ask.window.end]
        found.sort(key=lambda number: (self.rows[number], number) if self.ascending else (number,))
        size = self.served_size or self.size
        shown = found[: self.cap][(ask.page - 1) * size : ask.page * size]
        shown = self.spoil(len(self.asked), shown)
        facts = Facts(
            tuple(shown),
            tuple(when(self.rows[number]) for number in shown),
            len(found) if self.says_total else None,
            None,
        )
        self.between(self)
        return facts


@dataclass
class Reading:
    met: set[str]
    troubles: list[Trouble]
    unreachable: int
    complete_to: datetime


def read(source: FakeSource, window: Window = HOUR, most: int = 5000) -> Reading:
    plan, reading = paging.begin(window), Reading(set(), [], 0, window.start)
    for _ in range(most):
        page = source.page(plan.ask)
        reading.met.update(page.keys)
        step = paging.after(plan, page, source.rules)
        reading.unreachable += step.unreachable
        reading.troubles += [step.trouble] if step.trouble else []
        assert step.complete_to >= reading.complete_to or step.plan is not None
        reading.complete_to = max(reading.complete_to, step.complete_to)
        if step.plan is None:
            return reading
        assert not paging.stuck(step.plan)
        plan = step.plan
    raise AssertionError("the reading never ends")


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("says_total", [True, False])
@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20, 95, 100])
def test_every_row_of_a_quiet_source_is_met(count: int, says_total: bool, ascending: bool) -> None:
    source = FakeSource({f"n{i:03d}": i * 31 for i in range(count)}, says_total=says_total, ascending=ascending)
    reading = read(source)
    assert reading.met == set(source.rows)
    assert reading.troubles == []
    assert reading.complete_to == HOUR.end


def test_a_sorted_source_is_never_asked_for_a_second_page() -> None:
    source = FakeSource({f"n{i:03d}": i * 7 for i in range(300)})
    read(source)
    assert {ask.page for ask in source.asked} == {1}


@pytest.mark.parametrize("ascending", [True, False])
def test_equal_times_are_read_by_page_number(ascending: bool) -> None:
    source = FakeSource({f"n{i:04d}": 60 for i in range(1000)}, cap=1000, ascending=ascending)
    assert read(source).met == set(source.rows)


@pytest.mark.parametrize("page", range(1, 9))
def test_a_row_that_leaves_a_full_second_between_two_of_its_pages_takes_none_with_it(page: int) -> None:
    def leave(source: FakeSource) -> None:
        if len(source.asked) == page:
            source.rows["n000"] = 3000

    source = FakeSource({f"n{i:03d}": 60 for i in range(41)}, between=leave)
    assert read(source).met == set(source.rows)


def test_more_equal_times_than_the_cap_are_counted_and_passed() -> None:
    source = FakeSource({f"n{i:04d}": 60 for i in range(130)} | {"later": 61}, cap=100)
    reading = read(source)
    assert len(reading.met) == 101
    assert "later" in reading.met
    assert reading.unreachable == 30
    assert Trouble.CAP in reading.troubles


def test_a_window_with_more_rows_than_the_cap_is_cut_in_halves() -> None:
    source = FakeSource({f"n{i:04d}": i for i in range(1000)}, cap=50, ascending=False)
    reading = read(source)
    assert reading.met == set(source.rows)
    assert reading.unreachable == 0
    assert Trouble.CAP in reading.troubles


def test_a_source_that_serves_smaller_pages_than_asked_for_is_read_whole() -> None:
    source = FakeSource({f"n{i:04d}": i // 3 for i in range(200)}, size=50, served_size=7)
    assert read(source).met == set(source.rows)


def test_a_page_served_twice_is_noticed() -> None:
    source = FakeSource({f"n{i:03d}": 60 for i in range(50)}, says_total=False)
    first: list[str] = []

    def again(nth: int, numbers: list[str]) -> list[str]:
        if nth == 1:
            first.extend(numbers)
        return list(first) if nth == 4 else numbers

    source.spoil = again
    reading = read(source)
    assert reading.met == set(source.rows)
    assert reading.troubles == [Trouble.LOOP]


def test_an_answer_to_another_question_is_noticed() -> None:
    """The source answers the second window with the first one's page."""
    source = FakeSource({f"n{i:03d}": i for i in range(60)})
    source.spoil = lambda nth, numbers: [f"n{i:03d}" for i in range(10)] if nth == 3 else numbers
    reading = read(source)
    assert reading.met == set(source.rows)
    assert reading.troubles == [Trouble.LOOP]


def test_a_source_that_says_it_sorts_and_does_not_is_read_by_page_number() -> None:
    source = FakeSource({f"n{i:03d}": (i * 437) % 1000 for i in range(60)}, ascending=False)
    plan, met, steps = paging.begin(HOUR), set[str](), 0
    rules = PageRules(kind="numbered", size=10, ascending=True)
    while True:
        page = source.page(plan.ask)
        met.update(page.keys)
        step = paging.after(plan, page, rules)
        steps += 1
        if step.plan is None:
            break
        plan = step.plan
    assert met == set(source.rows)
    assert steps < 20


def test_rows_that_move_up_while_pages_are_read_are_not_passed_over() -> None:
    """Unsorted source: a row of the first page leaves the window, and the others shift."""
    source = FakeSource({f"n{i:03d}": 100 + i for i in range(40)}, ascending=False)

    def leave(of: FakeSource) -> None:
        if len(of.asked) == 1:
            of.rows["n000"] = 5000

    source.between = leave
    reading = read(source)
    assert reading.met >= set(source.rows) - {"n000"}
    assert Trouble.DRIFT in reading.troubles


@settings(max_examples=150, deadline=None)
@given(
    seconds=st.lists(st.integers(0, 3599), min_size=0, max_size=120),
    size=st.integers(2, 30),
    cap=st.one_of(st.none(), st.integers(40, 90)),
    ascending=st.booleans(),
    seed=st.integers(0, 2**16),
    busy=st.integers(0, 3),
)
def test_what_stays_in_the_window_is_always_met(
    seconds: list[int], size: int, cap: int | None, ascending: bool, seed: int, busy: int
) -> None:
    """Rows are touched while pages are read, and leave the window, as its end is always in the past."""
    draw = Random(seed)
    source = FakeSource({f"n{i:03d}": second for i, second in enumerate(seconds)}, size, cap, ascending)

    def touch(of: FakeSource) -> None:
        for _ in range(draw.randint(0, busy) if len(of.asked) < 60 else 0):
            if of.rows:
                of.rows[draw.choice(sorted(of.rows))] = 4000

    source.between = touch
    reading = read(source)
    stayed = {number for number, second in source.rows.items() if second < 3600}
    assert reading.met >= stayed or reading.unreachable > 0


def chained(pages: dict[str | None, tuple[list[int], str | None]], most: int = 50) -> tuple[list[int], list[Trouble]]:
    plan, met, troubles = paging.begin(HOUR), [], []
    for _ in range(most):
        seconds, following = pages[plan.ask.token]
        met += seconds
        facts = Facts(tuple(map(str, seconds)), tuple(map(when, seconds)), None, following)
        step = paging.after(plan, facts, PageRules(kind="chained", size=3))
        troubles += [step.trouble] if step.trouble else []
        if step.plan is None:
            return met, troubles
        assert not paging.stuck(step.plan) or troubles
        if paging.stuck(step.plan):
            return met, troubles
        plan = step.plan
    raise AssertionError("the chain never ends")


def test_a_chain_is_followed_to_its_end() -> None:
    met, troubles = chained({None: ([1, 2, 3], "a"), "a": ([4, 5, 6], "b"), "b": ([7], None)})
    assert met == [1, 2, 3, 4, 5, 6, 7]
    assert troubles == []


def test_a_chain_that_turns_in_a_circle_is_noticed() -> None:
    _, troubles = chained({None: ([1, 2, 3], "a"), "a": ([4, 5, 6], "b"), "b": ([7, 8, 9], "a")})
    assert set(troubles) == {Trouble.LOOP}


def test_a_chain_ends_where_the_window_ends() -> None:
    """A source without an upper bound would go on for ever on a busy day."""
    met, _ = chained({None: ([1, 2, 3], "a"), "a": ([3598, 3600, 3700], "b")})
    assert met == [1, 2, 3, 3598, 3600, 3700]


def test_one_answer_is_all_of_a_source_that_does_not_page() -> None:
    step = paging.after(paging.begin(HOUR), Facts(("1",), (when(1),), None, None), PageRules(kind="whole"))
    assert step.plan is None
    assert step.complete_to == HOUR.end
