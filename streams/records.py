"""A record's envelope as bytes: read without parsing what is only passed on, and written from cached constants.

`schemas.envelope` defines it; this is the same envelope for code that handles ten thousand records a second.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, cast

from schemas import envelope
from schemas.dead_letter import DeadLetter
from schemas.topics import DEAD, partition_of
from streams.engine import Outgoing
from streams.names import CUT

Headers = list[tuple[str, bytes]]

DEAD_BYTES: Final = 400_000
"""Longest dead letter, headers included: well above the limit of a record, and always less than a batch."""
CUT_BYTES: Final = 262_144
CUT_KEY_BYTES: Final = 200

_ID: Final = re.compile(rb"[0-9a-f]{24}")
_TRACE: Final = re.compile(rb"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_SPECVERSION: Final = ("ce_specversion", envelope.SPECVERSION)
_CONTENT_TYPE: Final = ("content-type", envelope.CONTENT_TYPE)


def first_of_each(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, bytes]:
    """Header name -> value; of a repeated name the first counts, and a header without a value is none."""
    got = dict(headers)
    if len(got) != len(headers):
        got = dict(reversed(headers))
    if None in got.values():
        return {name: value for name, value in got.items() if value is not None}
    return cast("dict[str, bytes]", got)


def is_id(value: bytes) -> bool:
    """Whether it looks like `schemas.ids.derived_id` made it."""
    return _ID.fullmatch(value) is not None


def trace(value: bytes) -> bytes:
    """The traceparent, or nothing where it is not well formed."""
    return value if _TRACE.fullmatch(value) else b""


def child_trace(parent: bytes, id: bytes) -> bytes:
    """The trace of `parent` (well formed, or empty for a new one) with a span taken from the record's own id."""
    if not parent:
        return envelope.new_trace(id.decode()).encode()
    return b"%b%b%b" % (parent[:36], id[:16], parent[52:])


def instant(moment: datetime) -> bytes:
    """RFC 3339 in UTC, as `ce_time` has it."""
    return moment.isoformat().replace("+00:00", "Z").encode()


def headers(id: bytes, source: tuple[str, bytes], type: tuple[str, bytes], time: bytes, traceparent: bytes) -> Headers:
    """The seven envelope headers, in the order of `schemas.envelope.Envelope.headers`."""
    return [
        _SPECVERSION,
        ("ce_id", id),
        source,
        type,
        ("ce_time", time),
        _CONTENT_TYPE,
        ("traceparent", traceparent),
    ]


def dead(record: "Record", letter: DeadLetter) -> Outgoing:
    """The record as a dead letter: original key, bytes and headers, and why.

    What is larger than a dead letter may be is cut, and says so; the whole of it stays where it came from.
    """
    key, value = record.key, record.value
    original = [(name, content or b"") for name, content in record.headers]
    size = len(key or b"") + len(value or b"") + sum(len(name) + len(content) for name, content in original)
    if size > DEAD_BYTES:
        letter = replace(letter, detail=f"{CUT}{size} bytes; {letter.detail}")
        key, value, original = key and key[:CUT_KEY_BYTES], value and value[:CUT_BYTES], []
    partition = record.partition if key is None else partition_of(key)
    return Outgoing(DEAD, partition, key, value, letter.headers(original))


def place(record: "Record") -> str:
    """`topic/partition/offset`: where a record is, and what a dead letter calls its origin."""
    return f"{record.topic}/{record.partition}/{record.offset}"


class Record:
    """What we use of aiokafka's ConsumerRecord; for the type checker, and for tests."""

    __slots__ = ("headers", "key", "offset", "partition", "timestamp", "topic", "value")

    def __init__(
        self,
        topic: str,
        partition: int,
        offset: int,
        key: bytes | None,
        value: bytes | None,
        headers: Iterable[tuple[str, bytes | None]] = (),
        timestamp: int = 0,
    ) -> None:
        """`timestamp` is epoch milliseconds, given by the broker."""
        self.topic, self.partition, self.offset = topic, partition, offset
        self.key, self.value, self.headers, self.timestamp = key, value, tuple(headers), timestamp
