"""`paidan books` on a real Kafka: what it prints, and how it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from kafka import KafkaProducer

from deploy import provision
from deploy.books import run_books
from deploy.broker import EmbeddedBroker
from schemas.kafka import KafkaSettings
from schemas.topics import CITY, topics
from tests.support.world import POLICY, World

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def kafka(broker: EmbeddedBroker) -> KafkaSettings:
    """The topics of a small county, empty."""
    settings = KafkaSettings(bootstrap=broker.bootstrap)
    declared = topics(department.code for department in POLICY.departments)
    provision.apply(settings, declared, provision.plan(declared, provision.look(settings, [t.name for t in declared])))
    return settings


@pytest.fixture(scope="module")
def world(kafka: KafkaSettings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty whole lives, in Kafka; the city's journal of them."""
    made = World()
    for nth in range(20):
        made.whole_life(f"K{nth}")
    write(kafka, made)
    file = tmp_path_factory.mktemp("city") / "city.jsonl"
    file.write_text("".join(json.dumps(event) + "\n" for event in made.events), encoding="utf-8")
    return file


def write(kafka: KafkaSettings, world: World) -> None:
    """Every record, in its order."""
    producer = KafkaProducer(**kafka.for_kafka_python(), acks="all")
    try:
        for records in world.records.values():
            for record in records:
                producer.send(
                    record.topic,
                    record.value,
                    key=record.key,
                    partition=record.partition,
                    headers=list(record.headers),
                )
        producer.flush()
    finally:
        producer.close()


def books(kafka: KafkaSettings, *words: str, lang: str = "en") -> subprocess.CompletedProcess[str]:
    """Runs the command."""
    environment = os.environ | {"PAIDAN_KAFKA": kafka.bootstrap, "PAIDAN_LANG": lang}
    return subprocess.run(
        [sys.executable, "-m", "deploy.cli", "books", *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_what_balances_ends_with_0_and_figures(kafka: KafkaSettings, world: Path) -> None:
    done = books(kafka, "--city-journal", str(world), "--json")
    figures = json.loads(done.stdout)
    assert done.returncode == 0
    assert figures["pulled"] == figures["routed"] == figures["reported"] == figures["fed_back"] == 20
    assert figures["lost"] == figures["misrouted"] == figures["repeated_effects"] == figures["out_of_order"] == 0
    assert figures["offences"] == []


def test_every_record_is_read_whatever_the_client_compressed(kafka: KafkaSettings, world: Path) -> None:
    first = run_books(kafka, world).records
    assert first > 500
    assert run_books(kafka, world).records == first


@pytest.mark.parametrize(("lang", "words"), [("zh", "账目相符"), ("en", "the books balance")])
def test_a_person_reads_a_table_in_their_language(kafka: KafkaSettings, world: Path, lang: str, words: str) -> None:
    done = books(kafka, "--city-journal", str(world), lang=lang)
    assert done.returncode == 0
    assert words in done.stdout


def test_a_journal_that_is_not_there_is_wrong_use(kafka: KafkaSettings) -> None:
    assert books(kafka, "--city-journal", "/nowhere/city.jsonl").returncode == 2


def test_what_does_not_balance_ends_with_1_and_the_list(kafka: KafkaSettings, world: Path) -> None:
    lonely = World()
    record = lonely.put(CITY, "city:LOST1", b"{", {"ce_id": "1" * 24, "ce_type": "paidan.dispatch.v1"})
    alone = World()
    alone.records[CITY] = [record]
    write(kafka, alone)
    done = books(kafka, "--city-journal", str(world), "--json")
    assert done.returncode == 1
    offence = json.loads(done.stdout)["offences"]
    assert [(one["column"], one["dispatch"]) for one in offence] == [("lost", "city:LOST1")]
    assert "city:LOST1" in books(kafka, "--city-journal", str(world)).stdout
