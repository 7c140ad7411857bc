"""Facts of an invented dispatch that was supervised, for what is printed of it."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from schemas.clock import ClockName
from schemas.fact import Fact
from streams.domain.calendar import Calendar
from streams.domain.deadlines import ClockRule, Deadlines
from streams.domain.timetable import Timetable

CALENDAR = Calendar("plain", ZoneInfo("Asia/Shanghai"), (), date(2026, 1, 1), date(2026, 12, 31))
"""Monday to Friday, nine to five."""

TIMETABLE = Timetable(
    Deadlines(
        clocks={
            ClockName.HANDLING: (ClockRule(name="all", within="3 working_days"),),
            ClockName.DEPARTMENT_SIGN: (ClockRule(name="all", within="20 minutes"),),
        }
    ),
    CALENDAR,
    {},
)

DUE = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)
"""Thursday 24:00."""

RED = datetime(2026, 3, 8, 16, 0, tzinfo=UTC)
"""Monday 00:00, after Friday is gone."""

ID = "testcity:HS1"


def facts(*said: tuple[str, dict[str, Any]], department: str = "water", start: datetime = RED) -> tuple[Fact, ...]:
    """One fact for each (kind, details), a minute apart. Fields of the fact itself are given as `_by`, `_actor`."""
    numbers = count(1)
    made = []
    for kind, given in said:
        seq = next(numbers)
        own = {name[1:]: value for name, value in given.items() if name.startswith("_")}
        details = {name: value for name, value in given.items() if not name.startswith("_")}
        base = {
            "dispatch": ID, "seq": seq, "fact": kind, "round": 1, "state": "handling", "actor": "bridge", "by": "rule",
            "department": department, "occurred_at": start + timedelta(minutes=seq), "cause": "0" * 24,
        }  # fmt: skip
        made.append(Fact(**{**base, **own}, details=details))
    return tuple(made)


def marked(mark: str, clock: str = "handling", due: datetime = DUE) -> tuple[str, dict[str, Any]]:
    instant = due.isoformat().replace("+00:00", "Z")
    return "marked", {"clock": clock, "mark": mark, "instant": instant, "due": instant, "_department": None}


def step(rung: str, number: int, **details: Any) -> tuple[str, dict[str, Any]]:
    """Opened by a rule, unless `_actor` says otherwise."""
    letter = f"HS1-{number}" if rung == "written" else None
    return "supervised", {
        "rung": rung, "step": number, "no": letter, "to": "water", "clock": "handling", "mark": "red",
        "open": rung != "written", **details,
    }  # fmt: skip


def taken(rung: str, number: int, **details: Any) -> tuple[str, dict[str, Any]]:
    """By a person."""
    own = {"clock": None, "mark": None, "open": False, "_actor": "operator", "_by": "王某"}
    return step(rung, number, **{**own, **details})


RECEIVED = (
    "received",
    {"issued_at": "2026-03-02T01:00:00Z", "updated_at": "2026-03-02T01:00:00Z", "_department": None},
)
"""Monday morning: three working days later is `DUE`."""
