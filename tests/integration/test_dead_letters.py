"""A record that cannot be handled: parked, replayed in order, given up; and when it is too many, the fault is ours."""

import json
import os

import pytest

from schemas.codec import decode, encode
from schemas.dead_letter import DeadLetter, DeadReason
from schemas.fact import Fact
from schemas.topics import CITY, DEAD, INBOX, JOURNAL
from tests.support import command
from tests.support.bridge import Bridge, dispatch, enveloped, report
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def bridge(bootstrap, tmp_path_factory):
    """The county with one worker, in which a bug can be planted."""
    county = Bridge(bootstrap, tmp_path_factory.mktemp("dead"))
    county.provision()
    with county.worker(buggy=True) as process:
        county.process = process
        yield county
    county.close()


def paidan(bridge, *words, code=0):
    """The command's JSON."""
    done = command.paidan(*words, "--json", PAIDAN_KAFKA=bridge.bootstrap, PAIDAN_LANG="en")
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout) if done.stdout else {}


def facts(bridge, number):
    found = {}
    for record in bridge.records(JOURNAL, f"testcity:{number}"):
        fact = decode(Fact, record.value)
        found.setdefault(fact.seq, fact)
    return [found[seq] for seq in sorted(found)]


def reasons(bridge, number):
    """Reasons of the dead letters of a dispatch, in the order of where they came from."""
    letters = [
        DeadLetter.read(record.headers)
        for record in bridge.records(DEAD, f"testcity:{number}")
        if "dead-reason" in dict(record.headers)
    ]
    return [letter.reason for letter in sorted(letters, key=lambda one: int(one.origin.rpartition("/")[2]))]


def test_later_records_are_parked_behind_a_failed_one_and_replayed_in_order(bridge):
    with bridge.bug("漏水BUG"):
        bridge.city(dispatch("K1"), dispatch("K2"))
        bridge.settled("dept.water.dispatches", 1, key="testcity:K1")
        bridge.city(dispatch("K1", minute=1, title="漏水BUG"))
        eventually(lambda: reasons(bridge, "K1") == [DeadReason.HANDLER_FAILED], 20)
        bridge.says("water", report("K1", "signed"), report("K1", "progress", minute=2, note="已到场"))
        # City and department reach the inbox by topics of their own, between which there is no order.
        eventually(lambda: sorted(reasons(bridge, "K1")) == [DeadReason.HANDLER_FAILED] + [DeadReason.PARKED] * 2, 20)
        bridge.city(dispatch("K1", minute=3, title="再改一次"))
        eventually(lambda: sorted(reasons(bridge, "K1")) == [DeadReason.HANDLER_FAILED] + [DeadReason.PARKED] * 3, 20)
        bridge.says("water", report("K2", "signed"))
        eventually(lambda: any(fact.department == "water" and fact.fact == "signed" for fact in facts(bridge, "K2")))
        assert facts(bridge, "K1")[-1].fact == "parked"
        listed = paidan(bridge, "dead", "list", code=1)
        assert listed["open"] == 4
        assert "K1" not in json.dumps(listed)
    assert "漏水BUG" not in bridge.log()
    assert "testcity:K1" not in bridge.log()
    one = next(letter for letter in listed["letters"] if letter["reason"] == "handler_failed")
    done = paidan(bridge, "dead", "replay", one["id"][:8], "--as", "王某", "--reason", "已修复")
    assert len(done["replayed"]) == 4
    assert done["settled"]
    said = ["unparked", "amended", "signed", "progressed", "amended"]
    eventually(lambda: [f.fact for f in facts(bridge, "K1") if f.fact in said][-5:] == said, 20)
    assert paidan(bridge, "dead", "list")["open"] == 0
    assert paidan(bridge, "dead", "replay", "--reason-code", "parked", code=1) == {}
    moved = len(facts(bridge, "K1"))
    replayed = [r for r in bridge.records(INBOX, "testcity:K1") if dict(r.headers)["ce_type"] == b"paidan.report.v1"]
    bridge.put(INBOX, replayed[-1].key, replayed[-1].value, replayed[-1].headers)
    bridge.city(dispatch("K3"))
    bridge.settled("dept.water.dispatches", 1, key="testcity:K3")
    assert len(facts(bridge, "K1")) == moved


def test_a_failed_record_that_is_given_up_lets_those_behind_it_go_on(bridge):
    with bridge.bug("漏水BUG"):
        bridge.city(dispatch("G1"))
        bridge.settled("dept.water.dispatches", 1, key="testcity:G1")
        bridge.city(dispatch("G1", minute=1, title="漏水BUG"))
        bridge.says("water", report("G1", "signed"))
        eventually(lambda: sorted(reasons(bridge, "G1")) == [DeadReason.HANDLER_FAILED, DeadReason.PARKED], 20)
        listed = paidan(bridge, "dead", "list", code=1)["letters"]
        failed = next(letter["id"] for letter in listed if letter["reason"] == "handler_failed")
        done = paidan(bridge, "dead", "discard", failed[:8], "--as", "王某", "--reason", "重复")
        assert (len(done["discarded"]), len(done["replayed"])) == (1, 1)
        eventually(lambda: [f.fact for f in facts(bridge, "G1")][-2:] == ["unparked", "signed"], 20)
        assert [fact.by for fact in facts(bridge, "G1") if fact.fact == "unparked"] == ["王某"]
        assert paidan(bridge, "dead", "list")["open"] == 0


def test_a_dispatch_whose_first_record_fails_is_opened_by_its_replay(bridge):
    with bridge.bug("漏水BUG"):
        bridge.city(dispatch("F1", title="漏水BUG"))
        eventually(lambda: reasons(bridge, "F1") == [DeadReason.HANDLER_FAILED], 20)
    paidan(bridge, "dead", "replay", "--reason-code", "handler_failed")
    bridge.settled("dept.water.dispatches", 1, key="testcity:F1")


def test_what_died_at_the_door_goes_back_to_the_topic_it_came_from(bridge):
    bridge.put("dept.water.reports", b"testcity:X1", b"{not json", [("ce_type", b"paidan.report.v1")])
    eventually(lambda: reasons(bridge, "X1") == [DeadReason.NOT_JSON], 20)
    (one,) = paidan(bridge, "dead", "list", code=1)["letters"]
    shown = paidan(bridge, "dead", "show", one["id"][:6])
    assert shown["value"] == "<9 bytes>"
    assert paidan(bridge, "dead", "show", one["id"][:6], "--reveal")["value"] == "{not json"
    paidan(bridge, "dead", "replay", one["id"][:8])
    eventually(lambda: len(reasons(bridge, "X1")) == 2, 20)
    (again,) = paidan(bridge, "dead", "list", code=1)["letters"]
    assert again["id"] != one["id"]
    paidan(bridge, "dead", "discard", again["id"], "--as", "王某", "--reason", "无效")
    assert paidan(bridge, "dead", "list")["open"] == 0


def test_a_record_as_large_as_kafka_takes_is_cut_and_stops_nothing(bridge):
    large = os.urandom(450_000).hex().encode()
    bridge.put("dept.water.reports", b"testcity:L1", large)
    eventually(lambda: reasons(bridge, "L1") == [DeadReason.TOO_LARGE], 20)
    (record,) = bridge.records(DEAD, "testcity:L1")
    assert record.value == large[: len(record.value)]
    assert DeadLetter.read(record.headers).detail.startswith("cut from 900")
    (one,) = paidan(bridge, "dead", "list", code=1)["letters"]
    assert paidan(bridge, "dead", "replay", one["id"], code=1)["refused"] == [one["id"]]
    paidan(bridge, "dead", "discard", one["id"], "--as", "王某", "--reason", "过大")


def test_a_department_that_writes_nothing_readable_stops_nobody(bridge):
    for n in range(30):
        bridge.put("dept.housing.reports", f"testcity:S{n}".encode(), b"{")
    bridge.city(dispatch("S1"))
    bridge.settled("dept.water.dispatches", 1, key="testcity:S1")
    eventually(lambda: "department_writes_only_dead_letters" in bridge.log(), 20)
    assert bridge.process.poll() is None


def test_too_many_dead_letters_in_a_row_stop_the_worker_and_the_fault_is_ours(bridge):
    """The last test of this worker."""
    before = len(bridge.records(DEAD))
    key = b"testcity:B1"
    bad = encode(dispatch("B1"))[:-1]
    for _ in range(21):
        bridge.put(CITY, key, bad, enveloped(dispatch("B1")))
    eventually(lambda: bridge.process.poll() is not None, 30)
    assert bridge.process.returncode == 70
    assert "the fault is ours" in bridge.log()
    assert len(bridge.records(DEAD)) <= before + 20
