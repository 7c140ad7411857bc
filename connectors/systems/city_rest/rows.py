"""The rows of a list, each with its original text, without letting one bad row spoil the page. Pure."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_PARTS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],]', re.DOTALL)
_decoder: Final = json.JSONDecoder()


class NotJsonError(ValueError):
    """The text ends too early, or is no JSON around the rows."""


@dataclass(frozen=True, slots=True)
class Row:
    """`value` is None where the text is no JSON by itself, or nests too deeply."""

    text: str
    value: Any


def split(text: str, path: tuple[str, ...]) -> tuple[str, list[Row] | None]:
    """The text with its list emptied, and the rows of the list at `path`; None where there is no list.

    Raises NotJsonError when rows cannot even be told apart.
    """
    start = _find(text, _space(text, 0), path)
    if start is None or text[start : start + 1] != "[":
        return text, None
    rows, end = _elements(text, start)
    return f"{text[:start]}[]{text[end:]}", rows


def _space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _find(text: str, at: int, path: tuple[str, ...]) -> int | None:
    if text[at : at + 1] != "{":
        return None
    at = _space(text, at + 1)
    while text[at : at + 1] == '"':
        key, at = _value(text, at)
        at = _space(text, at)
        if text[at : at + 1] != ":":
            raise NotJsonError
        at = _space(text, at + 1)
        if key == path[0]:
            return at if len(path) == 1 else _find(text, at, path[1:])
        at = _space(text, _value(text, at)[1])
        if text[at : at + 1] == ",":
            at = _space(text, at + 1)
    return None


def _elements(text: str, at: int) -> tuple[list[Row], int]:
    rows: list[Row] = []
    at = _space(text, at + 1)
    while text[at : at + 1] != "]":
        value, end = _value(text, at)
        rows.append(Row(text[at:end], value))
        at = _space(text, end)
        if text[at : at + 1] == ",":
            at = _space(text, at + 1)
        elif text[at : at + 1] != "]":
            raise NotJsonError
    return rows, at + 1


def _value(text: str, at: int) -> tuple[Any, int]:
    try:
        return _decoder.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None, _end(text, at)


def _end(text: str, at: int) -> int:
    """Where a value that cannot be parsed ends, by its brackets."""
    level = 0
    for part in _PARTS.finditer(text, at):
        sign = part[0]
        if sign in "{[":
            level += 1
        elif sign in "}]":
            level -= 1
            if level < 0:
                return part.start()
            if level == 0:
                return part.end()
        elif sign == "," and level == 0:
            return part.start()
    raise NotJsonError
