"""Every value of every closed list has words in both languages, and the words reach the message."""

from itertools import product

import pytest

from connectors.systems.notices.words import (
    AUDIENCES,
    CHANNELS,
    CLOCKS,
    KINDS,
    MARKS,
    RUNGS,
    URGENCIES,
    Language,
    mark_words,
)
from schemas.clock import ClockName
from schemas.dispatch import Urgency
from schemas.notice import Audience, NoticeKind
from schemas.order import Rung
from streams.domain.deadlines import Mark
from streams.domain.policy import Contact
from tests.support.notices import received, translator

LANGUAGES: tuple[Language, ...] = ("zh", "en")
LISTS = {
    "kinds": (NoticeKind, KINDS),
    "clocks": (ClockName, CLOCKS),
    "marks": (Mark, MARKS),
    "rungs": (Rung, RUNGS),
    "audiences": (Audience, AUDIENCES),
    "urgencies": (Urgency, URGENCIES),
}


@pytest.mark.parametrize("name", LISTS)
def test_every_value_has_words_in_both_languages(name):
    values, words = LISTS[name]
    assert {str(value) for value in values} == {str(value) for value in words}
    assert all(bool(zh) == bool(en) for zh, en in words.values())
    assert all(not zh.isascii() and en.isascii() for zh, en in words.values() if zh)


def test_every_channel_of_a_county_pack_has_words():
    channels = Contact.model_json_schema()["properties"]["channel"]["enum"]
    assert CHANNELS.keys() == set(channels)


@pytest.mark.parametrize(("mark", "clock", "language"), [*product(Mark, ClockName, LANGUAGES)])
def test_every_mark_of_every_clock_is_told_by_the_clocks_word(mark, clock, language):
    said = mark_words(mark, clock, language)
    assert CLOCKS[clock][language == "en"] in said
    assert "{" not in said
    assert mark == "breach" or len(said) > len(CLOCKS[clock][language == "en"])
    assert mark_words(mark, None, language)


@pytest.mark.parametrize(("kind", "language"), [*product(NoticeKind, LANGUAGES)])
def test_every_kind_makes_a_message_without_a_word_of_code(kind, language):
    fields = {"rung": "written", "mark": "red"} if kind is NoticeKind.SUPERVISION else {}
    (message,) = translator(language).messages([received(kind=kind, **fields)])
    text = message.text()
    assert "N1" in text
    assert "None" not in text
    assert "_" not in text


@pytest.mark.parametrize(
    ("mark", "zh"),
    [
        ("p50", "办理时限已过半"),
        ("yellow", "黄牌：办理还剩一个工作日"),
        ("breach", "办理逾期"),
        ("red", "红牌：办理逾期第一个工作日"),
    ],
)
def test_marks_are_said_in_the_centres_own_words(mark, zh):
    assert mark_words(mark, ClockName.HANDLING, "zh") == zh


def test_a_mark_that_no_table_knows_is_still_told():
    assert "p60" in mark_words("p60", ClockName.SIGN, "zh")
