"""The process: reads the departments' topics, writes down, answers when an answer is due, and only then commits."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from deploy.sim.departments.desk import Desk, Due
from deploy.sim.departments.habits import Habits
from deploy.sim.departments.inbox import Inbox
from schemas.codec import encode
from schemas.envelope import Envelope
from schemas.kafka import KafkaSettings
from schemas.topics import department_dispatches, department_reports

GROUP = "departments"
WAIT_S = 0.2
SENT_S = 20.0

log = structlog.get_logger(__name__)


class Office:
    """Many departments in one process. Goes on where its journal and the committed offsets stand."""

    def __init__(self, kafka: KafkaSettings, codes: Sequence[str], folder: Path, habits: Habits) -> None:
        self._inbox = Inbox(folder / "departments.jsonl")
        self._desk = Desk(habits)
        self._desk.receive(self._inbox.received, self._inbox.reported)
        self._producer: Any = KafkaProducer(**kafka.for_kafka_python(), acks="all", linger_ms=5)
        self._consumer: Any = KafkaConsumer(
            **kafka.for_kafka_python(),
            group_id=GROUP,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=100,
        )
        self._consumer.assign([TopicPartition(department_dispatches(code), 0) for code in codes])
        self._unsent: list[Due] = []
        self._uncommitted: dict[TopicPartition, OffsetAndMetadata] = {}
        """What has been taken and the broker does not know yet: it may have been away, and nothing new may come."""

    def run(self, stop: threading.Event) -> None:
        """Until `stop`. A broker that is away is waited for; nothing is forgotten meanwhile."""
        while not stop.is_set():
            self._read()
            self._answer()
        self._consumer.close()
        self._producer.close()
        self._inbox.close()

    def _read(self) -> None:
        polled = self._consumer.poll(timeout_ms=int(self._wait_s() * 1000), max_records=500)
        if polled:
            self._desk.receive(
                self._inbox.take((record for batch in polled.values() for record in batch), datetime.now(UTC))
            )
        self._uncommitted |= {place: OffsetAndMetadata(batch[-1].offset + 1, "", -1) for place, batch in polled.items()}
        if not self._uncommitted:
            return
        try:
            self._consumer.commit(self._uncommitted)
        except KafkaError as error:
            # what is not committed comes again after a restart, and is known by its id
            log.warning("commit_failed", reason=type(error).__name__)
        else:
            self._uncommitted = {}

    def _answer(self) -> None:
        now = datetime.now(UTC)
        due = self._unsent + self._desk.due(now)
        sent = []
        self._unsent = []
        for one, future in [(one, self._send(one)) for one in due]:
            try:
                offset = future.get(timeout=SENT_S).offset
            except KafkaError as error:
                log.warning("report_not_acked", reason=type(error).__name__)
                self._unsent.append(one)
            else:
                sent.append((one[0], one[1].id, one[1].report, offset))
        if sent:
            self._inbox.sent(sent, now)

    def _send(self, due: Due) -> Any:
        department, step = due
        envelope = Envelope(step.id, f"/departments/{department}", "paidan.report.v1", step.report.at)
        return self._producer.send(
            department_reports(department),
            key=step.report.dispatch.encode(),
            value=encode(step.report),
            headers=envelope.headers(),
        )

    def _wait_s(self) -> float:
        due = self._desk.next_due()
        if due is None:
            return WAIT_S
        return min(WAIT_S, max(0.0, (due - datetime.now(UTC)).total_seconds()))
