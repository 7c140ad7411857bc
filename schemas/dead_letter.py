"""A dead letter (死信): a record that could not be handled, with the reason from a closed list.

The value is the original bytes, the key the original key, the headers the original headers and those named here.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Headers = list[tuple[str, bytes]]


class DeadReason(StrEnum):
    """Why a record is dead. The same word is the header, the metric label and the log field."""

    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    DUPLICATE_KEY = "duplicate_key"
    NOT_A_NUMBER = "not_a_number"
    CONTROL_CHARACTER = "control_character"
    BIDI_CONTROL = "bidi_control"
    LONE_SURROGATE = "lone_surrogate"
    HUGE_NUMBER = "huge_number"
    INVALID = "invalid"
    """Parsable, but not what the type asks for."""
    UNKNOWN_TYPE = "unknown_type"
    KEY_MISMATCH = "key_mismatch"
    NO_NUMBER = "no_number"
    """Quarantined by a connector: the city's record has no order number."""
    NO_TIME = "no_time"
    """Quarantined by a connector: no usable time."""
    UNREADABLE = "unreadable"
    """Quarantined by a connector: this record cannot be parsed or mapped."""
    HANDLER_FAILED = "handler_failed"
    PARKED = "parked"
    """Nothing is wrong with it: an earlier record of the same dispatch is dead, and order matters."""
    CITY_REJECTED = "city_rejected"


REASON: Final = "dead-reason"
ORIGIN: Final = "dead-origin"
"""`topic/partition/offset` of the original; `connector/<name>` for what never was a record."""
DETAIL: Final = "dead-detail"
"""Where it went wrong: a field path or a type name; never a value."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Why and where from."""

    reason: DeadReason
    origin: str
    detail: str = ""

    def headers(self, original: Headers | tuple[tuple[str, bytes], ...] = ()) -> Headers:
        """The original headers, then ours."""
        return [
            *original,
            (REASON, self.reason.encode()),
            (ORIGIN, self.origin.encode()),
            (DETAIL, self.detail.encode()[:200]),
        ]

    @classmethod
    def read(cls, headers: Headers | tuple[tuple[str, bytes], ...]) -> "DeadLetter":
        """From the headers of a record on `bridge.dead`; the last of each name counts. KeyError where one lacks."""
        last = dict(headers)
        return cls(
            DeadReason(last[REASON].decode()), last[ORIGIN].decode(), last.get(DETAIL, b"").decode(errors="replace")
        )


def original_headers(headers: Headers | tuple[tuple[str, bytes], ...]) -> Headers:
    """What the record carried before it died."""
    return [(name, value) for name, value in headers if name not in {REASON, ORIGIN, DETAIL}]
