"""Dead letters: which are open, and what a replay or a discard sends, in which order."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from deploy.operators.letters import How, Letter, discard, letter, mark, open_letters, replay
from deploy.operators.masking import masked
from deploy.operators.requarantine import retranslate
from schemas.dead_letter import DeadLetter, DeadReason
from schemas.topics import CITY, DEAD, FEEDBACK, INBOX, partition_of

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
SAID = {"by": "王某", "reason": "已修复", "at": NOW}
KEY = b"testcity:HS1"
IN = f"{INBOX}/{partition_of(KEY)}"


def record(reason, origin, *, key=KEY, value=b"{}", headers=(), detail="", at=0):
    return SimpleNamespace(
        key=key, value=value, timestamp=at, headers=DeadLetter(reason, origin, detail).headers(list(headers))
    )


def as_record(sent, at=9):
    return SimpleNamespace(key=sent.key, value=sent.value, timestamp=at, headers=list(sent.headers))


FAILED = record(DeadReason.HANDLER_FAILED, f"{IN}/10", value=b"1", headers=[("origin", b"x/0/1"), ("ce_id", b"a")])
SECOND = record(DeadReason.PARKED, f"{IN}/12", value=b"2", at=2)
THIRD = record(DeadReason.PARKED, f"{IN}/110", value=b"3", at=1)
OTHER = record(DeadReason.PARKED, f"{INBOX}/1/5", key=b"testcity:HS2", value=b"4")
DOOR = record(DeadReason.NOT_JSON, "dept.water.reports/0/7", value=b"{", headers=[("x", b"y")])
ALL = [FAILED, SECOND, THIRD, OTHER, DOOR]


def test_a_letter_written_again_after_a_crash_is_one_letter():
    (one,) = open_letters([FAILED, FAILED])
    assert one.seen == 2


def test_what_was_dealt_with_is_no_longer_open():
    (one,) = open_letters([DOOR])
    gone = as_record(mark(one, How.DISCARDED, **SAID))
    assert open_letters([DOOR, gone]) == []
    assert open_letters([gone, DOOR]) == []
    assert letter(gone) is None
    assert json.loads(gone.value) == {
        "letter": one.id, "how": "discarded", "by": "王某", "reason": "已修复", "at": "2026-03-02T04:00:00Z",
    }  # fmt: skip


def test_a_mark_says_nothing_about_people_in_its_headers():
    sent = mark(open_letters([FAILED])[0], How.REPLAYED, **SAID)
    assert sent.topic == DEAD
    assert "王" not in str(sent.headers)


@pytest.mark.parametrize("chosen", [[FAILED], [SECOND], [FAILED, THIRD]])
def test_a_replay_releases_the_dispatch_and_sends_all_it_held_in_inbox_order(chosen):
    plan = replay(open_letters(chosen), open_letters(ALL), **SAID)
    order, *sent = plan.records
    assert json.loads(order.value)["action"] == "unpark"
    assert (order.topic, order.partition, order.key) == (INBOX, partition_of(KEY), KEY)
    assert [one.value for one in sent] == [b"1", b"2", b"3"]
    assert {one.partition for one in sent} == {partition_of(KEY)}
    assert [one.value for one in plan.replayed] == [b"1", b"2", b"3"]


def test_a_replay_into_the_inbox_keeps_the_id_and_leaves_the_old_position_behind():
    plan = replay(open_letters([FAILED]), open_letters([FAILED]), **SAID)
    assert plan.records[1].headers == (("ce_id", b"a"),)


def test_what_died_at_the_door_goes_back_as_it_was():
    plan = replay(open_letters([DOOR]), open_letters(ALL), **SAID)
    (sent,) = plan.records
    assert (sent.topic, sent.partition, sent.key) == ("dept.water.reports", 0, KEY)
    assert (sent.value, sent.headers) == (b"{", (("x", b"y"),))


def test_a_feedback_that_the_city_refused_holds_no_dispatch():
    refused = record(DeadReason.HANDLER_FAILED, f"{FEEDBACK}/3/9")
    plan = replay(open_letters([refused]), open_letters([refused]), **SAID)
    assert [one.topic for one in plan.records] == [FEEDBACK]


def test_giving_up_the_failed_record_sends_those_behind_it():
    plan = discard(open_letters([FAILED]), open_letters(ALL), **SAID)
    order, *sent = plan.records
    assert json.loads(order.value) | {"by": "王某", "action": "unpark"} == json.loads(order.value)
    assert [one.value for one in sent] == [b"2", b"3"]
    assert [one.value for one in plan.discarded] == [b"1"]


def test_giving_up_a_parked_record_leaves_the_dispatch_parked():
    plan = discard(open_letters([SECOND]), open_letters(ALL), **SAID)
    assert plan.records == []


def test_what_is_not_whole_is_not_sent():
    cut = record(DeadReason.TOO_LARGE, f"{CITY}/0/1", detail="cut from 900000 bytes; ")
    assert replay(open_letters([cut]), open_letters([cut]), **SAID).records == []


def test_quarantine_goes_to_its_connector():
    raw = record(DeadReason.NO_TIME, "connector/city", key=None)
    plan = replay(open_letters([raw]), open_letters([raw]), **SAID)
    assert (plan.records, len(plan.quarantined)) == ([], 1)


def quarantined(name, value):
    return Letter(
        id="0" * 24, reason=DeadReason.UNREADABLE, origin=f"connector/{name}", detail="", died_at=NOW, key=None,
        value=value, headers=(),
    )  # fmt: skip


ORDER = {
    "orderNo": "HS20261125000123", "orderStatus": "1", "handleTimes": 1, "title": "停水", "content": "停水三天",
    "orderType": "03", "emergencyLevel": "1", "categoryCode": "999999", "areaCode": "150123100",
    "secretFlag": "0", "sourceChannel": "01", "dispatchTime": "2026-11-25 08:00:00",
    "updateTime": "2026-11-25 08:00:00",
}  # fmt: skip


def test_a_quarantined_record_that_can_be_read_by_now_goes_to_the_citys_topic(monkeypatch):
    for variable in ("PAIDAN_CITY_URL", "PAIDAN_CITY_KEY", "PAIDAN_CITY_SECRET"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")
    (sent,) = retranslate(quarantined("city", json.dumps(ORDER).encode()))
    assert sent.topic == CITY
    assert sent.key is not None
    assert sent.partition == partition_of(sent.key)


@pytest.mark.parametrize(("name", "value"), [("city", b"{}"), ("nowhere", b"{}")])
def test_a_quarantined_record_that_still_cannot_be_read_says_why(monkeypatch, name, value):
    monkeypatch.setenv("PAIDAN_CITY_URL", "http://127.0.0.1:1")
    with pytest.raises(ValueError, match=r".+"):
        retranslate(quarantined(name, value))


def test_masking_shows_the_shape_and_nothing_else():
    value = json.dumps({"caller": {"phone": "13900001111"}, "n": [1, True, None]}).encode()
    assert json.loads(masked(value)) == {"caller": {"phone": "<11>"}, "n": ["<1>", True, None]}
    assert masked(b"\xff13900001111") == "<12 bytes>"
