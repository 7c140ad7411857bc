"""A checkpoint: how far one stream of a connector has read; and a control: what a connector was told to do.

Both live on the compacted topic `bridge.checkpoints`. A checkpoint's key is `<connector>/<stream>` (`city/live`,
`city/sweep/nightly`, `city/backfill/20260301T000000Z/20260401T000000Z`), a control's is `<connector>/control`.
"""

from enum import StrEnum
from typing import Final

from schemas.base import Code, Instant, Line, Message

CONTROL_STREAM: Final = "control"


class Desired(StrEnum):
    """What an operator wants of a connector."""

    RUNNING = "running"
    PAUSED = "paused"


class Checkpoint(Message):
    """Everything of the stream before `cursor` is durable in Kafka; a restart reads on from there."""

    connector: Code
    stream: Line
    cursor: Instant
    """In the source's own time."""
    until: Instant | None = None
    """Where a sweep or a backfill ends; absent for the live stream."""
    began: Instant | None = None
    """When a sweep or a backfill was asked for, by the bridge's clock."""
    chunk_seconds: int | None = None
    """The longest window of a backfill."""
    mapping: Line = ""
    """Digest of the mapping that the records were translated with."""
    state: Line = ""
    """`running`, `degraded`, `failed`, `done`."""
    why: Line = ""
    """In a sentence, when it is not running; names no dispatch."""
    written_at: Instant
    """By the bridge's clock."""
    last_success_at: Instant | None = None
    """When the source last answered a page that could be read, by the bridge's clock."""
    records: int = 0
    """Written since the connector started; for people."""
    writer: Line = ""
    """The process that wrote it, so that two at work on one stream are noticed."""


class Control(Message):
    """The wish of an operator, kept until the next one."""

    connector: Code
    desired: Desired
    by: Line
    at: Instant
    reason: Line = ""


def checkpoint_key(connector: str, stream: str) -> bytes:
    """The Kafka key."""
    return f"{connector}/{stream}".encode()
