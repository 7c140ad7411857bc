"""A folder of files on a real Kafka: nothing lost when the process dies, and the city hears back in a file."""

import csv
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from connectors.runtime import offsets
from connectors.runtime.service import Entry, LoopBrokenError
from connectors.systems.files import FilesSettings, build_files
from deploy.county import load
from schemas.codec import decode, encode
from schemas.dead_letter import DeadLetter, DeadReason
from schemas.dispatch import Dispatch
from schemas.envelope import Envelope
from schemas.feedback import Feedback, FeedbackKind, Outcome, OutcomeKind
from schemas.ids import derived_id
from schemas.kafka import KafkaSettings
from schemas.topics import CITY, DEAD, FEEDBACK, INBOX, PARTITIONS, partition_of
from tests.support.connector_city import make_topics, running
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]

HEAD = "Reference,Opened,Subject,Type,Status,Confidential\n"


class DiedError(Exception):
    """Stands for SIGKILL at a named point: the loop ends, and nothing after the point happens."""


@pytest.fixture(scope="module")
def kafka(bootstrap: str) -> KafkaSettings:
    return make_topics(bootstrap)


def records(kafka: KafkaSettings, topic: str) -> list[Any]:
    """Everything on the topic."""
    consumer = KafkaConsumer(**kafka.for_kafka_python(), enable_auto_commit=False)
    places = [TopicPartition(topic, n) for n in range(PARTITIONS)]
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    ends = offsets.ends(consumer, places)
    found: list[Any] = []
    while any(consumer.position(place) < ends[place] for place in places):
        for batch in consumer.poll(timeout_ms=200).values():
            found += batch
    consumer.close()
    return found


def shown(kafka: KafkaSettings, source: str) -> list[Dispatch]:
    made = [decode(Dispatch, record.value) for record in records(kafka, CITY)]
    return [one for one in made if one.source == source]


class Harbour:
    """The connector of the second county pack, on a folder of the test's own."""

    def __init__(self, root: Path, source: str) -> None:
        self.root = root
        self.source = source
        pack = load("harbour").connectors["council"].settings
        assert isinstance(pack, FilesSettings)
        quick = pack.model_dump() | {
            "source": source,
            "folder": str(root),
            "settle": "0s",
            "batch": 10,
            "pull": {"every": "100ms"},
        }
        self.settings = FilesSettings.model_validate(quick)

    @property
    def entry(self) -> Entry:
        return Entry(self.source, self.settings, lambda fittings: build_files(self.settings, fittings))

    def deliver(self, name: str, text: str) -> None:
        (self.root / "in").mkdir(exist_ok=True)
        path = self.root / "in" / f"{name}.part"
        path.write_text(text, encoding="utf-8")
        os.utime(path, (1_700_000_000, 1_700_000_000))
        path.rename(self.root / "in" / name)

    def receipt(self, name: str) -> dict[str, Any] | None:
        path = self.root / "done" / f"{name}.receipt.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def rows(count: int, first: int = 0) -> str:
    return "".join(f"H-{n},02/03/2026 09:{n % 60:02},No water,No water,Open,No\n" for n in range(first, first + count))


def test_files_reach_kafka_and_refused_lines_the_dead_letters(kafka: KafkaSettings, tmp_path: Path) -> None:
    harbour = Harbour(tmp_path, "plain")
    harbour.deliver(
        "a.csv", HEAD + rows(25) + ",02/03/2026,x,Litter,Open,\nH-99,soon,x,Litter,Open,\nH-98,02/03/2026\n"
    )
    with running(kafka, harbour.entry):
        eventually(lambda: harbour.receipt("a.csv"), 20)
    made = shown(kafka, "plain")
    assert sorted(one.number for one in made) == sorted(f"H-{n}" for n in range(25))
    assert {(one.category, one.secret) for one in made} == {("water.outage", False)}
    assert made[0].issued_at.tzinfo is UTC
    dead = [record for record in records(kafka, DEAD) if DeadLetter.read(record.headers).origin == "connector/plain"]
    reasons = sorted(DeadLetter.read(record.headers).reason for record in dead)
    assert reasons == [DeadReason.NO_NUMBER, DeadReason.NO_TIME, DeadReason.UNREADABLE]
    receipt = harbour.receipt("a.csv")
    assert receipt is not None
    assert [one["line"] for one in receipt["refused"]] == [27, 28, 29]
    for record in dead:
        assert json.loads(record.value)["file"] == "a.csv"


@pytest.mark.parametrize("point", ["page_half", "page_acked", "checkpoint_written"])
def test_a_process_that_dies_on_the_way_loses_no_row_and_repeats_none_differently(
    kafka: KafkaSettings, tmp_path: Path, point: str
) -> None:
    harbour = Harbour(tmp_path, point.replace("_", "-"))
    for name, first in (("a.csv", 0), ("b.csv", 40)):
        harbour.deliver(name, HEAD + rows(40, first))
    for after in (1, 2, 3):
        death = Death(point, after)
        with pytest.raises(LoopBrokenError) as ended, running(kafka, harbour.entry, at=death):
            eventually(lambda: death.left == 0, 20, "the process should have died")  # noqa: B023
        assert isinstance(ended.value.__cause__, DiedError)
    with running(kafka, harbour.entry):
        eventually(lambda: harbour.receipt("a.csv") and harbour.receipt("b.csv"), 20)
    made = shown(kafka, harbour.source)
    assert {one.number for one in made} == {f"H-{n}" for n in range(80)}
    for number in {one.number for one in made}:
        assert len({encode(one) for one in made if one.number == number}) == 1
    assert list((tmp_path / "work").iterdir()) == []


class Death:
    """Ends the loop when it comes to `point` for the n-th time."""

    def __init__(self, point: str, after: int) -> None:
        self.point = point
        self.left = after

    def __call__(self, name: str) -> None:
        if name == self.point and self.left:
            self.left -= 1
            if not self.left:
                raise DiedError(name)


def test_a_file_delivered_again_writes_nothing_and_a_changed_row_is_written(
    kafka: KafkaSettings, tmp_path: Path
) -> None:
    harbour = Harbour(tmp_path, "again")
    with running(kafka, harbour.entry):
        harbour.deliver("a.csv", HEAD + rows(12))
        eventually(lambda: harbour.receipt("a.csv"), 20)
        harbour.deliver("a.csv", HEAD + rows(12))
        eventually(lambda: harbour.receipt("a~2.csv"), 20)
        harbour.deliver(
            "b.csv", HEAD + rows(12).replace("H-3,02/03/2026 09:03,No water,", "H-3,02/03/2026 09:03,No water at all,")
        )
        eventually(lambda: harbour.receipt("b.csv"), 20)
    made = shown(kafka, "again")
    assert len(made) == 13
    assert [one.title for one in made if one.number == "H-3"] == ["No water", "No water at all"]


def test_the_city_hears_back_in_a_file_once(kafka: KafkaSettings, tmp_path: Path) -> None:
    harbour = Harbour(tmp_path, "told")
    harbour.deliver("a.csv", HEAD + rows(1))
    told = [feedback("told", kind, seq) for seq, kind in enumerate((FeedbackKind.SIGN, FeedbackKind.RESULT), 1)]
    write(kafka, told)
    with running(kafka, harbour.entry):
        eventually(lambda: len(outcomes(kafka, "told")) == 2, 30)
    write(kafka, told)
    with running(kafka, harbour.entry):
        eventually(lambda: len(outcomes(kafka, "told")) == 4, 30)
    assert [one.outcome for one in outcomes(kafka, "told")][:2] == [OutcomeKind.DELIVERED, OutcomeKind.DELIVERED]
    assert {one.outcome for one in outcomes(kafka, "told")[2:]} == {OutcomeKind.EXISTS}
    with (tmp_path / "out" / "answers-20260302.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [(line["Reference"], line["What"], line["Reply"]) for line in lines] == [
        ("H-0", "sign", ""),
        ("H-0", "result", "Mended"),
    ]


def feedback(source: str, kind: FeedbackKind, seq: int) -> Feedback:
    return Feedback(
        dispatch=f"{source}:H-0",
        source=source,
        number="H-0",
        seq=seq,
        round=1,
        kind=kind,
        occurred_at=datetime(2026, 3, 2, 10, seq, tzinfo=UTC),
        department_name="Harbour Water",
        public_reply="Mended" if kind is FeedbackKind.RESULT else "",
    )


def write(kafka: KafkaSettings, told: list[Feedback]) -> None:
    producer = KafkaProducer(**kafka.for_kafka_python(), acks="all")
    for one in told:
        key = one.dispatch.encode()
        made = derived_id(one.dispatch, one.seq, one.kind)
        headers = Envelope(made, "/paidan/streams/cases", "paidan.feedback.v1", one.occurred_at).headers()
        producer.send(FEEDBACK, encode(one), key, headers=headers, partition=partition_of(key)).get(10)
    producer.close()


def outcomes(kafka: KafkaSettings, source: str) -> list[Outcome]:
    made = [decode(Outcome, record.value) for record in records(kafka, INBOX)]
    return [one for one in made if one.dispatch.startswith(f"{source}:")]
