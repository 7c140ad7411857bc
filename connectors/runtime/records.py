"""What the loops write, as records: a snapshot, a refused record, an outcome, a dead feedback, a checkpoint. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b

from connectors.runtime.ports import Read, Refused
from connectors.runtime.seen import snapshot_id
from schemas.checkpoint import Checkpoint, Control, checkpoint_key
from schemas.codec import encode
from schemas.dead_letter import DETAIL, ORIGIN, REASON, DeadReason
from schemas.dispatch import Dispatch
from schemas.envelope import Envelope, Headers, child_trace
from schemas.feedback import Outcome
from schemas.ids import derived_id
from schemas.limits import MAX_BYTES
from schemas.topics import CHECKPOINTS, CITY, DEAD, INBOX, partition_of

RAW_TYPE = "paidan.city_record.v1"
"""What is quarantined: not a message of ours, but a record as the system sent it."""

_UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Of a record that has none: a constant, so that the same record always gives the same bytes."""


@dataclass(frozen=True, slots=True)
class Out:
    """A record to be written. A record without a key goes to the partition that its `spread` chooses."""

    topic: str
    key: bytes | None
    value: bytes
    headers: Headers
    spread: bytes = b""

    @property
    def partition(self) -> int:
        """Where it goes."""
        return 0 if self.topic == CHECKPOINTS else partition_of(self.key or self.spread)


def _source(connector: str) -> str:
    return f"/paidan/connectors/{connector}"


def snapshot(connector: str, dispatch: Dispatch) -> Out | Refused:
    """The record that says what the city shows; refused when it is larger than any reader will take."""
    value = encode(dispatch)
    key = dispatch.id.encode()
    if len(value) > MAX_BYTES:
        return Refused(DeadReason.TOO_LARGE, value, "dispatch", key)
    envelope = Envelope(snapshot_id(dispatch), _source(connector), "paidan.dispatch.v1", dispatch.updated_at)
    return Out(CITY, key, value, envelope.headers())


def quarantine_id(connector: str, refused: Refused) -> str:
    """Equal for the same bytes of the same connector."""
    return derived_id("quarantine", connector, blake2b(refused.raw, digest_size=16).hexdigest())


def quarantined(connector: str, refused: Refused) -> Out:
    """The dead letter of a record that could not be read: its original bytes, and why."""
    derived = quarantine_id(connector, refused)
    headers = Envelope(derived, _source(connector), RAW_TYPE, _UNKNOWN_TIME).headers()
    headers += _dead(refused.reason, f"connector/{connector}", refused.detail)
    return Out(DEAD, refused.key, refused.raw, headers, spread=derived.encode())


def dead_feedback(key: bytes | None, value: bytes, headers: Headers, reason: DeadReason, origin: str, why: str) -> Out:
    """The dead letter of a record of `city.feedback`. `origin` is `topic/partition/offset`."""
    return Out(DEAD, key, value, [*headers, *_dead(reason, origin, why)], spread=origin.encode())


def _dead(reason: DeadReason, origin: str, detail: str) -> Headers:
    return [(REASON, reason.encode()), (ORIGIN, origin.encode()), (DETAIL, detail.encode())]


def outcome(connector: str, said: Outcome, traceparent: str) -> Out:
    """What the city answered, for the inbox. Its id is the feedback's own, so that a repeat is recognised."""
    derived = derived_id("outcome", said.feedback_id)
    trace = child_trace(traceparent, derived)
    envelope = Envelope(derived, _source(connector), "paidan.outcome.v1", said.at, trace)
    return Out(INBOX, said.dispatch.encode(), encode(said), envelope.headers())


def checkpoint(said: Checkpoint) -> Out:
    """For the compacted topic."""
    key = checkpoint_key(said.connector, said.stream)
    return _state(key, encode(said), said.connector, "paidan.checkpoint.v1", said.written_at)


def control(said: Control, stream: str) -> Out:
    """For the compacted topic."""
    return _state(checkpoint_key(said.connector, stream), encode(said), said.connector, "paidan.control.v1", said.at)


def _state(key: bytes, value: bytes, connector: str, type: str, at: datetime) -> Out:
    derived = derived_id(key.decode(), at.isoformat())
    return Out(CHECKPOINTS, key, value, Envelope(derived, _source(connector), type, at).headers())


def key_of(record: Read) -> bytes | None:
    """The Kafka key."""
    return record.id.encode() if isinstance(record, Dispatch) else record.key
