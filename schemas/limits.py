"""What no record may contain, whoever sent it; checked on the bytes, at every door, before a model sees them.

Source of the limits: the reliability study, 4.6 (what pydantic and json accept in silence was measured there).
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from schemas.dead_letter import DeadReason

MAX_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 16

_CONTROL_BYTES: Final = bytes(set(range(32)) - set(b"\t\n\r"))
_BIDI_BYTES: Final = re.compile(rb"\xe2(?:\x80[\xaa-\xae]|\x81[\xa6-\xa9])")
_BIDI: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_ESCAPES: Final = (b"\\u", b"\\b", b"\\f")
"""Only behind one of these can a forbidden character hide in JSON that passed the check of its bytes."""
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')


class _RefusedError(ValueError):
    def __init__(self, reason: DeadReason) -> None:
        self.reason = reason


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _RefusedError(DeadReason.DUPLICATE_KEY)
    return made


def _constant(_: str) -> float:
    raise _RefusedError(DeadReason.NOT_A_NUMBER)


_decoder: Final = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant)


def depth(text: str) -> int:
    """How deep arrays and objects nest in a JSON text; brackets inside strings do not count."""
    deepest = level = 0
    for char in _STRING.sub("", text):
        if char in "[{":
            level += 1
            deepest = max(deepest, level)
        elif char in "]}":
            level -= 1
    return deepest


def refusal(value: bytes) -> DeadReason | None:
    """Why `value` may not come in, or None. Costs about 15 us for 1.5 KB of Chinese JSON; never raises."""
    if len(value) > MAX_BYTES:
        return DeadReason.TOO_LARGE
    if len(value.translate(None, _CONTROL_BYTES)) != len(value):
        return DeadReason.CONTROL_CHARACTER
    if _BIDI_BYTES.search(value):
        return DeadReason.BIDI_CONTROL
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return DeadReason.NOT_UTF8
    if value.count(b"[") + value.count(b"{") > MAX_DEPTH and depth(text) > MAX_DEPTH:
        return DeadReason.TOO_DEEP
    try:
        parsed = _decoder.decode(text)
    except _RefusedError as refused:
        return refused.reason
    except json.JSONDecodeError:
        return DeadReason.NOT_JSON
    except ValueError:
        return DeadReason.HUGE_NUMBER
    except RecursionError:
        return DeadReason.TOO_DEEP
    return _escaped(parsed) if any(escape in value for escape in _ESCAPES) else None


def _escaped(parsed: Any) -> DeadReason | None:
    """The same characters, written as escapes, in any key or text."""
    text = "".join(_texts(parsed))
    if _CONTROL.search(text):
        return DeadReason.CONTROL_CHARACTER
    if _BIDI.search(text):
        return DeadReason.BIDI_CONTROL
    return DeadReason.LONE_SURROGATE if _SURROGATE.search(text) else None


def _texts(parsed: Any) -> Iterator[str]:
    if isinstance(parsed, str):
        yield parsed
    elif isinstance(parsed, dict):
        for key, value in parsed.items():
            yield key
            yield from _texts(value)
    elif isinstance(parsed, list):
        for value in parsed:
            yield from _texts(value)
