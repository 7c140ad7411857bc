"""`paidan case`: where a dispatch is, and what a person orders about it, through the command line."""

import json

import pytest

from schemas.codec import decode
from schemas.fact import Fact
from schemas.topics import JOURNAL
from tests.support import command
from tests.support.bridge import Bridge, dispatch, report
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def bridge(bootstrap, tmp_path_factory):
    """The county with one worker, and one dispatch that its department signed."""
    county = Bridge(bootstrap, tmp_path_factory.mktemp("case"))
    county.provision()
    with county.worker():
        county.city(dispatch("Q1", caller={"name": "甲乙丙", "phone": "13900001111"}))
        county.settled("dept.water.dispatches", 1, key="testcity:Q1")
        county.says("water", report("Q1", "signed"))
        eventually(lambda: happened(county, "Q1", "signed", "water"), 20)
        yield county
    county.close()


def happened(bridge, number, kind, who):
    facts = [decode(Fact, record.value) for record in bridge.records(JOURNAL, f"testcity:{number}")]
    return any(fact.fact == kind and who in (fact.department, fact.by) for fact in facts)


def run(bridge, *words):
    return command.paidan("case", *words, PAIDAN_KAFKA=bridge.bootstrap, PAIDAN_LANG="zh", COLUMNS="200")


def test_a_case_shows_its_state_and_its_timeline_in_order(bridge):
    done = run(bridge, "testcity:Q1", "--json")
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["title"] == "自来水管破裂"
    assert [fact["seq"] for fact in shown["facts"]] == list(range(1, len(shown["facts"]) + 1))
    assert shown["facts"][0]["fact"] == "received"
    assert shown["case"]["state"] == "handling"


def test_people_read_it_in_chinese_and_no_caller_is_in_it(bridge):
    done = run(bridge, "testcity:Q1")
    for word in ("自来水管破裂", "办理中", "接入", "交办", "签收", "water"):
        assert word in done.stdout
    assert "13900001111" not in done.stdout
    assert "甲乙丙" not in done.stdout
    assert "received" in run(bridge, "testcity:Q1", "--lang", "en").stdout


def test_an_order_is_obeyed(bridge):
    done = run(bridge, "testcity:Q1", "route", "--as", "王某", "--reason", "房屋", "--to", "housing,water", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["action"] == "route"
    bridge.settled("dept.housing.dispatches", 1, key="testcity:Q1")
    assert run(bridge, "testcity:Q1", "note", "--as", "王某", "--reason", "已电话告知").returncode == 0
    eventually(lambda: happened(bridge, "Q1", "noted", "王某"), 20)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("testcity:NOBODY",), 1),
        (("no-colon",), 2),
        (("testcity:Q1", "dance"), 2),
        (("testcity:Q1", "route", "--as", "王某", "--reason", "x"), 2),
        (("testcity:Q1", "close", "--as", "王某"), 2),
        (("testcity:Q1", "close", "--reason", "x"), 2),
        (("testcity:Q1", "note", "--as", "王某", "--reason", "x", "--to", "water"), 2),
        (("testcity:Q1", "merge", "--as", "王某", "--reason", "x", "--into", "bad"), 2),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_exit_code(bridge, words, code):
    done = run(bridge, *words)
    assert done.returncode == code
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
