"""One worker process on a real broker: from the city's record to the department, and from its report to the city."""

import time
import urllib.request
from pathlib import Path

import pytest

from schemas import envelope
from schemas.assignment import Assignment
from schemas.codec import decode, encode
from schemas.dead_letter import DeadLetter, DeadReason
from schemas.fact import Fact
from schemas.feedback import Feedback
from schemas.order import Order, OrderAction
from schemas.topics import CASES, CITY, DEAD, FEEDBACK, INBOX, JOURNAL, NOTICES, partition_of
from tests.support.bridge import NOON, Bridge, dispatch, enveloped, report
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def bridge(bootstrap, tmp_path_factory):
    """The county, with one worker that runs for the whole module."""
    county = Bridge(bootstrap, tmp_path_factory.mktemp("bridge"))
    county.provision()
    with county.worker():
        yield county
    county.close()


def kinds(bridge, number):
    return [decode(Fact, record.value).fact for record in bridge.records(JOURNAL, f"testcity:{number}")]


def heard(bridge, number):
    """What departments said and was applied: (department, fact)."""
    facts = [decode(Fact, record.value) for record in bridge.records(JOURNAL, f"testcity:{number}")]
    return [
        (fact.department, str(fact.fact)) for fact in facts if fact.actor == "department" and fact.fact != "ignored"
    ]


def said_to_city(bridge, number):
    return [decode(Feedback, record.value).kind for record in bridge.records(FEEDBACK, f"testcity:{number}")]


def test_a_new_dispatch_reaches_its_department_the_city_and_the_journal(bridge):
    bridge.city(dispatch("N1"))
    (record,) = bridge.settled("dept.water.dispatches", 1, key="testcity:N1")
    given = decode(Assignment, record.value)
    assert (given.department, given.role, given.action, given.title) == ("water", "lead", "assigned", "自来水管破裂")
    about = envelope.read(record.headers)
    assert (about.type, about.source) == ("paidan.assignment.v1", "/paidan/streams/cases")
    sent = dict(enveloped(dispatch("N1"), "/paidan/connectors/test"))
    assert about.traceparent.split("-")[1] == sent["traceparent"].decode().split("-")[1]
    eventually(lambda: "sign" in said_to_city(bridge, "N1"), 20)
    eventually(lambda: {"received", "routed", "assigned"} <= set(kinds(bridge, "N1")), 20)
    (row,) = bridge.settled(CASES, 1, key="testcity:N1")
    assert row.partition == partition_of(b"testcity:N1")


def test_unknown_fields_of_the_city_are_kept_in_the_inbox(bridge):
    one = dispatch("N2", weather="rain")
    bridge.city(one)
    (record,) = bridge.settled(INBOX, 1, key="testcity:N2")
    assert record.value == encode(one)
    assert b'"weather":"rain"' in record.value


def test_what_a_department_reports_is_told_to_the_city(bridge):
    bridge.city(dispatch("R1"))
    bridge.settled("dept.water.dispatches", 1, key="testcity:R1")
    bridge.says(
        "water",
        report("R1", "signed"),
        report("R1", "contacted", minute=2, contacted=True, contacted_at=NOON),
        report("R1", "result", minute=3, public_reply="已修好", founded=True, solved=True),
    )
    eventually(lambda: "result" in said_to_city(bridge, "R1"), 20)
    assert heard(bridge, "R1") == [("water", "signed"), ("water", "contacted"), ("water", "answered")]


def test_a_plain_json_report_of_a_simple_client_counts(bridge):
    bridge.city(dispatch("R2"))
    bridge.settled("dept.water.dispatches", 1, key="testcity:R2")
    bridge.says("water", report("R2", "signed"), plain=True)
    eventually(lambda: heard(bridge, "R2") == [("water", "signed")], 20)


def test_a_department_that_does_not_hold_the_dispatch_changes_nothing(bridge):
    bridge.city(dispatch("W1"))
    bridge.settled("dept.water.dispatches", 1, key="testcity:W1")
    bridge.says("housing", report("W1", "signed"), report("W1", "result", public_reply="不归我们管"))
    bridge.says("water", report("W1", "signed"))
    eventually(lambda: "ignored" in kinds(bridge, "W1"), 20)
    eventually(lambda: heard(bridge, "W1") == [("water", "signed")], 20)
    assert "result" not in said_to_city(bridge, "W1")


def test_a_repeated_record_has_no_second_effect(bridge):
    for _ in range(3):
        bridge.city(dispatch("D1"))
    bridge.city(dispatch("D2"))
    bridge.settled("dept.water.dispatches", 1, key="testcity:D2")
    eventually(lambda: len(bridge.records(INBOX, "testcity:D1")) == 3, 20)
    bridge.says("water", report("D1", "signed"))
    eventually(lambda: heard(bridge, "D1") == [("water", "signed")], 20)
    assert len(bridge.records("dept.water.dispatches", "testcity:D1")) == 1


def test_an_operator_orders_through_the_inbox(bridge):
    bridge.city(dispatch("O1"))
    bridge.settled("dept.water.dispatches", 1, key="testcity:O1")
    bridge.orders(
        Order(dispatch="testcity:O1", action=OrderAction.ROUTE, by="王某", reason="房屋漏水", at=NOON, to=("housing",))
    )
    bridge.settled("dept.housing.dispatches", 1, key="testcity:O1")
    took_back = decode(Assignment, bridge.settled("dept.water.dispatches", 2, key="testcity:O1")[-1].value)
    assert took_back.action == "withdrawn"


GOOD = encode(dispatch("P0"))
POISON = {
    DeadReason.TOO_LARGE: GOOD[:-1] + b',"extra":"' + b"a" * 300_000 + b'"}',
    DeadReason.TOO_DEEP: b'{"a":' * 100 + b"1" + b"}" * 100,
    DeadReason.NOT_UTF8: GOOD[:-3] + b"\xff" + GOOD[-3:],
    DeadReason.NOT_JSON: GOOD[:-1],
    DeadReason.DUPLICATE_KEY: GOOD[:-1] + b',"title":"again"}',
    DeadReason.NOT_A_NUMBER: GOOD[:-1] + b',"extra":NaN}',
    DeadReason.CONTROL_CHARACTER: GOOD[:-1] + b',"extra":"a\\u0000b"}',
    DeadReason.BIDI_CONTROL: GOOD[:-1] + b',"extra":"\\u202e"}',
    DeadReason.LONE_SURROGATE: GOOD[:-1] + b',"extra":"\\ud800"}',
    DeadReason.HUGE_NUMBER: GOOD[:-1] + b',"extra":' + b"9" * 5000 + b"}",
    DeadReason.INVALID: b"{}",
}


@pytest.mark.parametrize("door", [CITY, "dept.water.reports", INBOX])
def test_poison_at_a_door_is_a_dead_letter_and_the_next_record_is_not_disturbed(bridge, door):
    key = b"testcity:P0" if door == CITY else f"testcity:P-{door}".encode()
    headers = enveloped(report("P0", "signed") if door.startswith("dept") else dispatch("P0"))
    after = f"A{abs(hash(door)) % 1000}"
    same_partition = next(
        f"{after}-{n}" for n in range(1000) if partition_of(f"testcity:{after}-{n}".encode()) == partition_of(key)
    )
    before = len(bridge.records(DEAD))
    for value in POISON.values():
        bridge.put(door, key, value, headers)
    started = time.monotonic()
    bridge.city(dispatch(same_partition))
    bridge.settled("dept.water.dispatches", 1, key=f"testcity:{same_partition}", within_s=10)
    assert time.monotonic() - started < 10, "stock Faust stands still for 5 s after each"
    dead = [
        record
        for record in bridge.settled(DEAD, before + len(POISON))
        if DeadLetter.read(record.headers).origin.startswith(f"{door}/")
    ]
    assert {DeadLetter.read(record.headers).reason for record in dead} == set(POISON)
    by_reason = {DeadLetter.read(record.headers).reason: record for record in dead}
    for reason, value in POISON.items():
        assert by_reason[reason].value == value
        assert by_reason[reason].key == key
        assert set(headers) <= set(by_reason[reason].headers)


def test_a_type_that_may_not_stand_in_the_inbox_is_dead(bridge):
    fact = bridge.records(JOURNAL)[0]
    before = len(bridge.records(DEAD))
    bridge.put(INBOX, fact.key, fact.value, fact.headers)
    record = next(
        r for r in bridge.settled(DEAD, before + 1) if DeadLetter.read(r.headers).reason is DeadReason.UNKNOWN_TYPE
    )
    assert record.value == fact.value


def scrape(bridge: Bridge, path: str = "/metrics") -> str:
    port = (bridge.folder / "w1.port").read_text()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.read().decode()


def test_the_worker_says_that_it_is_ready_and_what_it_did(bridge):
    bridge.city(dispatch("M1"))
    bridge.settled("dept.water.dispatches", 1, key="testcity:M1")
    eventually(lambda: scrape(bridge, "/readyz") == "ok\n", 20)
    text = scrape(bridge)
    assert 'bridge_messages_total{verdict="moved"}' in text
    assert 'bridge_dead_letters_total{reason="parked",topic="bridge.inbox"} 0.0' in text
    assert 'bridge_consumer_lag_records{partition="0",topic="dept.water.reports"}' in text
    assert "_created" not in text


def test_no_personal_data_in_headers_metrics_logs_or_topic_names(bridge):
    """Canaries go in wherever a citizen's data may stand; they may come out in keys and values only."""
    canaries = {"CANARYNO1", "甲乙丙丁", "13900007777", "13900008888", "金丝雀路7号"}
    one = dispatch(
        "CANARYNO1",
        title="甲乙丙丁反映漏水",
        body="请联系13900007777",
        caller={"name": "甲乙丙丁", "phone": "13900007777", "contact_phone": "13900008888"},
        place={"address": "金丝雀路7号"},
    )
    bridge.city(one, dispatch("CANARYNO1", minute=1, body="甲乙丙丁 13900008888"))
    bridge.settled("dept.water.dispatches", 2, key=one.id)
    bridge.says("water", report("CANARYNO1", "signed", handler="甲乙丙丁", note="13900007777"))
    bridge.says("housing", report("CANARYNO1", "signed", handler="甲乙丙丁"))
    bridge.put(CITY, one.id.encode(), encode(one)[:-1], enveloped(one))
    bridge.put(CITY, one.id.encode(), encode(one)[:-1] + b',"due_at":"call 13900007777"}', enveloped(one))
    bridge.put(INBOX, one.id.encode(), b'{"dispatch":"CANARYNO1"}', enveloped(report("CANARYNO1", "signed")))
    eventually(lambda: heard(bridge, "CANARYNO1") == [("water", "signed")], 20)
    eventually(lambda: len(bridge.records(DEAD, one.id)) >= 3, 20)
    topics = [CITY, INBOX, JOURNAL, FEEDBACK, NOTICES, DEAD, CASES, "dept.water.dispatches", "dept.housing.dispatches"]
    records = [record for topic in topics for record in bridge.records(topic)]
    assert any(one.id.encode() == record.key for record in records)
    headers = " ".join(f"{name} {value.decode(errors='replace')}" for r in records for name, value in r.headers)
    places = {"headers": headers, "metrics": scrape(bridge), "log": bridge.log(), "topics": " ".join(topics)}
    found = {(name, canary) for name, text in places.items() for canary in canaries if canary in text}
    assert found == set()


def test_topics_that_are_missing_are_named_before_anything_is_read(bootstrap, tmp_path: Path):
    county = Bridge(bootstrap, tmp_path)
    from deploy import provision
    from schemas.topics import topics

    assert provision.missing_topics(county.kafka, ["nowhere"]) == tuple(
        topic.name for topic in topics(["nowhere"]) if "nowhere" in topic.name
    )
    county.close()
