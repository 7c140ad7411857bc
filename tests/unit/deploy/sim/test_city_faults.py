"""Faults strike as often, as likely and where they were asked to."""

import pytest

from deploy.sim.city.faults import Call, Fault, Faults


def test_a_counted_fault_strikes_so_many_times_and_no_more() -> None:
    faults = Faults()
    faults.on(Fault.HTTP_500, count=2)
    assert [faults.draw(Call.LIST) for _ in range(3)] == [Fault.HTTP_500, Fault.HTTP_500, None]


def test_a_fault_strikes_only_the_calls_it_was_asked_for() -> None:
    faults = Faults()
    faults.on(Fault.LOST, count=1, calls=frozenset({Call.FEEDBACK}))
    assert faults.draw(Call.LIST) is None
    assert faults.draw(Call.FEEDBACK) is Fault.LOST


@pytest.mark.parametrize("fault", [Fault.DUPLICATE_PAGE, Fault.SHIFTING_PAGE])
def test_page_faults_strike_pages_only(fault: Fault) -> None:
    faults = Faults()
    faults.on(fault)
    assert [call for call in Call if faults.draw(call)] == [Call.LIST]


def test_a_likely_fault_is_as_likely_as_asked_and_the_same_for_a_seed() -> None:
    def struck(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.on(Fault.BUSY, p=0.2)
        return [faults.draw(Call.LIST) is not None for _ in range(1000)]

    assert struck(1) == struck(1)
    assert 150 < sum(struck(1)) < 250


def test_what_is_switched_off_strikes_no_more() -> None:
    faults = Faults()
    faults.on(Fault.BUSY)
    faults.on(Fault.GBK)
    faults.off(Fault.BUSY)
    assert faults.draw(Call.LIST) is Fault.GBK
    faults.off()
    assert faults.draw(Call.LIST) is None
