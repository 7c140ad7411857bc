"""What a dialect is: it reads one city's requests and writes its answers. Faults and sockets are the server's."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Protocol

from deploy.sim.city.faults import Call, Fault

SHANGHAI = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; `query` holds the first value of each name, header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer."""

    body: bytes
    status: int = 200
    type: str = "application/json; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = field(default=())


class Dialect(Protocol):
    """One city's interface over the shared order book."""

    def call(self, request: Request) -> Call | None:
        """What is asked; None for a path this city does not have."""
        ...

    def answer(self, call: Call, request: Request, fault: Fault | None) -> Reply:
        """The answer, with its effect. Of the faults only those of content are the dialect's: `busy`, `internal`,
        `token_expired`, `login_page` (the session ends) and the two of pages."""
        ...


class BadFieldError(ValueError):
    """A field is missing or not what the interface asks for; the text is its name."""


def local(at: float, format: str) -> str:
    """Epoch seconds in the city's wall time."""
    return datetime.fromtimestamp(at, SHANGHAI).strftime(format)


def epoch(text: object, format: str, name: str) -> int:
    """The city's wall time as epoch seconds. Raises BadFieldError(name)."""
    try:
        return int(datetime.strptime(str(text), format).replace(tzinfo=SHANGHAI).astimezone(UTC).timestamp())
    except ValueError:
        raise BadFieldError(name) from None


def required(body: Mapping[str, Any], name: str) -> str:
    """A text that must be there. Raises BadFieldError(name)."""
    found = body.get(name)
    if not isinstance(found, str) or not found.strip():
        raise BadFieldError(name)
    return found


def yes_no(body: Mapping[str, Any], name: str) -> bool | None:
    """`1`, `0` or absent. Raises BadFieldError(name) for anything else."""
    found = body.get(name)
    if found in (None, ""):
        return None
    if str(found) not in ("0", "1"):
        raise BadFieldError(name)
    return str(found) == "1"


def whole(found: object, name: str, default: int | None = None) -> int:
    """A whole number, also as text. Raises BadFieldError(name)."""
    if found in (None, "") and default is not None:
        return default
    try:
        return int(str(found))
    except ValueError:
        raise BadFieldError(name) from None


def json_object(body: bytes) -> dict[str, Any]:
    """A request's JSON body. Raises BadFieldError("JSON") for anything but an object."""
    try:
        found = json.loads(body)
    except ValueError:
        raise BadFieldError("JSON") from None
    if not isinstance(found, dict):
        raise BadFieldError("JSON")
    return found


def spoilt(shown: dict[str, Any], fault: str | None, number: str, times: tuple[str, ...]) -> Any:
    """The row as it is, or as one that nobody can read: without its number, without its times, or no object."""
    match fault:
        case None:
            return shown
        case "no_number":
            return {**shown, number: ""}
        case "no_time":
            return {**shown, **dict.fromkeys(times, "")}
        case _:
            return f"数据迁移中，第{shown[number][-6:]}条"
