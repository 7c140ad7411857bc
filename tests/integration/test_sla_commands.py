"""`paidan sla explain`, `paidan sla replay`, `paidan top` and `paidan case` on what a county's topics hold."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from select import select

import pytest

from schemas.case import encode_row
from schemas.clock import ClockName
from schemas.codec import encode
from schemas.dead_letter import DeadLetter, DeadReason
from schemas.topics import CASES, CITY, DEAD, INBOX, JOURNAL, NOTICES
from streams.domain.built import changed
from tests.support import command
from tests.support.bridge import Bridge, enveloped
from tests.support.explained import HELIN, RULES, Days, over_the_holiday
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka


def write(county, desk, number, row=None):
    """What a worker wrote about the dispatch: facts and notices, each twice as after a crash, and two rows of it."""
    key = f"city:{number}".encode()
    for output in desk.outputs:
        if output.topic in (JOURNAL, NOTICES):
            message = changed(output.message, {"dispatch": key.decode()})
            for _ in range(2):
                county.put(output.topic, key, encode(message), enveloped(message, id=output.id[:-1] + number[-1]))
    case = changed(row or desk.case, {"number": number})
    old = changed(case, {"at": case.at - 1, "clocks": ()})
    for one in (case, old):
        county.put(CASES, key, encode_row(one, desk.stored), [("at", b"%d" % one.at)])


@pytest.fixture(scope="module")
def story():
    return over_the_holiday()


@pytest.fixture(scope="module")
def county(bootstrap, tmp_path_factory, story):
    """One dispatch with a long story, and one that was ordered now."""
    made = Bridge(bootstrap, tmp_path_factory.mktemp("sla"))
    made.provision()
    write(made, story, "HS1")
    fresh = Days(rules=RULES, clock=datetime.now(UTC) - timedelta(minutes=1))
    fresh.shows(issued_at=fresh.clock, due_at=None, category="utilities.water", kind="help")
    write(made, fresh, "HS2")
    origin = DeadLetter(DeadReason.NOT_JSON, f"{CITY}/0/7", "").headers()
    for _ in range(2):
        made.put(DEAD, b"city:HS9", b"{", origin)
    yield made
    made.close()


def run(county, *words, lang="zh"):
    return command.paidan(*words, PAIDAN_KAFKA=county.bootstrap, PAIDAN_LANG=lang, PAIDAN_COUNTY="helin", COLUMNS="80")


def flat(text):
    """Without blanks and borders, because a line may be broken anywhere in Chinese."""
    return re.sub(r"[\s│]", "", text)


def test_a_dispatch_is_explained_to_people(county):
    done = run(county, "sla", "explain", "city:HS1")
    assert done.returncode == 0, done.stderr
    told = flat(done.stdout)
    for words in (
        "10月1日至7日",
        "国庆节休",
        "共计12个工作日",
        "deadlines.yaml第",
        "已告知",
        "随汇总告知",
        "文号HS1-1",
    ):
        assert words in told
    assert "不符" not in told
    english = run(county, "sla", "explain", "city:HS1", lang="en").stdout
    assert "12 working days in all" in english


def test_a_dispatch_is_explained_as_one_object(county, story):
    done = run(county, "sla", "explain", "city:HS1", "--json")
    said = json.loads(done.stdout)
    handling = [one for one in said["clocks"] if one["clock"] == "handling"]
    assert [(one["round"], one["outcome"].partition("_")[0]) for one in handling] == [(1, "met"), (2, "open")]
    assert said["differs"] == []
    heard = {one["audience"] for mark in handling[0]["marks"] for one in mark["told"]}
    assert heard == {"department", "leader", "duty_desk"}
    run_now = next(run for run in story.case.clocks if run.clock is ClockName.HANDLING)
    assert datetime.fromisoformat(handling[1]["due"]) == run_now.due


@pytest.mark.parametrize(("words", "code"), [(("city:NOBODY",), 1), (("nocolon",), 2), ((), 2)])
def test_what_cannot_be_explained_has_its_exit_code(county, words, code):
    done = run(county, "sla", "explain", *words)
    assert done.returncode == code
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_every_case_is_what_its_facts_give_until_one_is_not(county, story):
    good = run(county, "sla", "replay", "--json")
    assert good.returncode == 0, good.stderr
    found = json.loads(good.stdout)
    assert (found["cases"], found["equal"], found["mismatches"]) == (2, 2, [])
    runs = [changed(one, {"due": one.due + timedelta(seconds=1)}) for one in story.case.clocks[:1]]
    write(county, story, "HS3", changed(story.case, {"clocks": (*runs, *story.case.clocks[1:])}))
    write(county, story, "HS4", changed(story.case, {"calendar": "cn-older"}))
    county.put(CASES, b"city:HS5", b"{", [("at", b"1")])
    bad = run(county, "sla", "replay", "--json")
    assert bad.returncode == 1
    found = json.loads(bad.stdout)
    assert sorted((one["dispatch"], *one["differs"]) for one in found["mismatches"]) == [
        ("city:HS3", "due"), ("city:HS5", "unreadable"),
    ]  # fmt: skip
    assert found["skipped"] == {"older": 0, "other_calendar": 1}
    told = run(county, "sla", "replay")
    assert told.returncode == 1
    assert "city:HS3" in told.stdout


def test_the_head_of_a_case_has_its_clocks_and_steps_by_name(county):
    done = run(county, "case", "city:HS1")
    assert done.returncode == 0, done.stderr
    for words in ("办理", "2026-11-20 24:00", "下一标记", "约谈", "待办"):
        assert words in done.stdout
    assert "…" not in done.stdout


def test_orders_of_the_clocks_are_written(county):
    by = ("--as", "王某", "--reason", "值班决定", "--json")
    orders = [
        ("supervise", "--rung", "interview", "--persons", "3", "--whom", "张局长", "--answer", "本周办结"),
        ("extend", "--days", "3"),
        ("pause",),
        ("resume",),
    ]
    for words in orders:
        done = run(county, "case", "city:HS2", *words, *by)
        assert done.returncode == 0, done.stderr
    written = [json.loads(record.value) for record in county.records(INBOX, "city:HS2")]
    assert [one["action"] for one in written] == ["supervise", "extend", "pause", "resume"]
    assert (written[0]["persons"], written[0]["answer"], written[1]["days"]) == (3, "本周办结", 3)


def test_top_shows_once_what_the_topics_hold(county):
    done = run(county, "top", "--json")
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["cases"] >= 2
    assert seen["dead"] == 1
    assert seen["unreadable"] == len(county.records(CASES, "city:HS5"))
    assert sum(seen["states"].values()) == seen["open"] == sum(seen["departments"].values())
    assert seen["notices"]["assigned"] >= 2
    ahead = [one for one in seen["next"] if one["dispatch"] == "city:HS2"]
    assert {one["clock"] for one in ahead} >= {"department_sign", "contact", "handling"}
    assert all(one["name"] in {department.name for department in HELIN.departments} for one in ahead)
    told = run(county, "top", "--once")
    for words in ("在办", "死信 1", "最近到期", "city:HS2", "新派单"):
        assert words in told.stdout


def lag(county):
    """None as long as the broker, which is new, does not know who keeps the group's offsets."""
    return json.loads(run(county, "top", "--json").stdout)["lag"]


def test_top_counts_what_the_workers_have_not_taken(county):
    eventually(lambda: lag(county) is not None, 60, "a lag")
    before = lag(county)
    county.put(INBOX, b"city:HS2", b"{}")
    assert lag(county) == before + 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_top_lives_on_a_terminal_until_it_is_stopped(county, number):
    ours, theirs = pty.openpty()
    environment = os.environ | {
        "PAIDAN_KAFKA": county.bootstrap, "PAIDAN_COUNTY": "helin", "TERM": "xterm", "COLUMNS": "100", "LINES": "50",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy.cli", "top", "--interval", "0.3"],
        stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, env=environment,
    )  # fmt: skip
    os.close(theirs)
    seen = bytearray()

    def look() -> None:
        with suppress(OSError):  # Linux says so when the other end is closed
            if select([ours], [], [], 0.1)[0]:
                seen.extend(os.read(ours, 65536))

    def twice() -> bool:
        look()
        return seen.count("在办：按状态".encode()) >= 2

    def ended() -> bool:
        look()
        return process.poll() is not None

    try:
        eventually(twice, 60, "two views")
        process.send_signal(number)
        eventually(ended, 30, "the end")
        _, said = process.communicate(timeout=10)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(ours)
    assert (process.returncode, said) == (0, b"")
    assert b"\x1b[?1049l" in seen, "the terminal is given back"


def test_without_kafka_it_is_said(county):
    for words in (("top", "--once"), ("sla", "replay"), ("sla", "explain", "city:HS1")):
        done = command.paidan(*words, PAIDAN_KAFKA="127.0.0.1:1", PAIDAN_LANG="zh")
        assert done.returncode == 1
        assert "Kafka" in done.stderr
        assert "Traceback" not in done.stderr
