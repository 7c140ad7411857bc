"""What a strict city accepts, as a table."""

from dataclasses import replace

import pytest

from deploy.sim.city.generator import Ground, write_order
from deploy.sim.city.order import Order, Status
from deploy.sim.city.rules import REFUSALS, Refusal, Told, ToldKind, refusal

ORDER: Order = write_order(Ground(), 1, 0, "HS1", 0)


def told(kind: ToldKind, **fields: object) -> Told:
    return Told(**{"order": "HS1", "serial": "a", "kind": kind, "round": 1, **fields})  # type: ignore[arg-type]


CASES = [
    (told(ToldKind.SIGN), {}, None),
    (told(ToldKind.SIGN), {"signed": True}, None),
    (told(ToldKind.CONTACT), {}, Refusal.NOT_SIGNED),
    (told(ToldKind.CONTACT), {"signed": True}, None),
    (told(ToldKind.PROGRESS, round=2), {"signed": True}, Refusal.WRONG_ROUND),
    (told(ToldKind.PROGRESS, round=None), {"signed": True}, Refusal.WRONG_ROUND),
    (told(ToldKind.RESULT), {"signed": True}, Refusal.NO_PUBLIC_REPLY),
    (told(ToldKind.RESULT, reply="已办"), {"signed": True}, None),
    (told(ToldKind.RESULT, reply="已办"), {"signed": True, "answered": 1}, Refusal.ALREADY_ANSWERED),
    (told(ToldKind.CONTACT), {"signed": True, "answered": 1}, Refusal.ALREADY_ANSWERED),
    (told(ToldKind.RESULT, reply="已办", solved=False), {"signed": True}, Refusal.NO_UNSOLVED_REASON),
    (told(ToldKind.RESULT, reply="已办", solved=False, unsolved_reason="待规划"), {"signed": True}, None),
    (told(ToldKind.RETURN), {"signed": True}, Refusal.NO_RETURN_REASON),
    (told(ToldKind.RETURN, return_reason="非本县"), {"signed": True}, None),
    (told(ToldKind.EXTENSION), {"signed": True}, Refusal.NO_EXTEND_DAYS),
    (told(ToldKind.EXTENSION, extend_days=3), {"signed": True}, None),
]


@pytest.mark.parametrize(("said", "state", "expected"), CASES)
def test_a_strict_city_accepts_only_what_the_state_allows(
    said: Told, state: dict[str, int], expected: Refusal | None
) -> None:
    found = refusal(ORDER, said, signed=bool(state.get("signed")), answered_round=state.get("answered", 0))
    assert found is expected


@pytest.mark.parametrize(("days", "cap", "refused"), [(8, 8, False), (9, 8, True), (60, 0, False)])
def test_an_extension_beyond_the_cap_is_refused(days: int, cap: int, refused: bool) -> None:
    found = refusal(ORDER, told(ToldKind.EXTENSION, extend_days=days), signed=True, answered_round=0, extend_cap=cap)
    assert found is (Refusal.TOO_LONG if refused else None)


@pytest.mark.parametrize("status", [Status.CLOSED, Status.WITHDRAWN, Status.MERGED])
@pytest.mark.parametrize("kind", list(ToldKind))
def test_nothing_is_accepted_after_the_end(kind: ToldKind, status: Status) -> None:
    ended = replace(ORDER, status=status)
    assert refusal(ended, told(kind, reply="已办"), signed=True, answered_round=0) is Refusal.NOT_OPEN


def test_an_answer_of_the_round_before_does_not_count_for_this_one() -> None:
    second = replace(ORDER, round=2)
    assert refusal(second, told(ToldKind.RESULT, round=2, reply="已办"), signed=True, answered_round=1) is None


def test_every_refusal_has_the_citys_words() -> None:
    assert set(REFUSALS) == set(Refusal)
