"""Times as files have them -> instants. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from unicodedata import normalize
from zoneinfo import ZoneInfo

from connectors.systems.files.rows import Cell, text_of

_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_EXCEL_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a local time; the zone is put on at the end
_EXCEL: Final = re.compile(r"\d{4,5}(\.\d+)?")
_AUTO: Final = re.compile(
    r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
    r"(?:[T,\s]*(?P<before>上午|下午|中午|晚上|凌晨|AM|PM)?\s*"
    r"(?P<hour>\d{1,2})[:时点](?P<minute>\d{1,2})(?:[:分](?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?)?[分秒]?"
    r"\s*(?P<after>AM|PM)?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T\s]?(\d{2})(\d{2})(\d{2})?)?")
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}($|T\d{2}:)")
_LATER: Final = {"下午", "晚上", "PM"}
_EARLIER: Final = {"上午", "凌晨", "AM"}
_NOON: Final = "中午"


@dataclass(frozen=True, slots=True)
class Read:
    """A local or absolute time. `whole_day` where no time of day was written."""

    moment: datetime
    whole_day: bool = False


def instant(cell: Cell, formats: Sequence[str], zone: ZoneInfo, *, end_of_day: bool = False) -> datetime | None:
    """In UTC; None for what is no usable time: in no format, in an hour that happens twice or never, or absurd.

    A date alone is its beginning, or with `end_of_day` its end (24:00).
    """
    found = _from_cell(cell)
    if found is None and (text := normalize("NFKC", text_of(cell))):
        found = next((read for one in formats if (read := _parsed(text, one)) is not None), None)
        if found is None and _ISO.match(text):
            # a date cell that went through quarantine comes back in this form
            found = _iso(text)
    if found is None:
        return None
    moment = found.moment
    if end_of_day and found.whole_day:
        moment += timedelta(days=1)
    if moment.tzinfo is None:
        if zone.utcoffset(moment) != zone.utcoffset(moment.replace(fold=1)):
            return None
        moment = moment.replace(tzinfo=zone)
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        return None
    return moment if _EARLIEST <= moment < _LATEST else None


def _from_cell(cell: Cell) -> Read | None:
    """A cell that is a date by its type, and a number in a spreadsheet's date column."""
    if isinstance(cell, datetime):
        return Read(_to_ms(cell))
    if isinstance(cell, date):
        return Read(datetime.combine(cell, time()), whole_day=True)
    return _serial(cell) if isinstance(cell, float) else None


def _to_ms(moment: datetime) -> datetime:
    """Days as a fraction are exact to a microsecond or so; 13:46:59.999999 was 13:47."""
    up = moment + timedelta(microseconds=500)
    return up.replace(microsecond=up.microsecond // 1000 * 1000)


def _serial(days: float) -> Read | None:
    """Excel's day count, 1900 system; plausible ones only."""
    if not 10_000 < days < 80_000:
        return None
    return Read(_to_ms(_EXCEL_ZERO + timedelta(days=days)), whole_day=float(days).is_integer())


def _parsed(text: str, format: str) -> Read | None:
    try:
        match format:
            case "auto":
                return _auto(text)
            case "iso":
                return _iso(text)
            case "excel":
                return _serial(float(text)) if _EXCEL.fullmatch(text) else None
            case "epoch":
                return Read(datetime.fromtimestamp(float(text), UTC))
            case "epoch_ms":
                return Read(datetime.fromtimestamp(float(text) / 1000, UTC))
            case _:
                moment = datetime.strptime(text, format)  # noqa: DTZ007 - the zone is put on at the end
                return Read(moment, whole_day=not re.search("%[HIcXsT]", format))
    except (ValueError, OverflowError, OSError):
        return None


def _iso(text: str) -> Read | None:
    try:
        return Read(datetime.fromisoformat(text), whole_day=len(text) <= 10)
    except ValueError:
        return None


def _auto(text: str) -> Read | None:
    """Year first, however written. Raises ValueError for a day that does not exist."""
    if match := _COMPACT.fullmatch(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
        return Read(datetime(year, month, day, hour, minute, second), whole_day=match[4] is None)  # noqa: DTZ001
    match = _AUTO.fullmatch(text)
    if match is None:
        return None
    hour = int(match["hour"] or 0)
    half = (match["before"] or match["after"] or "").upper()
    if half in _EARLIER and hour > 12:
        return None
    if (half in _LATER and hour < 12) or (half == _NOON and hour < 11):
        hour += 12
    if half in _EARLIER and hour == 12:
        hour = 0
    moment = datetime(  # noqa: DTZ001 - the zone is put on at the end
        int(match["year"]),
        int(match["month"]),
        int(match["day"]),
        0 if hour == 24 else hour,
        int(match["minute"] or 0),
        int(match["second"] or 0),
        int((match["fraction"] or "0").ljust(6, "0")[:6]),
    )
    if hour == 24:
        if match["minute"] not in ("0", "00") or int(match["second"] or 0):
            return None
        moment += timedelta(days=1)
    if zone := (match["zone"] or "").upper():
        moment = datetime.fromisoformat(moment.isoformat() + ("+00:00" if zone in {"Z", "UTC", "GMT"} else zone))
    return Read(moment, whole_day=match["hour"] is None)
