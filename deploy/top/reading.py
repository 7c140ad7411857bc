"""Reading what the board shows: rows partition by partition first, then everything as it comes."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from connectors.runtime import offsets
from deploy.console import WRONG, UserError, t
from deploy.operators.letters import RESOLVED, letter
from deploy.sim.lag import LagReader
from deploy.top.board import HOUR, Board
from deploy.top.overview import Overview
from schemas.case import decode_row
from schemas.codec import decode
from schemas.kafka import KafkaSettings
from schemas.notice import Notice
from schemas.topics import CASES, CITY, DEAD, INBOX, NOTICES, PARTITIONS, department_reports
from streams.names import GROUP

POLL_RECORDS = 5000
LOOK_MS = 200
"""How long a wait may last without asking whether it is stopped."""


class Watch:
    """One consumer over rows, notices and dead letters; it belongs to no group. Raises UserError where Kafka fails."""

    def __init__(self, kafka: KafkaSettings, codes: Iterable[str]) -> None:
        self.board = Board()
        self._lag: LagReader | None = None
        try:
            self._consumer: Any = KafkaConsumer(
                **kafka.for_kafka_python(), enable_auto_commit=False, max_poll_records=POLL_RECORDS
            )
            there = self._consumer.topics()
            for topic in (CASES, NOTICES, DEAD):
                if topic not in there:
                    words = f"没有主题 {topic}：paidan topics apply", f"no topic {topic}: paidan topics apply"
                    raise UserError(t(*words), code=WRONG)
            read = [topic for topic in (CITY, INBOX, *map(department_reports, codes)) if topic in there]
            with suppress(KafkaError):
                self._lag = LagReader(kafka, {GROUP: read})
            self._load()
        except KafkaError as problem:
            raise _failed(problem) from problem

    def now(self, wait: timedelta = timedelta(), stopped: Callable[[], bool] = lambda: False) -> Overview:
        """The overview, after what came in the next `wait` was taken; sooner where it is `stopped`. Raises UserError
        where Kafka fails."""
        try:
            until = datetime.now(UTC) + wait
            while True:
                left = (until - datetime.now(UTC)) // timedelta(milliseconds=1)
                for records in self._consumer.poll(timeout_ms=min(max(0, left), LOOK_MS)).values():
                    for record in records:
                        self._take(record)
                if datetime.now(UTC) >= until or stopped():
                    return self.board.overview(datetime.now(UTC), self._behind())
        except KafkaError as problem:
            raise _failed(problem) from problem

    def close(self) -> None:
        """Lets go of Kafka."""
        self._consumer.close()
        if self._lag is not None:
            self._lag.close()

    def _load(self) -> None:
        """The rows there are, one partition at a time and of each key only the one that counts; then to the place from
        which everything is read as it comes."""
        ends: dict[TopicPartition, int] = {}
        for partition in range(PARTITIONS):
            place = TopicPartition(CASES, partition)
            ends[place] = self._partition(place)
        notices, dead = ([TopicPartition(topic, n) for n in range(PARTITIONS)] for topic in (NOTICES, DEAD))
        since = int((datetime.now(UTC) - HOUR).timestamp() * 1000)
        ends |= offsets.ends(self._consumer, notices) | offsets.since(self._consumer, dict.fromkeys(notices, since))
        ends |= offsets.beginnings(self._consumer, dead)
        self._consumer.assign([*ends])
        for place, offset in ends.items():
            self._consumer.seek(place, offset)
        for place, end in offsets.ends(self._consumer, [*notices, *dead]).items():
            self._upto(place, end)

    def _partition(self, place: TopicPartition) -> int:
        self._consumer.assign([place])
        end = int(self._consumer.end_offsets([place])[place])
        self._consumer.seek(place, self._consumer.beginning_offsets([place])[place])
        newest: dict[bytes, tuple[int, bytes | None]] = {}
        while self._consumer.position(place) < end:
            for records in self._consumer.poll(timeout_ms=1000).values():
                for record in records:
                    at = _at(record)
                    if record.value is None or at >= newest.get(record.key, (-1, None))[0]:
                        newest[record.key] = at, record.value
        for key, (_, value) in newest.items():
            if value is not None:
                self._row(key, value)
        return int(self._consumer.position(place))

    def _upto(self, place: TopicPartition, end: int) -> None:
        while self._consumer.position(place) < end:
            for records in self._consumer.poll(timeout_ms=1000).values():
                for record in records:
                    self._take(record)

    def _take(self, record: Any) -> None:
        if record.topic == CASES:
            if record.value is None:
                self.board.gone(record.key)
            elif self.board.newer(record.key, _at(record)):
                self._row(record.key, record.value)
        elif record.topic == NOTICES:
            try:
                said = decode(Notice, record.value, checked=True)
            except ValueError:
                self.board.unreadable += 1
                return
            once = dict(record.headers).get("ce_id") or b"%d/%d" % (record.partition, record.offset)
            self.board.notice(once, datetime.fromtimestamp(record.timestamp / 1000, UTC), said.kind)
        elif mark := dict(record.headers).get(RESOLVED):
            self.board.resolved(mark.decode())
        elif (one := letter(record)) is not None:
            self.board.died(one.id)

    def _row(self, key: bytes, value: bytes) -> None:
        """One row that cannot be read does not hide the others."""
        try:
            self.board.row(key, decode_row(value)[0])
        except ValueError:
            self.board.unreadable += 1

    def _behind(self) -> int | None:
        if self._lag is None:
            return None
        try:
            return self._lag.read().behind[GROUP]
        except KafkaError:
            return None


def _at(record: Any) -> int:
    return int(dict(record.headers).get("at", b"-1"))


def _failed(problem: KafkaError) -> UserError:
    return UserError(t(f"Kafka 出错：{type(problem).__name__}", f"Kafka failed: {type(problem).__name__}"), code=WRONG)
