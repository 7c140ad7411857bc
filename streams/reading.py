"""Reading a value at a door, and again in the same process a moment later, for as little as that can cost.

`schemas.codec.decode` is the rule. What is here answers the same and is only faster.
"""

import asyncio
import re
from contextlib import suppress
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from schemas.codec import decode, encode
from schemas.limits import MAX_BYTES, MAX_DEPTH

M = TypeVar("M", bound=BaseModel)

KEPT: Final = 8_000
"""Messages remembered between intake and cases; more than intake runs ahead. About 5 KB each."""

PATIENCE_S: Final = 0.2
"""Intake waits for cases no longer than this, since it may be that other workers decide what it reads."""

_BIDI: Final = re.compile(rb"\xe2(?:\x80[\xaa-\xae]|\x81[\xa6-\xa9])")


def read(model: type[M], value: bytes | None) -> M:
    """As `decode(model, value)`, limits included. Raises UndecodableError.

    Bytes that our codec would write for what they hold have no duplicate key, no NaN and no lone surrogate; only
    length, depth, escapes and bidi controls are left to look for. That is half the price.
    """
    if value is None or len(value) > MAX_BYTES or value.count(b"[") + value.count(b"{") > MAX_DEPTH:
        return decode(model, value)
    try:
        message = model.model_validate_json(value)
    except ValidationError:
        return decode(model, value)
    if encode(message) != value or b"\\u" in value or _BIDI.search(value):
        return decode(model, value)
    return message


class Known:
    """Messages that this process has read, by their envelope id, each to be asked for once.

    Full, it keeps what it has: the oldest are asked for next. Unless nothing is asked for any more, because other
    workers handle them.
    """

    def __init__(self, limit: int = KEPT) -> None:
        self._limit, self._refused = limit, 0
        self._messages: dict[bytes, tuple[bytes | None, Any]] = {}
        self._taken = asyncio.Event()

    async def room(self, size: int) -> None:
        """Wait until `size` more can be kept, as long as kept ones are asked for: what is not kept is read twice."""
        while self._messages and len(self._messages) + size > self._limit:
            self._taken.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._taken.wait(), PATIENCE_S)
            if not self._taken.is_set():
                return

    def put(self, id: bytes, value: bytes | None, message: BaseModel) -> None:
        """`message` is what `value` holds."""
        messages = self._messages
        if len(messages) >= self._limit:
            self._refused += 1
            if self._refused <= self._limit:
                return
            messages.clear()
            self._refused = 0
        messages[id] = value, message

    def take(self, model: type[M], id: bytes, value: bytes | None) -> M | None:
        """The message of exactly these bytes, if it is known."""
        found = self._messages.pop(id, None)
        if found is None:
            return None
        self._refused = 0
        self._taken.set()
        return found[1] if found[0] == value and type(found[1]) is model else None
