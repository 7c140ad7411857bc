"""The city's times <-> instants. Pure."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from connectors.systems.city_rest.settings import Times

_COMMON = "%Y-%m-%d %H:%M:%S"
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class CityTimes:
    """One city's way to write times."""

    def __init__(self, times: Times) -> None:
        self._zone = ZoneInfo(times.zone)
        self._format = times.format
        self._known = lru_cache(maxsize=4096)(self._instant)

    def read(self, value: Any) -> datetime | None:
        """In UTC; None for what is no usable time: not in the city's format, ambiguous, or not of this century."""
        # a page has few different times, and parsing one is dear
        return self._known(value) if isinstance(value, str) else self._instant(value)

    def _instant(self, value: Any) -> datetime | None:
        try:
            moment = self._parsed(value)
        except (ValueError, TypeError, OverflowError, OSError):
            return None
        if moment is None:
            return None
        if moment.tzinfo is None:
            # an hour that happens twice, or never, is not guessed
            if self._zone.utcoffset(moment) != self._zone.utcoffset(moment.replace(fold=1)):
                return None
            moment = moment.replace(tzinfo=self._zone)
        moment = moment.astimezone(UTC)
        return moment if _EARLIEST <= moment < _LATEST else None

    def _parsed(self, value: Any) -> datetime | None:
        if isinstance(value, bool) or value in (None, ""):
            return None
        match self._format:
            case "epoch":
                return datetime.fromtimestamp(float(value), UTC)
            case "epoch_ms":
                return datetime.fromtimestamp(float(value) / 1000, UTC)
            case "iso":
                return datetime.fromisoformat(str(value))
            case format:
                text = str(value).strip()
                if format == _COMMON and len(text) == 19 and text[10] == " ":
                    return datetime.fromisoformat(text)
                return datetime.strptime(text, format)  # noqa: DTZ007 - the zone is put on right after

    def write(self, moment: datetime | None) -> str:
        """As the city writes it; empty for None."""
        if moment is None:
            return ""
        match self._format:
            case "epoch":
                return str(int(moment.timestamp()))
            case "epoch_ms":
                return str(int(moment.timestamp() * 1000))
            case "iso":
                return moment.astimezone(self._zone).isoformat()
            case format:
                return moment.astimezone(self._zone).strftime(format)
