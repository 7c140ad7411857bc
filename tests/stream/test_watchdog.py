"""A worker that has work and acks nothing for a minute is hung; one that waits, idles or crawls is not."""

import pytest

from streams.engine.watchdog import Sight, Watch

LIMIT = 60.0


def seen(*steps):
    """(acked, lag, excused) every 10 s -> whether the last one means hung."""
    watch, verdict = Watch(LIMIT), False
    for turn, (acked, lag, excused) in enumerate(steps):
        verdict = watch.hung(Sight(now=turn * 10.0, acked=acked, lag=lag, excused=excused))
    return verdict


@pytest.mark.parametrize(
    ("steps", "hung"),
    [
        pytest.param([(5, 10, False)] * 6, False, id="not-yet-a-minute"),
        pytest.param([(5, 10, False)] * 7, True, id="same-lag-for-a-minute"),
        pytest.param([(5, 10 + turn, False) for turn in range(7)], True, id="growing-lag"),
        pytest.param([(5, 0, False)] * 20, False, id="idle"),
        pytest.param([(5 + turn // 3, 10 + turn, False) for turn in range(20)], False, id="slow-but-acking"),
        pytest.param([(5, 10, True)] * 20, False, id="waiting-for-the-broker"),
        pytest.param([(5, 10, True)] * 20 + [(5, 10, False)] * 5, False, id="the-minute-begins-after-the-wait"),
        pytest.param([(5, 10, True)] * 20 + [(5, 10, False)] * 6, True, id="hung-after-the-wait"),
        pytest.param([(5, 20 - turn, False) for turn in range(15)], False, id="lag-becomes-less"),
    ],
)
def test_only_work_without_an_ack_is_a_hang(steps, hung):
    assert seen(*steps) is hung
