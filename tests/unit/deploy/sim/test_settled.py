"""What is left to do is said with numbers, and nothing is left only when everything has arrived."""

import pytest

from deploy.sim.lag import Lag
from deploy.sim.settled import unfinished

STATE = {"unsettled": 0, "undecided": 0, "unseen": 0, "unsettled_first": []}
LAG = Lag({"bridge": 0, "departments": 0}, {"bridge.inbox": 9})


def test_nothing_is_left_when_all_is_final_seen_and_committed() -> None:
    assert unfinished(STATE, LAG) == []


@pytest.mark.parametrize(
    ("state", "lag", "says"),
    [
        ({"unsettled": 2, "unsettled_first": ["HS1", "HS2"]}, LAG, "2 orders are open: HS1, HS2"),
        ({"undecided": 1}, LAG, "1 answers wait"),
        ({"unseen": 3}, LAG, "3 changed orders"),
        ({}, Lag({"bridge": 7, "departments": 0}, {}), "bridge is 7 records behind"),
        ({}, None, "cannot be asked"),
    ],
)
def test_what_is_left_is_named(state: dict[str, object], lag: Lag | None, says: str) -> None:
    (left,) = unfinished({**STATE, **state}, lag)
    assert says in left
