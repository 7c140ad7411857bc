"""Deadlines on a real Kafka: each mark is recorded once, whatever becomes of the worker, and told as it should be."""

import signal
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from schemas.codec import decode
from schemas.dead_letter import DeadLetter, DeadReason
from schemas.fact import Fact
from schemas.notice import Notice, NoticeKind
from schemas.topics import DEAD, JOURNAL, NOTICES
from tests.support.bridge import Bridge, dispatch
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(150)]

MARKS = ["p50", "p75", "p90", "breach"]


@pytest.fixture
def bridge(bootstrap, tmp_path) -> Iterator[Bridge]:
    county = Bridge(bootstrap, tmp_path, watched=True)
    county.provision()
    yield county
    county.close()


def issued(number: str, seconds_ago: float):
    """A dispatch that the city issued so long ago, of the one minute that it has."""
    at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return dispatch(number, issued_at=at, updated_at=at)


def marked(bridge: Bridge, number: str) -> list[Fact]:
    facts = [decode(Fact, record.value) for record in bridge.records(JOURNAL, f"testcity:{number}")]
    once = {fact.seq: fact for fact in facts}
    return [fact for fact in once.values() if fact.fact == "marked"]


def told(bridge: Bridge, number: str) -> list[str | None]:
    notices = {r.headers[1][1]: decode(Notice, r.value) for r in bridge.records(NOTICES, f"testcity:{number}")}
    return [n.mark for n in notices.values() if n.kind is NoticeKind.MARK and n.audience == "department"]


def ready(bridge: Bridge) -> bool:
    try:
        port = (bridge.folder / "w1.port").read_text()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
            return bool(answer.read() == b"ok\n")
    except OSError:
        return False


def metric(bridge: Bridge, name: str) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{(bridge.folder / 'w1.port').read_text()}/metrics") as answer:
        text = answer.read().decode()
    return sum(s.value for family in text_string_to_metric_families(text) for s in family.samples if s.name == name)


def test_every_mark_is_recorded_once_and_none_before_its_instant(bridge):
    one = issued("T1", 50)
    with bridge.worker():
        bridge.city(one)
        eventually(lambda: [fact.details["mark"] for fact in marked(bridge, "T1")] == MARKS, 40)
        for fact in marked(bridge, "T1"):
            instant = datetime.fromisoformat(str(fact.details["instant"]))
            assert instant <= fact.occurred_at
        due = one.issued_at + timedelta(minutes=1)
        assert datetime.fromisoformat(str(marked(bridge, "T1")[-1].details["instant"])) == due
        said = told(bridge, "T1")
        assert said[-1] == "breach"
        assert sorted(said, key=MARKS.index) == said
        assert len(set(said)) == len(said)
        assert metric(bridge, "hotline_sla_breaches_total") >= 1
        assert metric(bridge, "bridge_timer_tick_timestamp_seconds") > time.time() - 60
        assert metric(bridge, "bridge_clock_step_seconds") == 0


def test_what_passed_while_no_worker_ran_is_recorded_late_and_only_the_highest_is_told(bridge):
    with bridge.worker():
        eventually(lambda: ready(bridge), 40)
        one = issued("T2", 46)
        bridge.city(one)
        eventually(lambda: [fact.details["mark"] for fact in marked(bridge, "T2")] == MARKS[:2], 30)
    due = one.issued_at + timedelta(minutes=1)
    eventually(lambda: datetime.now(UTC) > due + timedelta(seconds=1), 30, "the deadline, with nobody there")
    with bridge.worker():
        eventually(lambda: [fact.details["mark"] for fact in marked(bridge, "T2")] == MARKS, 40)
        late = {str(fact.details["mark"]): fact.details for fact in marked(bridge, "T2")}
        assert not late["p90"]["sent"]
        assert late["breach"]["sent"]
        assert int(late["p90"]["late_s"] or 0) >= 6
        assert told(bridge, "T2")[-1] == "breach"


@pytest.mark.parametrize("point", ["outputs_acked", "rows_acked"])
def test_a_worker_killed_while_it_acts_on_a_mark_leaves_it_once(bridge, point):
    number = f"T3{point[0]}"
    with bridge.worker() as first:
        eventually(lambda: ready(bridge), 40)
        bridge.city(issued(number, 46))
        eventually(lambda: len(marked(bridge, number)) >= 2, 30)
        first.send_signal(signal.SIGTERM)
        first.wait(30)
    # the next one dies in the middle of the first run that has outputs: the marks
    with bridge.worker(crash_at=f"{point}:1") as second:
        eventually(lambda: second.poll() is not None, 40, "it dies at the point")
    with bridge.worker():
        eventually(lambda: [fact.details["mark"] for fact in marked(bridge, number)] == MARKS, 40)
        assert told(bridge, number).count("breach") == 1


def test_a_case_whose_mark_cannot_be_decided_is_silent_and_stops_no_other(bridge):
    with bridge.worker(buggy=True), bridge.bug('"dispatch":"testcity:T4","gen"'):
        bridge.city(issued("T4", 56), issued("T5", 56))
        eventually(lambda: [fact.details["mark"] for fact in marked(bridge, "T5")][-1:] == ["breach"], 40)
        letters = [DeadLetter.read(r.headers).reason for r in bridge.records(DEAD, "testcity:T4")]
        assert letters == [DeadReason.HANDLER_FAILED]
