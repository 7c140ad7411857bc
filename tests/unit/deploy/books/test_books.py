"""The books over a small honest world, and over the same world with one thing spoilt."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.books.audit import balance, expect
from deploy.books.balance import Books
from deploy.books.city import read_city
from deploy.books.departments import read_department
from deploy.books.ground import fresh_ground
from deploy.books.sorting import Sorter, wanted
from schemas.clock import DueMark
from schemas.report import ReportKind, ReturnReason
from schemas.topics import CASES, CITY, DEAD, FEEDBACK, INBOX, JOURNAL, department_reports
from schemas.types import NAMES
from tests.support.world import CATEGORIES, Record, World, topic_of


def audit(world: World, folder: Path, departments: list[dict[str, str]] | None = None) -> Books:
    """The books of a world, without Kafka."""
    city = folder / "city.jsonl"
    city.write_text("".join(json.dumps(event) + "\n" for event in world.events), encoding="utf-8")
    own = folder / "departments.jsonl"
    own.write_text("".join(json.dumps(event) + "\n" for event in departments or ()), encoding="utf-8")
    with fresh_ground() as ground:
        read_city(city, ground)
        read_department(own, ground)
        expect(world.expected, ground)
        sorter = Sorter(ground)
        for topic, records in world.records.items():
            if wanted(topic):
                sorter.take(topic, records)
                for partition in {record.partition for record in records}:
                    sorter.finish(topic, partition)
        return balance(ground, city=True, expected=True)


def world() -> World:
    """A dispatch's whole life, one that was returned, one still open, one withdrawn."""
    made = World()
    made.whole_life("A1")
    returned = made.issue("A2", CATEGORIES[1])
    made.answer(returned)
    made.report(returned, "power", ReportKind.SIGNED)
    made.report(returned, "power", ReportKind.RETURN, reason=ReturnReason.NOT_OURS)
    made.answer(made.issue("A3", CATEGORIES[2]))
    made.answer(made.issue("A4"))
    made.issue("A4", status="withdrawn")
    return made


def without(topic: str, nth: int) -> Callable[[World], None]:
    """One record was never written."""

    def spoil(world: World) -> None:
        del world.records[topic][nth]

    return spoil


def spoilt(topic: str, nth: int, **changed: object) -> Callable[[World], None]:
    """One record is another."""
    return lambda world: world.spoil(topic, nth, **changed)


def again(topic: str, nth: int, **changed: object) -> Callable[[World], None]:
    """One record stands there a second time, a little changed."""

    def spoil(world: World) -> None:
        end = max(record.offset for record in world.records[topic]) + 1
        world.records[topic].append(replace(world.records[topic][nth], offset=end, **changed))

    return spoil


def swapped(topic: str, first: int, second: int) -> Callable[[World], None]:
    """Two records of one dispatch changed places."""

    def spoil(world: World) -> None:
        records = world.records[topic]
        one, other = records[first], records[second]
        assert one.key == other.key
        records[first] = replace(other, offset=one.offset, partition=one.partition)
        records[second] = replace(one, offset=other.offset, partition=other.partition)

    return spoil


def elsewhere(topic: str, nth: int, department: str) -> Callable[[World], None]:
    """A share went to another department, with everything in it saying so."""

    def spoil(world: World) -> None:
        record = world.records[topic].pop(nth)
        share = json.loads(record.value or b"")
        share["department"] = department
        world.put(topic_of(department), record.key.decode(), json.dumps(share).encode(), {"ce_id": "other"})

    return spoil


def stale(world: World) -> None:
    """A worker that woke up late wrote an old row after a newer one."""
    row = next(record for record in world.records[CASES])
    world.put(CASES, row.key.decode(), row.value, {"at": "0"})


def told_twice(world: World) -> None:
    """The city was told the result again, under another serial number."""
    told = next(event for event in world.events if event.get("kind") == "result")
    world.events.append({**told, "serial": "f" * 24})


def never_pulled(world: World) -> None:
    """The city's newest version of an order never came in."""
    row = {**world.events[0]["row"], "content": "still no water", "version": 9}
    world.events.append({"event": "amended", "order": "A1", "version": 9, "row": row})


def not_quarantined(world: World) -> None:
    """A row that nobody can read was served, and nobody kept it."""
    world.events.append({"event": "unreadable", "id": "U1", "fault": "no_time", "row": {}})
    world.events.append({"event": "served", "page": "1", "versions": [["U1", 1]]})


def wrong_partition(world: World) -> None:
    """A record lies where its key does not belong."""
    record = world.records[CITY][0]
    world.records[CITY][0] = replace(record, partition=(record.partition + 1) % 12)


WATER = topic_of("water")
SPOILT = [
    ("a record of the city stops before the inbox", without(INBOX, 0), "lost"),
    ("a report stops before the inbox", without(INBOX, 2), "lost"),
    ("a fact is dropped", without(JOURNAL, 3), "lost"),
    ("the newest fact is dropped, the row knows it", without(JOURNAL, -1), "lost"),
    ("all that came of a dispatch is dropped", lambda w: _drop_all(w, "city:A3"), "lost"),
    ("an assignment is dropped", without(WATER, 0), "lost"),
    ("an amendment is dropped", without(WATER, 1), "lost"),
    ("an assisting department is not told of an amendment", without(topic_of("town"), 1), "lost"),
    ("a feedback is dropped", without(FEEDBACK, 1), "lost"),
    ("the city never heard what is said to be delivered", lambda w: _unhear(w), "lost"),
    ("the newest version was not pulled", never_pulled, "lost"),
    ("an unreadable row is not kept", not_quarantined, "lost"),
    ("a share goes to the wrong department", elsewhere(WATER, 0, "power"), "misrouted"),
    ("somebody else expects another routing", lambda w: w.expected.update({"city:A1": ("power",)}), "misrouted"),
    ("one department too many", lambda w: w.expected.update({"city:A1": ("water",)}), "misrouted"),
    ("a record is on the wrong partition", wrong_partition, "misrouted"),
    ("an assignment is sent again under a new id", again(WATER, 0, headers=(("ce_id", b"new"),)), "repeated_effects"),
    ("a feedback is sent again under a new id", again(FEEDBACK, 0, headers=(("ce_id", b"new"),)), "repeated_effects"),
    ("a record enters the inbox under two ids", lambda w: _again_inbox(w), "repeated_effects"),
    ("one id with different bytes", again(WATER, 0, value=b'{"dispatch":"city:A1"}'), "repeated_effects"),
    ("the city is told a result twice", told_twice, "repeated_effects"),
    ("two assignments are swapped", swapped(WATER, 0, 1), "out_of_order"),
    ("two facts are swapped", swapped(JOURNAL, 0, 1), "out_of_order"),
    ("two feedbacks are swapped", swapped(FEEDBACK, 0, 1), "out_of_order"),
    ("an old row is last", stale, "stale_rows"),
    ("a record that is no JSON", spoilt(WATER, 0, value=b"{"), "unexplained"),
    ("the city was told what nobody wrote", lambda w: w.events.append(
        {"event": "told", "order": "A1", "serial": "e" * 24, "kind": "progress", "round": 1}), "unexplained"),
]  # fmt: skip


def _drop_all(world: World, dispatch: str) -> None:
    for topic in list(world.records):
        if topic not in (CITY, INBOX):
            world.records[topic] = [one for one in world.records[topic] if one.key.decode() != dispatch]


def _unhear(world: World) -> None:
    world.events.remove(next(event for event in world.events if event["event"] == "told"))


def _again_inbox(world: World) -> None:
    record = world.records[INBOX][0]
    headers = {name: value.decode() for name, value in record.headers} | {"ce_id": "new"}
    world.put(INBOX, record.key.decode(), record.value, headers)


def test_an_honest_world_balances(tmp_path: Path) -> None:
    books = audit(world(), tmp_path)
    assert books.offences == ()
    assert books.balanced
    assert (books.pulled, books.routed, books.reported, books.fed_back) == (4, 4, 2, 4)


@pytest.mark.parametrize(("spoil", "column"), [case[1:] for case in SPOILT], ids=[case[0] for case in SPOILT])
def test_a_world_with_one_thing_spoilt_does_not_balance(
    spoil: Callable[[World], None], column: str, tmp_path: Path
) -> None:
    spoilt_world = world()
    spoil(spoilt_world)
    books = audit(spoilt_world, tmp_path)
    assert getattr(books, column) > 0, books
    assert not books.balanced


@pytest.mark.parametrize("topic", [CITY, INBOX, JOURNAL, FEEDBACK, WATER, CASES])
def test_a_repeat_with_the_same_id_and_bytes_is_no_offence(topic: str, tmp_path: Path) -> None:
    repeated = world()
    if topic in (CITY, CASES):
        # the whole topic once more would be another city's word, and older rows; its last record again is a repeat
        again(topic, -1)(repeated)
        if topic == CITY:
            extra = repeated.records[CITY][-1]
            original = repeated.records[INBOX][-1]
            headers = {name: value.decode() for name, value in original.headers}
            repeated.put(INBOX, extra.key.decode(), extra.value, headers | {"origin": _place(extra)})
    else:
        end = max(record.offset for record in repeated.records[topic]) + 1
        repeated.records[topic] += [
            replace(record, offset=end + nth) for nth, record in enumerate(repeated.records[topic])
        ]
    books = audit(repeated, tmp_path)
    assert books.offences == ()
    assert topic in (CITY, CASES) or books.repeats > 0


def test_questions_of_the_timers_are_no_offence(tmp_path: Path) -> None:
    watched = world()
    dispatch = watched.records[INBOX][0].key.decode()
    for asked in ("12:00:00", "12:00:01"):
        value = json.dumps({"dispatch": dispatch, "gen": 3, "at": f"2026-03-02T{asked}Z"}).encode()
        watched.put(INBOX, dispatch, value, {"ce_id": "7" * 24, "ce_type": NAMES[DueMark]})
    assert audit(watched, tmp_path).offences == ()


def test_a_department_that_is_due_before_the_county_is_no_offence(tmp_path: Path) -> None:
    watched = world()
    for record in watched.records[WATER]:
        share = json.loads(record.value or b"")
        if "due_at" in share:
            share["due_at"] = "2026-03-01T00:00:00Z"
        watched.records[WATER][watched.records[WATER].index(record)] = replace(record, value=json.dumps(share).encode())
    assert audit(watched, tmp_path).offences == ()


def test_what_is_dead_is_accounted_for_and_counted(tmp_path: Path) -> None:
    one = world()
    bad = one.put(CITY, "city:A9", b"{", {"ce_id": "9" * 24, "ce_type": "paidan.dispatch.v1"})
    dead = {"dead-reason": "not_json", "dead-origin": _place(bad)}
    one.put(DEAD, "city:A9", b"{", dead)
    books = audit(one, tmp_path)
    assert books.offences == ()
    assert (books.dead, books.parked) == (1, 0)


def test_the_same_record_without_its_dead_letter_is_lost(tmp_path: Path) -> None:
    one = world()
    one.put(CITY, "city:A9", b"{", {"ce_id": "9" * 24, "ce_type": "paidan.dispatch.v1"})
    assert audit(one, tmp_path).lost == 1


def test_a_version_that_the_city_replaced_before_it_was_taken_is_no_loss(tmp_path: Path) -> None:
    one = world()
    row = {**one.events[0]["row"], "content": "never seen", "version": 50}
    at = next(nth for nth, event in enumerate(one.events) if event["event"] == "amended")
    one.events[at:at] = [
        {"event": "amended", "order": "A1", "version": 50, "row": row},
        {"event": "served", "page": "1", "versions": [["A1", 50]]},
    ]
    books = audit(one, tmp_path)
    assert books.offences == ()
    assert books.replaced == 1


def test_a_dispatch_that_the_city_never_issued_is_unexplained(tmp_path: Path) -> None:
    one = world()
    one.answer(one.issue("B1"))
    one.events = [event for event in one.events if event.get("order") != "B1"]
    books = audit(one, tmp_path)
    assert books.unexplained > 0
    assert "order_from_nowhere" in {offence.check for offence in books.offences}


def test_another_source_is_not_the_business_of_this_city(tmp_path: Path) -> None:
    one = world()
    one.answer(one.issue("B1", source="files"))
    one.events = [event for event in one.events if event.get("order") != "B1"]
    assert audit(one, tmp_path).offences == ()


def test_a_department_that_let_a_repeat_take_effect_is_named(tmp_path: Path) -> None:
    one = world()
    done = [_received("water", record) for record in one.records[WATER]]
    assert audit(one, tmp_path, done).offences == ()
    books = audit(one, tmp_path, [*done, done[0]])
    assert [offence.check for offence in books.offences] == ["department_did_it_twice"]


def test_a_record_that_a_department_never_read_is_lost(tmp_path: Path) -> None:
    one = world()
    done = [_received("water", record) for record in one.records[WATER]]
    assert audit(one, tmp_path, done[1:]).lost == 1


def test_a_report_that_a_department_wrote_and_kafka_does_not_have_is_lost(tmp_path: Path) -> None:
    one = world()
    said = {"event": "reported", "department": "water", "dispatch": "city:A1", "id": "nowhere"}
    assert audit(one, tmp_path, [said]).lost == 1


def test_all_reports_are_looked_for(tmp_path: Path) -> None:
    one = world()
    one.put(department_reports("water"), "city:A1", b"{}", {})
    assert audit(one, tmp_path).lost == 1


def _received(department: str, record: Record) -> dict[str, str]:
    own = dict(record.headers)["ce_id"].decode()
    return {"event": "received", "department": department, "dispatch": record.key.decode(), "id": own}


def _place(record: Record) -> str:
    return f"{record.topic}/{record.partition}/{record.offset}"
