"""One seed, one plan."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.runtime import pull, push
from deploy.chaos.plan import CITY_FAULTS, CONNECTOR_POINTS, SESSION_S, WORKER_POINTS, Deed, Lane, Plan, plan
from deploy.sim.city.faults import Fault
from streams.engine import POINTS
from streams.engine.settings import SESSION_SECONDS

SIZES = st.tuples(st.integers(0, 10_000), st.integers(10, 30_000), st.integers(0, 60))


def make(seed: int, dispatches: int = 20_000, kills: int = 30) -> Plan:
    return plan(seed, dispatches, kills, workers=("w1", "w2"), guest="w3", connectors="connectors", broker="broker")


@given(SIZES)
@settings(max_examples=50)
def test_the_same_seed_makes_the_same_plan(size: tuple[int, int, int]) -> None:
    assert make(*size) == make(*size)


def test_another_seed_makes_another_plan() -> None:
    assert len({make(seed) for seed in range(50)}) == 50


@given(SIZES)
@settings(max_examples=50)
def test_there_are_as_many_kills_as_asked_for_and_all_within_the_load(size: tuple[int, int, int]) -> None:
    made = make(*size)
    assert made.count(Deed.KILL, Deed.CRASH) == size[2]
    assert all(0 <= step.at <= made.load_s for step in made.steps)
    assert [step for lane in Lane for step in made.lane(lane)] == sorted(
        made.steps, key=lambda step: (list(Lane).index(step.lane), step.at)
    )


@given(SIZES)
@settings(max_examples=50)
def test_whoever_joins_leaves_again(size: tuple[int, int, int]) -> None:
    visits = [step.deed for step in make(*size).lane(Lane.MEMBERS)]
    assert visits == [Deed.JOIN, Deed.LEAVE] * (len(visits) // 2)


@pytest.mark.parametrize("seed", range(20))
def test_what_fell_has_a_time_to_rise(seed: int) -> None:
    made = make(seed)
    for lane in (Lane.WORKERS, Lane.CONNECTORS, Lane.BROKER):
        steps = made.lane(lane)
        span = made.load_s / len(steps)
        assert all(nth * span < step.at < (nth + 1) * span for nth, step in enumerate(steps))


def test_the_full_size_has_something_of_everything() -> None:
    made = make(1)
    assert {step.deed for step in made.steps} == set(Deed)
    assert {step.target for step in made.lane(Lane.CITY)} == set(CITY_FAULTS)
    assert all(step.lasts > SESSION_S for step in made.steps if step.deed is Deed.PAUSE)
    assert made.load_s <= 110


def test_nothing_is_broken_where_no_kills_are_asked_for() -> None:
    assert make(1, 100, 0).steps == ()


def test_the_names_are_those_of_the_code() -> None:
    assert set(WORKER_POINTS) == set(POINTS) - {"rows_half"}
    assert set(CITY_FAULTS) == {fault.value for fault in Fault}
    assert SESSION_S >= SESSION_SECONDS


@pytest.mark.parametrize("point", CONNECTOR_POINTS)
def test_the_connectors_pass_every_point(point: str) -> None:
    sources = "".join(Path(module.__file__).read_text(encoding="utf-8") for module in (pull, push))
    assert f'"{point}"' in sources
