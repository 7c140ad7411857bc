"""Writes to Kafka: idempotent, acks=all, every ack awaited, the partition always chosen by us."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from kafka import KafkaProducer

from connectors.runtime.records import Out
from schemas.kafka import KafkaSettings

ACK_S = 120.0
"""A record not acked after so long ends the process: the road a crash takes, which reads the page again."""


class WriteError(RuntimeError):
    """Kafka did not ack a record in time, or refused it. Nothing may be taken as written."""


class Writer(Protocol):
    """Where the loops put records."""

    def send(self, records: Iterable[Out]) -> Sequence[object]:
        """Hands over; returns what `settle` waits for."""
        ...

    def settle(self, sent: Sequence[object]) -> None:
        """Returns when all are acked. Raises WriteError."""
        ...


class KafkaWriter:
    """One producer, used by all threads of the process."""

    def __init__(self, kafka: KafkaSettings, client_id: str) -> None:
        self._producer = KafkaProducer(
            **kafka.for_kafka_python(),
            client_id=client_id,
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            batch_size=256 * 1024,
            max_request_size=1024 * 1024,
            delivery_timeout_ms=int(ACK_S * 1000),
        )

    def send(self, records: Iterable[Out]) -> Sequence[Any]:
        """Hands over; returns the futures. Raises WriteError when Kafka takes nothing for a minute."""
        try:
            return [
                self._producer.send(
                    out.topic, value=out.value, key=out.key, headers=out.headers, partition=out.partition
                )
                for out in records
            ]
        except Exception as problem:
            raise WriteError(type(problem).__name__) from problem

    def settle(self, sent: Sequence[Any]) -> None:
        """Returns when all are acked. Raises WriteError."""
        try:
            if sent:
                # whoever waits does not linger for company
                self._producer.flush(timeout=ACK_S)
            for future in sent:
                future.get(timeout=ACK_S + 10)
        except Exception as problem:
            raise WriteError(type(problem).__name__) from problem

    def write(self, records: Iterable[Out]) -> None:
        """Hands over and returns when all are acked. Raises WriteError."""
        self.settle(self.send(records))

    def close(self) -> None:
        """Lets go; what is not acked is given up after a second."""
        self._producer.close(timeout=1)
