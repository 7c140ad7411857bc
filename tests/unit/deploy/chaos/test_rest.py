"""The books are asked only when nothing can still be on its way."""

from deploy.chaos.rest import QUIET_S, Rest


def looks(rest: Rest, until: float, *, asks: bool, written: int = 5, start: float = 0.0, busy: bool = False) -> bool:
    """Four looks a second; whether rest was reached at the last one."""
    reached, now = False, start
    while now <= until:
        asked = int(now * 2) if asks else 1
        reached = rest.reached(now, busy=busy, asked=asked, written=written)
        now += 0.25
    return reached


def test_quiet_while_the_city_is_asked_is_rest() -> None:
    assert not looks(Rest(), QUIET_S - 0.5, asks=True)
    assert looks(Rest(), QUIET_S, asks=True)


def test_quiet_because_nobody_reads_the_city_is_none() -> None:
    rest = Rest()
    assert not looks(rest, 60.0, asks=False)
    assert not looks(rest, 60.0 + QUIET_S - 0.5, asks=True, start=60.25)
    assert looks(rest, 60.5 + QUIET_S, asks=True, start=60.0 + QUIET_S)


def test_whatever_is_written_or_left_to_do_begins_it_anew() -> None:
    rest = Rest()
    looks(rest, 3.0, asks=True)
    assert not looks(rest, 6.0, asks=True, written=6, start=3.25)
    assert not looks(rest, 9.0, asks=True, written=6, start=6.25, busy=True)
    assert looks(rest, 14.0, asks=True, written=6, start=9.25)
