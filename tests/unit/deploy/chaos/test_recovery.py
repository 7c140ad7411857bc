"""How long until the bridge delivers again."""

import pytest

from deploy.chaos.recovery import Sample, percentile, recovered_s

BUSY = [Sample(0.0, 0, 5), Sample(1.0, 10, 5), Sample(2.0, 10, 9), Sample(3.0, 10, 9), Sample(4.0, 12, 9)]

CASES = [
    ("the next delivery", 1.5, BUSY, 2.5),
    ("deliveries went on", 0.5, BUSY, 0.5),
    ("nothing left to do", 4.5, [*BUSY, Sample(6.0, 12, 0)], 1.5),
    ("no sample while the broker was down", 1.5, [BUSY[1], Sample(9.0, 11, 3)], 7.5),
    ("nothing came any more", 4.5, BUSY, None),
    ("no sample at all", 1.0, [], None),
]


@pytest.mark.parametrize(("healed", "samples", "took"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_recovery_is_counted_to_the_next_delivery_or_rest(
    healed: float, samples: list[Sample], took: float | None
) -> None:
    assert recovered_s(healed, samples) == took


def test_a_percentile_is_a_value_that_was_there() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.99) == 3.0
    assert percentile([float(n) for n in range(1, 101)], 0.99) == 99.0
    assert percentile([], 0.99) == 0.0
