"""A wall clock that is set is not believed, one that is slewed is, and a machine that slept has only slept."""

import pytest

from streams.steady_clock import HOLD_SECONDS, SteadyClock

HOUR = 3600.0


class Clocks:
    """A wall clock and one that nobody sets."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_790_000_000.0, 5_000.0

    def pass_(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def clock(clocks: Clocks) -> SteadyClock:
    return SteadyClock(lambda: clocks.wall, lambda: clocks.steady)


def test_it_says_what_the_wall_says(clock, clocks):
    clocks.pass_(10.0)
    now = clock.now()
    assert now is not None
    assert now.timestamp() == clocks.wall
    assert clock.step == 0.0


@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_a_step_of_an_hour_fires_nothing_until_it_is_taken_back(clock, clocks, step):
    clocks.pass_(1.0)
    clocks.wall += step
    for _ in range(100):
        clocks.pass_(0.25)
        assert clock.now() is None
        assert clock.step == pytest.approx(step)
    clocks.wall -= step
    clocks.pass_(0.25)
    assert clock.now() is not None
    assert clock.step == 0.0


def test_a_step_that_stands_is_believed_in_the_end(clock, clocks):
    clocks.wall += HOUR
    assert clock.now() is None
    clocks.pass_(HOLD_SECONDS - 1)
    assert clock.now() is None
    clocks.pass_(1)
    assert clock.now() is not None
    assert clock.step == 0.0


def test_another_step_while_it_is_held_begins_the_wait_anew(clock, clocks):
    clocks.wall += HOUR
    assert clock.now() is None
    clocks.pass_(HOLD_SECONDS - 1)
    clocks.wall += HOUR
    assert clock.now() is None
    clocks.pass_(HOLD_SECONDS - 1)
    assert clock.now() is None


def test_slewing_is_followed_however_far_it_goes(clock, clocks):
    for _ in range(10_000):
        clocks.pass_(0.25)
        clocks.wall += 0.25 * 0.0005
        assert clock.now() is not None


def test_a_machine_that_slept_has_not_been_set(clock, clocks):
    clocks.pass_(8 * HOUR)
    now = clock.now()
    assert now is not None
    assert now.timestamp() == clocks.wall
