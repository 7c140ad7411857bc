"""A simulated city, a real Kafka and one connector on them, in one process: what the connector tests stand on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from ruamel.yaml import YAML

from connectors.registry import SYSTEMS
from connectors.runtime import offsets
from connectors.runtime.service import Entry, Service
from deploy.provision import apply, look, plan
from deploy.sim.city.beta import Beta
from deploy.sim.city.city import City, Settings
from deploy.sim.city.faults import Faults
from deploy.sim.city.helin import Helin
from deploy.sim.city.order import Order
from deploy.sim.city.server import serve
from schemas.codec import decode, encode
from schemas.dispatch import Dispatch
from schemas.envelope import Envelope
from schemas.feedback import Feedback, FeedbackKind, Outcome
from schemas.ids import derived_id
from schemas.kafka import KafkaSettings
from schemas.topics import CHECKPOINTS, CITY, FEEDBACK, INBOX, PARTITIONS, partition_of, topics

ROOT = Path(__file__).parents[2]
YAMLS = {
    "helin": ROOT / "deploy/counties/helin/connectors/city.yaml",
    "beta": ROOT / "tests/data/cities/beta.yaml",
}


def make_topics(bootstrap: str) -> KafkaSettings:
    """All topics of a county with no departments."""
    kafka = KafkaSettings(bootstrap=bootstrap)
    declared = topics(())
    apply(kafka, declared, plan(declared, look(kafka, [topic.name for topic in declared])))
    return kafka


def entry(dialect: str, name: str, **changes: Any) -> Entry:
    """The connector of a city's YAML, with some settings changed: mappings are merged one level deep."""
    document = YAML(typ="safe").load(YAMLS[dialect])
    system = SYSTEMS[document.pop("system")]
    for key, value in changes.items():
        document[key] = {**document.get(key, {}), **value} if isinstance(value, dict) else value
    settings = system.settings.model_validate(document)
    return Entry(name, settings, lambda fittings: system.build(settings, fittings))


@dataclass
class SimCity:
    """One city: its own door, its faults, and its web address."""

    city: City
    faults: Faults
    url: str
    dialect: str
    extra: dict[str, Any] = field(default_factory=dict)


@contextmanager
def sim_city(
    folder: Path, monkeypatch: pytest.MonkeyPatch, dialect: str = "helin", **settings: Any
) -> Iterator[SimCity]:
    """Served from threads of this process; its address and secrets are in the environment."""
    city = City(folder, Settings(**{"hang_s": 3.0, **settings}))
    faults = Faults()
    made = Helin(city) if dialect == "helin" else Beta(city)
    with serve(city, made, faults) as url:
        which = "CITY" if dialect == "helin" else "BETA"
        monkeypatch.setenv(f"PAIDAN_{which}_URL", url)
        monkeypatch.setenv(f"PAIDAN_{which}_SECRET", "helin-demo-secret" if dialect == "helin" else "beta-demo-secret")
        yield SimCity(city, faults, url, dialect)
    city.close()


@contextmanager
def running(kafka: KafkaSettings, *entries: Entry, at: Callable[[str], None] = lambda name: None) -> Iterator[Service]:
    """The connectors at work in threads; stopped at the end, and what broke them is raised."""
    service = Service(entries, kafka, at=at)
    broken: list[BaseException] = []

    def run() -> None:
        try:
            service.run()
        except BaseException as problem:  # noqa: BLE001 - raised again where the block ends
            broken.append(problem)

    thread = threading.Thread(target=run, daemon=True)
    with ExitStack() as stack:
        stack.callback(thread.join, 30)
        stack.callback(service.stop)
        thread.start()
        yield service
    if broken:
        raise broken[0]


FAST: dict[str, Any] = {
    "pull": {"every": "200ms", "overlap": "30s", "lag": "500ms", "first": "1h", "longest": "6h"},
    "retry": {"first": "50ms", "factor": 2, "longest": "500ms", "longest_asked": "2s"},
    "breaker": {"failures": 20, "pause": "200ms", "longest": "1s"},
    "push": {"parallel": 4, "settle": "100ms", "give_up": "24h"},
    "read_timeout": "1s",
    "budget": {"per_second": 500, "burst": 500},
}


class Reader:
    """All records of a topic, from where it was when the reader was made."""

    def __init__(self, kafka: KafkaSettings, topic: str) -> None:
        self._consumer = KafkaConsumer(**kafka.for_kafka_python(), enable_auto_commit=False)
        self._partitions = [TopicPartition(topic, n) for n in range(1 if topic == CHECKPOINTS else PARTITIONS)]
        self._consumer.assign(self._partitions)
        for place, end in offsets.ends(self._consumer, self._partitions).items():
            self._consumer.seek(place, end)
        self.records: list[Any] = []
        self.shown: dict[str, Dispatch] = {}
        self.outcomes: dict[str, Outcome] = {}

    def more(self) -> list[Any]:
        ends = offsets.ends(self._consumer, self._partitions)
        while any(self._consumer.position(place) < ends[place] for place in self._partitions):
            for batch in self._consumer.poll(timeout_ms=100).values():
                for record in batch:
                    self._keep(record)
        return self.records

    def _keep(self, record: Any) -> None:
        self.records.append(record)
        if record.topic == CITY:
            one = decode(Dispatch, record.value)
            self.shown[one.id] = one
        elif record.topic == INBOX:
            said = decode(Outcome, record.value)
            self.outcomes[said.feedback_id] = said

    def close(self) -> None:
        self._consumer.close()


def last_shown(reader: Reader, source: str) -> dict[str, Dispatch]:
    reader.more()
    return {one.number: one for one in reader.shown.values() if one.source == source}


def same(order: Order, dispatch: Dispatch | None) -> bool:
    return dispatch is not None and (
        dispatch.status == order.status.value
        and dispatch.round == order.round
        and dispatch.title == order.title
        and dispatch.body == order.content
        and dispatch.updated_at.timestamp() == order.updated_at
    )


def all_arrived(sim: SimCity, reader: Reader, source: str) -> bool:
    """Whether the last record of every readable order is what the city shows now."""
    there = last_shown(reader, source)
    with sim.city.lock:
        orders = [order for number, order in sim.city.book.orders.items() if number not in sim.city.book.unreadable]
    return all(same(order, there.get(order.number)) for order in orders)


def tell(kafka: KafkaSettings, *feedback: Feedback) -> list[str]:
    """Puts feedback on its topic; returns the ids."""
    producer = KafkaProducer(**kafka.for_kafka_python(), acks="all")
    ids = []
    for one in feedback:
        made = derived_id(one.dispatch, one.round, one.seq, one.kind)
        ids.append(made)
        key = one.dispatch.encode()
        headers = Envelope(made, "/paidan/streams/cases", "paidan.feedback.v1", one.occurred_at).headers()
        producer.send(FEEDBACK, encode(one), key, headers=headers, partition=partition_of(key)).get(10)
    producer.close()
    return ids


def feedback(source: str, number: str, kind: str, seq: int, **more: Any) -> Feedback:
    return Feedback(
        dispatch=f"{source}:{number}",
        source=source,
        number=number,
        seq=seq,
        round=1,
        kind=FeedbackKind(kind),
        occurred_at=datetime(2026, 11, 25, 2, 0, tzinfo=UTC),
        department_name="某局",
        **more,
    )


def whole_story(source: str, number: str) -> list[Feedback]:
    return [
        feedback(source, number, "sign", 1),
        feedback(source, number, "contact", 2, contacted=True),
        feedback(source, number, "result", 3, public_reply="已处理", solved=True, founded=True),
    ]


def outcomes(reader: Reader) -> dict[str, Outcome]:
    reader.more()
    return reader.outcomes
