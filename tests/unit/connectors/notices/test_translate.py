"""From notices to messages: who, by what, what is the matter, and what is told together."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.systems.notices.translate import wall_time
from tests.support.notices import DIRECTORY, NOON, ZONE, notice, received, translator


def text(*batch, language="zh", **changes):
    return [message.text() for message in translator(language, **changes).messages(batch)]


def test_a_message_says_when_whom_what_which_and_until_when():
    assert text(received()) == [
        "03-02 12:00  自来水公司 经办人 甲值班（电话）：办理时限已过半；N1 自来水管破裂；时限 2026-03-05 24:00"
    ]
    (english,) = text(received(), language="en")
    assert english.startswith(
        "03-02 12:00  Water Company handler 甲值班 (telephone): handling: half of the time is gone"
    )
    assert english.endswith("; N1 自来水管破裂; due 2026-03-05 24:00")


@pytest.mark.parametrize(
    ("fields", "told", "channel"),
    [
        ({}, "甲值班", "voice"),
        ({"channels": ("wecom",)}, "乙联络", "wecom"),
        ({"channels": ("sms", "wecom", "voice")}, "乙联络", "wecom"),
        ({"channels": ("email",)}, "甲值班", "voice"),
        ({"audience": "leader"}, "丙领导", "sms"),
        ({"audience": "leader", "channels": ("voice",)}, "丙领导", "sms"),
        ({"audience": "duty_desk"}, "丁值班", "voice"),
        ({"audience": "duty_desk", "department": None}, "丁值班", "voice"),
    ],
)
def test_the_contact_is_of_the_audience_and_if_it_can_be_of_the_wanted_channel(fields, told, channel):
    receiver = DIRECTORY.receiver(notice(**fields))
    assert receiver.contact is not None
    assert (receiver.contact.name, receiver.channel) == (told, channel)


@pytest.mark.parametrize("code", ["housing", "gone"])
def test_an_office_without_contacts_is_told_by_its_name(code):
    receiver = DIRECTORY.receiver(notice(department=code, channels=("sms",)))
    assert (receiver.contact, receiver.channel) == (None, "sms")
    assert DIRECTORY.office(code).name in text(received(department=code))[0]


def test_where_no_leader_is_named_somebody_of_the_office_is_told():
    bare = DIRECTORY.receiver(notice(department="desk", audience="leader"))
    assert bare.contact is not None


def test_the_centre_reads_which_department_it_is_about():
    assert "（自来水公司）" in text(received(audience="duty_desk"))[0]
    assert "（" not in text(received(audience="duty_desk", department="desk"))[0].split("：")[1]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"urgency": "critical"}, "【特急】办理时限已过半"),
        ({"late_s": 725}, "办理时限已过半（系统迟报 12 分钟）"),
        ({"late_s": 30}, "办理时限已过半；"),
        ({"kind": "returned", "reason": "not_ours"}, "承办单位退单，请复核（<not_ours>）"),
        ({"kind": "supervision", "rung": "written", "mark": "red"}, "书面督办（催办单）：红牌：办理逾期第一个工作日"),
        ({"kind": "supervision", "rung": "phone", "clock": None, "mark": None}, "电话督办；"),
    ],
)
def test_what_is_the_matter_is_said_with_what_belongs_to_it(fields, words):
    assert words in text(received(**fields), reason=lambda reason: f"<{reason}>")[0]


def test_notices_of_one_receiver_and_digest_are_one_message_with_a_list():
    batch = [
        received("N1", digest="d1"),
        received("N2", digest="d1"),
        received("N3", digest="d1", audience="leader"),
        received("N4", digest="d2"),
        received("N5"),
        received("N6"),
        received("N7", digest="d1", department="housing"),
        received("N8", digest="d1", mark="p75"),
    ]
    messages = translator().messages(batch)
    assert [[item.dispatch.partition(":")[2] for item in message.items] for message in messages] == [
        ["N1", "N2", "N8"], ["N3"], ["N4"], ["N5"], ["N6"], ["N7"],
    ]  # fmt: skip
    assert messages[0].text().splitlines() == [
        "03-02 12:00  自来水公司 经办人 甲值班（电话）：3 件提醒",
        "    1. 办理时限已过半；N1 自来水管破裂；时限 2026-03-05 24:00",
        "    2. 办理时限已过半；N2 自来水管破裂；时限 2026-03-05 24:00",
        "    3. 办理时限已过四分之三；N8 自来水管破裂；时限 2026-03-05 24:00",
    ]


def test_what_is_told_together_is_of_one_day():
    batch = [received("N1", digest="d"), received("N2", digest="d", occurred_at=NOON + timedelta(days=1))]
    assert len(text(*batch)) == 2


def test_a_title_never_breaks_a_line():
    assert len(text(received(title="一\n二\t三"))[0].splitlines()) == 1


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2026, 3, 5, 16, 0, tzinfo=UTC), "2026-03-05 24:00"),
        (datetime(2026, 3, 5, 9, 30, tzinfo=UTC), "2026-03-05 17:30"),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), "2025-12-31 24:00"),
    ],
)
def test_midnight_is_the_end_of_a_day(moment, shown):
    assert wall_time(moment, ZONE) == shown
