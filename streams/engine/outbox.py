"""The outbox: our own producer, which returns only when the broker has every record."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from time import time
from typing import Any, Final, Literal, NamedTuple

import aiokafka
import structlog
from aiokafka.errors import KafkaTimeoutError, UnknownTopicOrPartitionError

from streams.engine.connect import RETRY_SECONDS, connected
from streams.engine.crash import At, no_op

log = structlog.get_logger(__name__)

BATCH_BYTES: Final = 512 * 1024
RECORD_BYTES: Final = 1_000_000
"""Brokers take batches of 1 MiB unless told otherwise."""
METADATA_SECONDS: Final = 2.0

Compression = Literal["zstd", "lz4", "gzip", "snappy"]
"""Who reads the topics must know it: a plain kafka-python knows gzip only."""

Headers = Sequence[tuple[str, bytes]]


class RecordTooLargeError(ValueError):
    """One record is larger than a broker takes. Nothing of its wave was sent."""


class Outgoing(NamedTuple):
    """One record to deliver. `partition` is taken modulo the topic's width, so that equal keys stay together."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class Outbox:
    """Batches filled by us, sent idempotently, in order per topic and partition; a missing topic or broker means wait.

    `waiting` names what it waits for at the moment: a topic, `broker`, or nothing.
    """

    def __init__(
        self,
        kafka: Mapping[str, Any],
        *,
        compression: Compression | None = None,
        batch_bytes: int = BATCH_BYTES,
        client_id: str = "outbox",
        at: At = no_op,
    ) -> None:
        self._options = {
            **kafka,
            "client_id": client_id,
            "acks": "all",
            "enable_idempotence": True,
            "linger_ms": 0,
            "max_batch_size": batch_bytes,
            "max_request_size": max(2 * batch_bytes, 1 << 20),
            "compression_type": compression,
            "request_timeout_ms": 30_000,
            "metadata_max_age_ms": 30_000,
        }
        self._at = at
        self._producer: Any = None
        self._starting = asyncio.Lock()
        # aiokafka's own wait for a slot adds up the whole elapsed time at each turn and gives up under contention.
        self._turns: defaultdict[tuple[str, int], asyncio.Lock] = defaultdict(asyncio.Lock)
        self.waiting = ""

    async def start(self) -> None:
        """Connect, once, in the running loop. Returns when a broker answered."""
        async with self._starting:
            if self._producer is None:
                make = partial(aiokafka.AIOKafkaProducer, **self._options)
                self._producer = await connected(make, waiting=partial(setattr, self, "waiting", "broker"))
                self.waiting = ""

    async def stop(self) -> None:
        """Disconnect; what is in flight is waited for."""
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await producer.stop()

    async def width(self, topic: str) -> int:
        """Its partition count. Returns only when the topic exists."""
        known = self._producer.client.cluster.partitions_for_topic(topic)
        while not known:
            with suppress(UnknownTopicOrPartitionError, TimeoutError):
                known = await asyncio.wait_for(self._producer.partitions_for(topic), METADATA_SECONDS)
                break
            await self._wait_for(topic)
        self.waiting = ""
        return len(known)

    async def deliver(self, records: Iterable[Outgoing], *, wave: str = "outputs") -> None:
        """Return when the broker has them all; order is kept per topic and partition.

        Raises RecordTooLargeError before anything is sent, and aiokafka's KafkaError for what waiting cannot cure
        (authorisation, a record the broker refuses): part of the wave may then be on disk.
        """
        batches = self._batches(records)
        if not batches:
            return
        waits: list[asyncio.Future[Any]] = []
        for topic, partition, batch in batches:
            if waits:
                self._at(f"{wave}_half")
            waits.append(await self._send(batch, topic, partition))
        self._at(f"{wave}_sent")
        await asyncio.gather(*waits)
        self._at(f"{wave}_acked")

    def _batches(self, records: Iterable[Outgoing]) -> list[tuple[str, int, Any]]:
        open_batches: dict[tuple[str, int], Any] = {}
        batches: list[tuple[str, int, Any]] = []
        create, now = self._producer.create_batch, int(time() * 1000)
        for topic, partition, key, value, headers in records:
            place = topic, partition
            fields = headers if type(headers) is list else list(headers)
            batch = open_batches.get(place)
            # append() answers None when the batch is full: without another try the record would silently be absent.
            if batch is not None and batch.append(key=key, value=value, timestamp=now, headers=fields) is not None:
                continue
            # An empty batch takes any record, also one that no broker would.
            batch = open_batches[place] = create()
            batch.append(key=key, value=value, timestamp=now, headers=fields)
            if batch.size() > RECORD_BYTES:
                raise RecordTooLargeError(f"a record of {batch.size()} bytes for {topic} is larger than {RECORD_BYTES}")
            batches.append((topic, partition, batch))
        return batches

    async def _send(self, batch: Any, topic: str, partition: int) -> asyncio.Future[Any]:
        partition %= await self.width(topic)
        async with self._turns[topic, partition]:
            while True:
                with suppress(KafkaTimeoutError):
                    sent: asyncio.Future[Any] = await self._producer.send_batch(batch, topic, partition=partition)
                    self.waiting = ""
                    return sent
                await self._wait_for("broker")

    async def _wait_for(self, what: str) -> None:
        self.waiting = what
        log.warning("outbox_waited", for_what=what)
        await asyncio.sleep(RETRY_SECONDS)
