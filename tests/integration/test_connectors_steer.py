"""What an operator does: check, status, pause and resume, backfill; and what a changed table sets off."""

import io
import json
import os
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.broker import EmbeddedBroker
from deploy.cli import main
from deploy.sim.city.faults import Fault
from schemas.kafka import KafkaSettings
from schemas.topics import CITY, DEAD, INBOX
from tests.support.connector_city import (
    FAST,
    YAMLS,
    Reader,
    SimCity,
    all_arrived,
    entry,
    feedback,
    last_shown,
    make_topics,
    outcomes,
    running,
    sim_city,
    tell,
)
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def kafka(bootstrap: str) -> KafkaSettings:
    return make_topics(bootstrap)


@pytest.fixture
def topics(kafka: KafkaSettings) -> Iterator[dict[str, Reader]]:
    readers = {topic: Reader(kafka, topic) for topic in (CITY, INBOX, DEAD)}
    yield readers
    for reader in readers.values():
        reader.close()


@pytest.fixture
def sim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimCity]:
    with sim_city(tmp_path, monkeypatch) as city:
        yield city


def paidan(bootstrap: str, *words: str) -> tuple[int, Any]:
    """The exit code, and the JSON that the command printed; where it printed none, what it said on stderr."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setenv("PAIDAN_KAFKA", bootstrap)
        with pytest.raises(SystemExit) as ended:
            main(["connectors", *words])
    # a connector at work in this process may log in between
    objects = [line for line in out.getvalue().splitlines() if line.startswith("{")]
    return int(ended.value.code or 0), json.loads(objects[-1]) if objects else err.getvalue()


def streams(bootstrap: str, name: str) -> dict[str, dict[str, Any]]:
    return {one["stream"]: one for one in paidan(bootstrap, "status", name, "--json")[1]["streams"]}


def test_check_tries_everything_and_finds_nothing_wrong(sim: SimCity, kafka: KafkaSettings, bootstrap: str) -> None:
    sim.city.issue(3)
    code, said = paidan(bootstrap, "check", "--file", str(YAMLS["helin"]), "--json")
    assert (code, said["ok"], said["topics"]["ok"]) == (0, True, True)
    assert [one["check"] for one in said["connectors"]["city"]] == [
        "settings", "name", "connection", "login", "page", "order", "clock", "mapping",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "where"),
    [("secret", "settings"), ("key", "login"), ("url", "connection"), ("skew", "clock"), ("rows", "mapping")],
)
def test_check_says_what_is_wrong_and_where(
    wrong: str, where: str, sim: SimCity, kafka: KafkaSettings, bootstrap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    match wrong:
        case "secret":
            monkeypatch.delenv("PAIDAN_CITY_SECRET")
        case "key":
            monkeypatch.setenv("PAIDAN_CITY_SECRET", "not the secret")
        case "url":
            monkeypatch.setenv("PAIDAN_CITY_URL", "http://127.0.0.1:1")
        case "skew":
            sim.city.skew_s = 600.0
        case _:
            sim.city.issue(1, unreadable="no_number", late_s=2)
    code, said = paidan(bootstrap, "check", "--file", str(YAMLS["helin"]), "--json")
    assert (code, said["ok"]) == (1, False)
    assert [one["check"] for one in said["connectors"]["city"] if not one["ok"]] == [where]


def test_a_paused_connector_neither_pulls_nor_pushes_until_it_is_resumed(
    sim: SimCity, kafka: KafkaSettings, topics: dict[str, Reader], bootstrap: str
) -> None:
    numbers = sim.city.issue(3)
    with running(kafka, entry("helin", "pausing", source="pausing", **FAST)) as service:
        eventually(lambda: all_arrived(sim, topics[CITY], "pausing"), 20)
        assert paidan(bootstrap, "pause", "pausing", "--reason", "maintenance")[0] == 0
        labels = {"connector": "pausing", "loop": "push", "state": "paused"}
        eventually(lambda: service.registry.get_sample_value("connector_state", labels) == 1.0, 10, "paused")
        served = sim.city.book.counts["served"]
        sim.city.issue(2)
        ids = tell(kafka, feedback("pausing", numbers[0], "sign", 1))
        assert streams(bootstrap, "pausing")["live"]["state"] == "paused"
        assert sim.city.book.counts["served"] == served
        assert sim.city.book.heard == {}
        assert paidan(bootstrap, "resume", "pausing")[0] == 0
        eventually(lambda: all_arrived(sim, topics[CITY], "pausing"), 20, "resumed")
        eventually(lambda: set(ids) <= outcomes(topics[INBOX]).keys(), 20)


def test_a_backfill_reads_what_was_before_and_leaves_the_live_checkpoint_alone(
    sim: SimCity, kafka: KafkaSettings, topics: dict[str, Reader], bootstrap: str
) -> None:
    """Asked for while a life of the connector is on; it is interrupted, and the next life goes on with it."""
    old = sim.city.issue(40, late_s=30 * 3600) + sim.city.issue(40, late_s=20 * 3600)
    new = sim.city.issue(3)
    now = datetime.now(UTC)
    asked = (
        "backfill", "filling", "--from", (now - timedelta(hours=40)).isoformat(), "--to",
        (now - timedelta(hours=10)).isoformat(), "--chunk", "1h",
    )  # fmt: skip
    settings = {**FAST, "budget": {"per_second": 20, "burst": 1}}
    with running(kafka, entry("helin", "filling", source="filling", **settings)):
        eventually(lambda: set(new) <= last_shown(topics[CITY], "filling").keys(), 20)
        assert not set(old) & last_shown(topics[CITY], "filling").keys()
        assert paidan(bootstrap, *asked, "--no-wait")[0] == 0
        eventually(lambda: set(old[:40]) <= last_shown(topics[CITY], "filling").keys(), 30, "the first half")
    known = streams(bootstrap, "filling")
    (backfill,) = (one for stream, one in known.items() if stream.startswith("backfill/"))
    assert backfill["state"] == "running"
    assert datetime.fromisoformat(known["live"]["cursor"]) > now - timedelta(minutes=1)
    with running(kafka, entry("helin", "filling", source="filling", **FAST)):
        code, said = paidan(bootstrap, *asked, "--json")
        assert (code, said["state"]) == (0, "done")
    assert set(old) <= last_shown(topics[CITY], "filling").keys()


@pytest.mark.parametrize(
    "words",
    [
        ("--from", "2026-03-02", "--to", "2026-03-01"),
        ("--from", "2026-03-01", "--to", "2090-01-01"),
        ("--from", "yesterday", "--to", "2026-03-01"),
    ],
)
def test_a_period_that_cannot_be_is_refused(words: tuple[str, ...], kafka: KafkaSettings, bootstrap: str) -> None:
    assert paidan(bootstrap, "backfill", "any", *words)[0] == 2


def test_a_table_that_learns_a_code_has_the_dispatches_read_again(
    sim: SimCity, kafka: KafkaSettings, topics: dict[str, Reader]
) -> None:
    numbers = sim.city.issue_unknown(3) + sim.city.issue(2)
    before = entry("helin", "learning", source="learning", **FAST)
    with running(kafka, before):
        eventually(lambda: all_arrived(sim, topics[CITY], "learning"), 20)
    assert last_shown(topics[CITY], "learning")[numbers[0]].unknown == ("category",)
    count = len(topics[CITY].more())
    category = {"990001": {"to": "utilities.water.leak"}}
    codes = before.settings.model_dump(mode="json")["codes"]
    learned = entry("helin", "learning", source="learning", **FAST, codes={**codes, "category": category})
    with running(kafka, learned):
        eventually(
            lambda: last_shown(topics[CITY], "learning")[numbers[0]].category == "utilities.water.leak", 20, "learned"
        )
    assert len(topics[CITY].more()) >= count + 3


def test_status_tells_a_city_that_fails_from_one_that_is_silent(
    sim: SimCity, kafka: KafkaSettings, topics: dict[str, Reader], bootstrap: str
) -> None:
    sim.city.issue(1)
    with running(kafka, entry("helin", "failing", source="failing", **FAST)):
        eventually(lambda: all_arrived(sim, topics[CITY], "failing"), 20)
        assert streams(bootstrap, "failing")["live"]["state"] == "running"
        sim.faults.on(Fault.HTTP_500)
        eventually(lambda: streams(bootstrap, "failing")["live"]["state"] == "degraded", 20, "degraded")
        assert "server_error" in streams(bootstrap, "failing")["live"]["why"]
        sim.faults.off()
        eventually(lambda: streams(bootstrap, "failing")["live"]["state"] == "running", 20, "running again")


def test_a_connector_without_its_topics_says_which_and_how_to_make_them(tmp_path: Path, sim: SimCity) -> None:
    broker = EmbeddedBroker(tmp_path / "home", owner_pid=os.getpid())
    broker.start()
    try:
        code, said = paidan(broker.bootstrap, "run", "--file", str(YAMLS["helin"]))
    finally:
        broker.stop()
    assert code == 2
    assert "city.dispatches" in said
    assert "paidan topics apply" in said
