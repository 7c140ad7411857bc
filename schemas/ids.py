"""Ids are derived, never drawn: whoever derives one from the same parts gets the same id, also after a crash."""

from hashlib import blake2b
from typing import Final

SEPARATOR: Final = "\x1f"


def derived_id(*parts: str | int) -> str:
    """24 hex digits over the parts in order. A part must not contain the unit separator (U+001F)."""
    return blake2b(SEPARATOR.join(map(str, parts)).encode(), digest_size=12).hexdigest()
