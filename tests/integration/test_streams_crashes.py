"""A worker that is killed at any named point loses nothing; what it says twice it says with the same id and bytes."""

import signal

import pytest

from schemas.assignment import Assignment
from schemas.case import decode_row
from schemas.codec import decode
from schemas.fact import Fact
from schemas.topics import CASES, CITY, FEEDBACK, INBOX, JOURNAL
from streams.engine import POINTS
from tests.support.bridge import Bridge, dispatch, report
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]

LOAD = 40
"""Dispatches for each crash."""
MET = [point for point in POINTS if point != "rows_half"]
"""A wave of rows is one batch here, so it has no half."""


@pytest.fixture(scope="module")
def bridge(bootstrap, tmp_path_factory):
    """After one crash at each point, with new dispatches and reports before each, and a last worker that lives."""
    county = Bridge(bootstrap, tmp_path_factory.mktemp("crashes"))
    county.provision()
    for turn, point in enumerate(MET):
        county.city(*(dispatch(f"C{turn}-{n}") for n in range(LOAD)))
        if turn:
            county.says("water", *(report(f"C{turn - 1}-{n}", "signed") for n in range(5)))
        # Runs come from two agents, so the second passing of a point is often inside the other one. But all that
        # there is to do can be done within one commit interval, and then nothing is committed a second time.
        nth = 1 if point in {"committing", "committed"} else 1 + turn % 2
        with county.worker(crash_at=f"{point}:{nth}", log=f"{point}.log") as process:
            eventually(lambda: process.poll() is not None, 60, f"no crash at {point}: {county.log(f'{point}.log')}")
            assert process.returncode == -signal.SIGKILL
    with county.worker():
        eventually(lambda: _settled(county), 90, "the last worker catches up")
        yield county
    county.close()


def numbers():
    return [f"testcity:C{turn}-{n}" for turn in range(len(MET)) for n in range(LOAD)]


def _settled(county):
    sent = {record.key for record in county.records(JOURNAL)}
    signed = [r for r in county.records(JOURNAL) if decode(Fact, r.value).department == "water"]
    return len(sent) == len(numbers()) and len({r.key for r in signed if _by_department(r)}) == 5 * (len(MET) - 1)


def _by_department(record):
    fact = decode(Fact, record.value)
    return fact.actor == "department" and fact.fact == "signed"


def test_every_dispatch_reached_its_department_the_journal_and_the_city(bridge):
    for topic in ("dept.water.dispatches", JOURNAL, FEEDBACK, CASES):
        assert {record.key.decode() for record in bridge.records(topic)} == set(numbers())


def test_nothing_was_dispatched_to_anybody_else(bridge):
    assert bridge.records("dept.housing.dispatches") == []


@pytest.mark.parametrize("topic", ["dept.water.dispatches", JOURNAL, FEEDBACK])
def test_an_id_that_is_seen_twice_has_the_same_bytes(bridge, topic):
    seen = {}
    for record in bridge.records(topic):
        identity = dict(record.headers)["ce_id"]
        assert seen.setdefault(identity, (record.key, record.value)) == (record.key, record.value)


def test_each_dispatch_was_assigned_once_in_effect(bridge):
    effects = {(dict(r.headers)["ce_id"], r.key) for r in bridge.records("dept.water.dispatches")}
    assert len(effects) == len(numbers())


def test_facts_are_numbered_without_a_gap_and_the_row_has_seen_them_all(bridge):
    facts = {}
    for record in bridge.records(JOURNAL):
        facts.setdefault(record.key, {}).setdefault(decode(Fact, record.value).seq, record)
    rows = {}
    for record in bridge.records(CASES):
        case = decode_row(record.value)[0]
        if case.at >= (rows[record.key].at if record.key in rows else -1):
            rows[record.key] = case
    for key, numbered in facts.items():
        assert sorted(numbered) == list(range(1, len(numbered) + 1))
        assert rows[key].seq == len(numbered)


def test_first_seen_facts_of_a_dispatch_are_in_order(bridge):
    newest = {}
    for record in bridge.records(JOURNAL):
        seq = decode(Fact, record.value).seq
        assert seq <= newest.get(record.key, 0) + 1
        newest[record.key] = max(seq, newest.get(record.key, 0))


def test_what_a_department_holds_is_what_it_was_told(bridge):
    for record in bridge.records("dept.water.dispatches"):
        assert decode(Assignment, record.value).department == "water"
    assert len(bridge.records(INBOX)) >= len(bridge.records(CITY))
