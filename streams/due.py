"""When a row wants to be looked at, as one integer that a table can carry without knowing what it means.

Milliseconds since 1970, rounded up; then 16 bits of the calendar that the clocks were computed by; then the urgency.
So integers order as instants do, and neither calendar nor urgency has to be read from the row.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from schemas.case import Case
from schemas.dispatch import Urgency

NEVER: Final = 0
RANK: Final = {Urgency.CRITICAL: 0, Urgency.URGENT: 1, Urgency.NORMAL: 2}
"""In a storm the critical is looked at first."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


@lru_cache(8)
def calendar_bits(version: str) -> int:
    """16 bits of a calendar's version."""
    return int.from_bytes(blake2b(version.encode(), digest_size=2).digest())


def due_of(case: Case) -> int:
    """The integer of a row; 0 where nothing is due."""
    if case.due is None:
        return NEVER
    ms = -((_EPOCH - case.due) // _MS)
    return ms << 18 | calendar_bits(case.calendar) << 2 | RANK[case.urgency]


def ms_of(due: int) -> int:
    """Milliseconds since 1970."""
    return due >> 18


def calendar_of(due: int) -> int:
    """The `calendar_bits` that the clocks were computed by."""
    return due >> 2 & 0xFFFF


def rank_of(due: int) -> int:
    """The urgency, as in `RANK`."""
    return due & 3
