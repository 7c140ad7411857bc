"""Operators read words: nothing that a fact can say is left in code."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

import streams.domain
from deploy.operators.details import BRIEF, INSTANTS, LABELS, LABELS_OF, OWN_WORDS, WORDS, details, why
from deploy.operators.words import clock_word, fact_word, flag_word, mark_word, reason_word, rung_word
from schemas.assignment import Action, Role, WithdrawnReason
from schemas.case import Flag
from schemas.clock import ClockName, LateCause
from schemas.dead_letter import DeadReason
from schemas.dispatch import Channel, CityStatus, Kind, Unknown, Urgency
from schemas.fact import Actor, Fact, FactKind
from schemas.feedback import FeedbackKind, OutcomeKind
from schemas.order import OrderAction, Rung
from schemas.report import ReportKind, ReturnReason
from streams.domain.deadlines import Mark
from streams.domain.decision import IgnoredReason
from streams.domain.routing import RouteReason
from tests.support.bridge import NOON

SAID = (
    Action, Channel, CityStatus, FeedbackKind, IgnoredReason, Kind, LateCause, OrderAction, OutcomeKind, ReportKind,
    ReturnReason, Role, RouteReason, Urgency, WithdrawnReason,
)  # fmt: skip


@pytest.mark.parametrize("words", SAID, ids=lambda words: words.__name__)
def test_every_word_that_a_fact_can_hold_has_one_for_people(words: type[StrEnum]) -> None:
    assert not {str(word) for word in words} - WORDS.keys()


def test_every_detail_that_the_domain_writes_has_a_label() -> None:
    calls = "".join(
        call
        for file in Path(streams.domain.__path__[0]).glob("*.py")
        for call in re.findall(
            r"draft\.fact\((?:[^()]|\([^()]*\)|\((?:[^()]|\([^()]*\))*\))*\)", file.read_text("utf-8")
        )
    )
    written = set(re.findall(r'"([a-z_]+)":', calls))
    assert {"lead", "attempts", "open_assists", "behind"} <= written
    assert not written - LABELS.keys()
    assert LABELS.keys() >= BRIEF


def test_flags_and_reasons_have_words() -> None:
    assert all(flag_word(flag) for flag in Flag)
    assert all(reason_word(reason) != reason for reason in DeadReason)


def test_clocks_marks_rungs_and_facts_have_words() -> None:
    assert all(clock_word(clock) != clock for clock in ClockName)
    assert all(mark_word(mark) != mark for mark in Mark)
    assert all(rung_word(rung) != rung for rung in Rung)
    assert all(fact_word(fact) != fact for fact in FactKind)
    assert OWN_WORDS.keys() | INSTANTS | {name for own in LABELS_OF.values() for name in own} <= LABELS.keys()


@pytest.mark.parametrize(
    ("kind", "said", "shown"),
    [
        (
            FactKind.MARKED,
            {"clock": "sign", "mark": "breach", "instant": "2026-03-02T01:30:00Z", "late_s": 0, "late": False},
            "县级签收，逾期，应于 2026-03-02 09:30，迟报秒数 0，系统迟报 否",
        ),
        (FactKind.EXTENDED, {"clock": "handling", "days": 5}, "办理，延期 5"),
        (
            FactKind.SUPERVISED,
            {"rung": "interview", "step": 3, "to": "water", "whom": "张某", "persons": 9, "answer": "限期整改"},
            "约谈，第几次 3，单位 自来水公司，对象 张某，人数 9，答复 限期整改",
        ),
        (
            FactKind.DEADLINE_CHANGED,
            {"clock": "handling", "from": "2026-03-02T16:00:00Z", "to": "2026-03-03T16:00:00Z", "why": "calendar"},
            "办理，原时限 2026-03-02 24:00，改为 2026-03-03 24:00，因 日历更新",
        ),
        (FactKind.TRANSFERRED, {"to": "water"}, "转给 自来水公司"),
    ],
)
def test_what_clocks_did_is_told_in_the_centres_words(kind: FactKind, said: dict[str, str], shown: str) -> None:
    fact = Fact(
        dispatch="city:1", seq=1, fact=kind, round=1, state="handling", actor=Actor.BRIDGE, occurred_at=NOON,
        cause="0" * 24, details=said,
    )  # fmt: skip
    assert details(fact, {"water": "自来水公司"}) == shown


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("not_ours", "非本单位职责"),
        ("category, area", "类别、区划"),
        ("about_lead", "反映对象为主办单位"),
        ("handler_failed", "处理失败"),
        ("请补充材料, 再报", "请补充材料, 再报"),
    ],
)
def test_the_reason_of_a_notice_is_a_word_or_what_the_city_said(reason: str, shown: str) -> None:
    assert why(reason) == shown
    assert all(why(field) != field for field in Unknown)


def test_details_are_told_in_one_line() -> None:
    fact = Fact(
        dispatch="city:1", seq=1, fact=FactKind.ROUTED, round=1, state="dispatched", actor=Actor.BRIDGE,
        occurred_at=NOON, cause="0" * 24,
        details={"lead": "water", "assists": "housing,land", "reason": "backstop", "path": "", "attempts": 2},
    )  # fmt: skip
    names = {"water": "自来水公司", "housing": "住建局"}
    assert details(fact, names) == "主办 自来水公司，协办 住建局、land，原因 兜底，次数 2"
    assert details(fact, names, BRIEF) == "主办 自来水公司，协办 住建局、land，原因 兜底"
