"""Checkpoints and controls, read back from and written to the compacted topic `bridge.checkpoints`."""

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime

import structlog
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from connectors.runtime import records
from connectors.runtime.records import Out
from connectors.runtime.writer_kafka import Writer
from schemas.checkpoint import CONTROL_STREAM, Checkpoint, Control, Desired
from schemas.codec import UndecodableError, decode
from schemas.kafka import KafkaSettings
from schemas.topics import CHECKPOINTS

LOAD_S = 60.0
LOOK_EVERY_S = 0.5
ASKED = "asked"
"""The state of a backfill that an operator has asked for and nobody has begun."""

log = structlog.get_logger(__name__)


class CheckpointsUnreadableError(RuntimeError):
    """`bridge.checkpoints` could not be read to its end: without it nobody knows where to go on."""


def writer_name() -> str:
    """Who this process is, in a checkpoint: in a container every life has the same host and the same pid."""
    return f"{socket.gethostname()}/{os.getpid()}-{secrets.token_hex(3)}"


class Checkpoints:
    """All checkpoints, as they are on the topic; thread-safe.

    A stream has one writer: the process that runs its connector. Two at work do no harm, for records have derived
    ids, but they waste; so one that sees the other's checkpoint says so through `on_other`. Without a `writer` it
    can only be read.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        writer: Writer | None,
        now: Callable[[], datetime],
        on_other: Callable[[str], None] = lambda connector: None,
    ) -> None:
        self._writer = writer
        self._now = now
        self._on_other = on_other
        self._me = writer_name()
        self._loaded = False
        self._lock = threading.Lock()
        self._looked = 0.0
        self._checkpoints: dict[tuple[str, str], Checkpoint] = {}
        self._desired: dict[str, Desired] = {}
        self._partition = TopicPartition(CHECKPOINTS, 0)
        self._consumer = KafkaConsumer(
            **kafka.for_kafka_python(), enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=50
        )
        self._consumer.assign([self._partition])
        self._consumer.seek_to_beginning(self._partition)

    def load(self) -> None:
        """Reads to the end the topic had at the call. Raises CheckpointsUnreadableError after a minute."""
        deadline = time.monotonic() + LOAD_S
        with self._lock:
            end = self._consumer.end_offsets([self._partition])[self._partition]
            # compaction leaves holes: the position counts, not the records
            while self._consumer.position(self._partition) < end:
                if time.monotonic() > deadline:
                    raise CheckpointsUnreadableError
                self._take(timeout_ms=200)
            self._loaded = True

    def refresh(self) -> None:
        """Takes what was written since, at most twice a second; nothing when Kafka is away."""
        with self._lock:
            if time.monotonic() - self._looked >= LOOK_EVERY_S:
                self._looked = time.monotonic()
                try:
                    self._take(timeout_ms=0)
                except KafkaError as problem:
                    if not problem.retriable:
                        raise
                    log.warning("kafka_away", reason=type(problem).__name__)

    def _take(self, *, timeout_ms: int) -> None:
        for batch in self._consumer.poll(timeout_ms=timeout_ms).values():
            for record in batch:
                self._read(record.key, record.value)

    def _read(self, key: bytes | None, value: bytes | None) -> None:
        connector, _, stream = (key or b"").decode(errors="replace").partition("/")
        try:
            if stream == CONTROL_STREAM:
                self._desired[connector] = decode(Control, value).desired
                return
            said = decode(Checkpoint, value)
        except UndecodableError as problem:
            log.warning("checkpoint_not_readable", connector=connector, reason=problem.reason)
            return
        if self._loaded:
            if said.writer == self._me:
                return
            if said.writer and said.state != ASKED:
                self._on_other(connector)
        self._checkpoints[connector, stream] = said

    def desired(self, connector: str) -> Desired:
        """What an operator wants of it; running unless told otherwise."""
        return self._desired.get(connector, Desired.RUNNING)

    def of(self, connector: str, stream: str) -> Checkpoint | None:
        """The last checkpoint of a stream."""
        return self._checkpoints.get((connector, stream))

    def all(self) -> dict[tuple[str, str], Checkpoint]:
        """(connector, stream) -> its last checkpoint."""
        return dict(self._checkpoints)

    def save(self, checkpoint: Checkpoint) -> Checkpoint:
        """Writes it, signed and dated; returns once it is acked. Raises WriteError."""
        signed = checkpoint.model_copy(update={"written_at": self._now(), "writer": self._me})
        self._put(records.checkpoint(signed))
        self._checkpoints[signed.connector, signed.stream] = signed
        return signed

    def control(self, control: Control) -> None:
        """Writes an operator's wish; returns once it is acked. Raises WriteError."""
        self._put(records.control(control, CONTROL_STREAM))
        self._desired[control.connector] = control.desired

    def _put(self, record: Out) -> None:
        assert self._writer is not None
        self._writer.settle(self._writer.send([record]))

    def close(self) -> None:
        """Lets go of the connection."""
        self._consumer.close()
