"""A record as it lies in Kafka, and its parts: key, headers, the JSON object in its value."""

import json
from collections.abc import Iterable
from typing import Any, Final, Protocol

Value = str | int | None
Line = tuple[Value, ...]
"""A line of the ground."""
Words = dict[str, Any]

_read_json: Final = json.JSONDecoder().decode


class Record(Protocol):
    """What is used of a client's record."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Iterable[tuple[str, bytes | None]]: ...


class UnreadableError(ValueError):
    """A record that the bridge wrote and nobody can read."""


def words_of(value: bytes | None) -> Words:
    """The JSON object in `value`. Raises UnreadableError."""
    try:
        found = _read_json((value or b"").decode())
    except ValueError as problem:
        raise UnreadableError from problem
    if not isinstance(found, dict):
        raise UnreadableError
    return found


def head(record: Record, *names: str) -> tuple[str | None, ...]:
    """The headers of these names as text, None for one that is not there; of a repeated name the last counts."""
    found: list[str | None] = [None] * len(names)
    for name, value in record.headers:
        if name in names and value is not None:
            found[names.index(name)] = value.decode("utf-8", "replace")
    return tuple(found)


def id_of(record: Record) -> str | None:
    """The envelope's id."""
    return head(record, "ce_id")[0]


def key_of(record: Record) -> str:
    """The dispatch a record is about."""
    return (record.key or b"").decode("utf-8", "replace")
