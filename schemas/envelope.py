"""The envelope: CloudEvents 1.0 in Kafka's binary mode (attributes as headers), with W3C `traceparent`.

There is no `ce_subject`: the dispatch number is in the key and nowhere else outside the value.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

from schemas.ids import derived_id

Headers = list[tuple[str, bytes]]

SPECVERSION: Final = b"1.0"
CONTENT_TYPE: Final = b"application/json"
ORIGIN: Final = "origin"
"""`topic/partition/offset` of the record that an inbox record was made from; written by intake only."""
DEPARTMENT: Final = "department"
"""Who speaks in a report, from the name of the topic it came from; written by intake only."""


class EnvelopeError(ValueError):
    """A header that CloudEvents requires is missing or malformed; the text names it."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What every record says of itself."""

    id: str
    source: str
    """URI-reference of the writer: `/paidan/connectors/city`, `/paidan/streams/cases`."""
    type: str
    """`paidan.<message>.v<major>`; see `TYPES`."""
    time: datetime
    traceparent: str = ""
    """Empty: a new trace, derived from the id."""

    def headers(self) -> Headers:
        """As Kafka headers, always in this order."""
        return [
            ("ce_specversion", SPECVERSION),
            ("ce_id", self.id.encode()),
            ("ce_source", self.source.encode()),
            ("ce_type", self.type.encode()),
            ("ce_time", self.time.isoformat().replace("+00:00", "Z").encode()),
            ("content-type", CONTENT_TYPE),
            ("traceparent", (self.traceparent or new_trace(self.id)).encode()),
        ]


def read(headers: Iterable[tuple[str, bytes]]) -> Envelope:
    """From Kafka headers; the first of each name counts. Raises EnvelopeError."""
    got: dict[str, bytes] = {}
    for name, value in headers:
        got.setdefault(name, value)
    try:
        if got["ce_specversion"] != SPECVERSION:
            raise EnvelopeError("ce_specversion is not 1.0")
        return Envelope(
            got["ce_id"].decode(),
            got["ce_source"].decode(),
            got["ce_type"].decode(),
            datetime.fromisoformat(got["ce_time"].decode()),
            got.get("traceparent", b"").decode(),
        )
    except KeyError as missing:
        raise EnvelopeError(f"no header {missing.args[0]}") from None
    except ValueError as problem:
        if isinstance(problem, EnvelopeError):
            raise
        raise EnvelopeError("a header is not readable") from None


def new_trace(id: str) -> str:
    """A traceparent whose trace and span are derived from the id, so that a replay carries the same one."""
    digest = blake2b(id.encode(), digest_size=24).hexdigest()
    return f"00-{digest[:32]}-{digest[32:]}-01"


def child_trace(parent: str, id: str) -> str:
    """The trace of `parent` with a span derived from `id`; a new trace where the parent is not well formed."""
    parts = parent.split("-")
    if len(parts) != 4 or len(parts[1]) != 32 or len(parts[3]) != 2:
        return new_trace(id)
    return f"00-{parts[1]}-{derived_id(parent, id)[:16]}-{parts[3]}"
