"""The hours of an office over a week: slots on the wall clock, with the lunch break between them."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Final, NamedTuple


class Slot(NamedTuple):
    """Office hours without a break, `[opens, closes)` on the wall clock, in seconds from 00:00 (up to 86,400)."""

    opens: int
    closes: int


class Open(NamedTuple):
    """A slot of one day, as instants in UTC."""

    opens: datetime
    closes: datetime


Week = tuple[tuple[Slot, ...], ...]
"""Slots of Monday to Sunday. A weekday without slots does not work."""


def _seconds(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second


def slot(opens: time, closes: time | None) -> Slot:
    """From one wall-clock time to another; None closes at 24:00."""
    return Slot(_seconds(opens), 86_400 if closes is None else _seconds(closes))


def five_days(*slots: Slot) -> Week:
    """Monday to Friday with these hours."""
    return (slots,) * 5 + ((), ())


NINE_TO_FIVE: Final = five_days(slot(time(9), time(17)))


def length(slots: Iterable[Slot]) -> int:
    """Seconds in all."""
    return sum(each.closes - each.opens for each in slots)


def refused(week: Week, make_up_as: int) -> str | None:
    """Why this is no week of an office; None where it is one."""
    if len(week) != 7 or not any(week):
        return "a week has seven days, and some of them work"
    if not week[make_up_as]:
        return "make-up days have the hours of a weekday that works"
    for slots in week:
        edges = [edge for each in slots for edge in each]
        if edges != sorted(set(edges)) or (edges and not 0 <= edges[0] <= edges[-1] <= 86_400):
            return "the slots of a day follow one another, with a break between them"
    return None
