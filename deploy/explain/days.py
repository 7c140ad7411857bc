"""The days between start and deadline, in groups of days that are alike. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from deploy.explain.explanation import PAUSED, Days
from streams.domain.calendar import Calendar
from streams.domain.own_time import SMALL_UNITS_ARE_DAYS, Pauses
from streams.domain.spans import Counted, Terms, counted


def days(start: datetime, due: datetime, terms: Terms, extra: int, pauses: Pauses) -> tuple[Days, ...]:
    """From the starting day to the deadline's; nothing for clocks of minutes and hours.

    `extra` as in `spans.deadline`. A deadline is moved by as many days as a pause had: so the days of the pause are
    the ones that do not count.
    """
    told = counted(start, due, terms, extra)
    if terms.amount.unit in SMALL_UNITS_ARE_DAYS:
        return grouped([_stood(day, pauses, terms.calendar) for day in told])
    return grouped([(day, str(day.why.why)) for day in told])


def grouped(told: Sequence[tuple[Counted, str]]) -> tuple[Days, ...]:
    """Neighbours that are alike as one."""
    if not told:
        return ()
    breaks = [n for n, (one, other) in enumerate(pairwise(told), 1) if _kind(one) != _kind(other)]
    groups = [told[first:last] for first, last in pairwise([0, *breaks, len(told)])]
    return tuple(_one(group) for group in groups)


def number(groups: Iterable[Days]) -> int:
    """How many days count."""
    return sum(group.number for group in groups if group.counts)


def _one(group: Sequence[tuple[Counted, str]]) -> Days:
    (first, why), (last, _) = group[0], group[-1]
    return Days(first.day, last.day, first.counts, why, first.why.name, len(group))


def _kind(one: tuple[Counted, str]) -> tuple[bool, str, str]:
    day, why = one
    return day.counts, why, day.why.name


def _stood(day: Counted, pauses: Pauses, calendar: Calendar) -> tuple[Counted, str]:
    stood = day.counts and any(calendar.date_of(since) < day.day <= calendar.date_of(to) for since, to in pauses)
    return (day._replace(counts=False), PAUSED) if stood else (day, str(day.why.why))
