"""What is on view at one moment: plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from schemas.case import State
from schemas.clock import ClockName
from schemas.notice import NoticeKind
from streams.domain.tally import Band


class Deadline(NamedTuple):
    """One that is still ahead."""

    dispatch: str
    clock: ClockName
    department: str
    """Whose it is: the holder, else the lead; empty where nobody leads."""
    due: datetime
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything that is shown."""

    at: datetime
    cases: int
    open: int
    states: Mapping[State, int]
    """Of open cases."""
    departments: Mapping[str, int]
    """Open cases by lead, most first; an empty code: nobody leads."""
    clocks: Mapping[ClockName, Mapping[Band, int]]
    """Open runs that do not stand still."""
    paused: int
    next: tuple[Deadline, ...]
    lag: int | None
    """Records that the workers have not taken yet; None where the broker does not say."""
    notices: Mapping[NoticeKind, int]
    """Of the last hour."""
    dead: int
    """Open dead letters."""
    unreadable: int = 0
    """Rows and notices that could not be read, and are in none of these numbers."""
