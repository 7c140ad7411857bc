"""When too many records are dead, the fault is ours."""

import pytest

from streams.engine.breaker import Breaker, Trip

GOOD, DEAD = False, True


@pytest.mark.parametrize(
    ("records", "verdict"),
    [
        ([DEAD] * 20, None),
        ([DEAD] * 21, Trip.IN_A_ROW),
        ([DEAD] * 20 + [GOOD] + [DEAD] * 20, None),
        ([DEAD] + [GOOD] * 4, None),
        ([DEAD, GOOD] * 200, None),
        ([DEAD, GOOD] * 200 + [DEAD], Trip.SHARE),
        ([DEAD, GOOD, GOOD, GOOD, GOOD] * 2000, None),
        ([GOOD] * 5000 + [DEAD, GOOD] * 201, Trip.SHARE),
    ],
)
def test_more_than_twenty_in_a_row_or_a_fifth_of_the_last_thousand_trips_it(records, verdict):
    breaker = Breaker()
    said = [breaker.saw("t", 0, dead=dead) for dead in records]
    assert said[-1 if records[-1] else -2] is verdict
    assert not any(said[:-2])


def test_partitions_are_counted_apart():
    breaker = Breaker()
    said = [breaker.saw(topic, partition, dead=True) for _ in range(20) for topic in "ab" for partition in (0, 1)]
    assert not any(said)
    assert breaker.saw("a", 0, dead=True) is Trip.IN_A_ROW


def test_old_dead_ones_leave_the_window():
    breaker = Breaker(in_a_row=1000, share=0.2, window=10)
    for dead in [True, True] + [False] * 8 + [True, True] + [False] * 8:
        assert breaker.saw("t", 0, dead=dead) is None
