"""The last screen tells what the journals hold."""

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console, RenderableType

from deploy.books import Books
from deploy.demo.outcome import Outcome, outcome
from deploy.demo.reckoning import Reckoned, Steps
from deploy.demo.sla import clocks_table
from deploy.demo.story import busiest, draw, last_screen, most_eventful
from deploy.demo.telling import told
from deploy.operators.timeline import Timeline
from schemas.clock import ClockName, ClockOutcome
from schemas.fact import Actor, Fact, FactKind
from schemas.order import Rung

NAMES = {"water": "自来水公司", "housing": "住建局"}


def text_of(screen: RenderableType) -> str:
    canvas = Console(file=StringIO(), width=160)
    canvas.print(screen)
    assert isinstance(canvas.file, StringIO)
    return canvas.file.getvalue()


def journal(file: Path, *events: dict[str, object]) -> Path:
    file.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    return file


def came_to(
    *, lost: int = 0, missing: list[str] | None = None, clocks: Reckoned | None = None
) -> tuple[Outcome, Books]:
    figures = dict.fromkeys(Books.model_fields, 0) | {"pulled": 37, "lost": lost, "offences": ()}
    books = Books.model_validate(figures)
    made = outcome(
        books, dispatches=40, amended=2, withdrawn=1, redone=4, unreadable=3, kills=3, broker_stops=1, seconds=41.26,
        missing=missing or [], dead_reasons={"no_number": 1}, clocks=clocks or Reckoned(),
    )  # fmt: skip
    return made, books


@pytest.mark.parametrize(
    ("lost", "missing", "good"), [(0, [], True), (1, [], False), (0, ["3 orders are open"], False)]
)
def test_a_tour_is_good_only_when_it_balances_and_is_finished(lost: int, missing: list[str], good: bool) -> None:
    made, books = came_to(lost=lost, missing=missing)
    assert made.good is good
    text = text_of(last_screen(made, books, "", "", None))
    assert ("✔" in text) is good
    assert all(words in text for words in missing)


def test_the_outcome_names_all_that_is_promised_to_scripts() -> None:
    promised = {
        "pulled", "routed", "reported", "fed_back", "dead", "lost", "misrouted", "repeated_effects", "out_of_order",
        "kills", "seconds", "breached", "supervised", "extended", "marks", "late", "marks_lost", "marks_twice",
    }  # fmt: skip
    assert promised <= set(Outcome.model_fields)
    assert came_to()[0].seconds == 41.3


def test_the_busiest_department_comes_first_with_what_happened_to_it(tmp_path: Path) -> None:
    given = {"event": "received", "action": "assigned", "role": "lead"}
    file = journal(
        tmp_path / "d.jsonl",
        {**given, "department": "housing"},
        {**given, "department": "water"},
        {**given, "department": "water", "role": "assist"},
        {"event": "repeated", "action": "assigned", "role": "lead", "department": "housing"},
        {"event": "reported", "kind": "return", "department": "water"},
    )
    rows = [line.split() for line in text_of(busiest([file], NAMES)).splitlines()[1:]]
    assert rows == [["自来水公司", *"1100010"], ["住建局", *"1000000"]]


def test_the_dispatch_that_is_told_is_the_one_to_which_most_happened(tmp_path: Path) -> None:
    city = journal(
        tmp_path / "c.jsonl",
        {"event": "amended", "order": "HS1"},
        {"event": "amended", "order": "HS1"},
        {"event": "redo_ordered", "order": "HS2"},
    )
    said = {"event": "reported", "kind": "return", "dispatch": "city:HS2", "department": "water"}
    assert most_eventful(city, [journal(tmp_path / "d.jsonl", said)], "city") == "city:HS2"
    assert most_eventful(journal(tmp_path / "none.jsonl"), [], "city") == ""


def test_a_dispatch_is_told_with_the_names_of_the_departments() -> None:
    def fact(kind: FactKind, actor: Actor, **fields: object) -> Fact:
        return Fact.model_validate(
            {
                "dispatch": "city:HS1", "seq": 1, "fact": kind, "round": 1, "state": "dispatched", "actor": actor,
                "occurred_at": datetime(2026, 3, 2, 4, 0, 1, 250_000, UTC), "cause": "c", **fields,
            }
        )  # fmt: skip

    facts = (
        fact(FactKind.ROUTED, Actor.BRIDGE, details={"lead": "water", "assists": "housing,water", "version": 3}),
        fact(FactKind.RETURNED, Actor.DEPARTMENT, department="water", by="张主任", details={"reason": "not_ours"}),
    )
    lines = text_of(told("city:HS1", Timeline(facts, None, None), NAMES, ZoneInfo("Asia/Shanghai"))).splitlines()
    assert lines[2].split() == ["03-02", "12:00", "转办", "系统", "1", "主办", "自来水公司，协办", "住建局、自来水公司"]
    assert lines[3].split() == ["03-02", "12:00", "退单", "自来水公司", "张主任", "1", "原因", "非本单位职责"]


@pytest.mark.parametrize("clocks", [{"marks_lost": 1}, {"marks_twice": 1}, {"differing": 1}])
def test_a_tour_with_a_mark_that_is_lost_or_twice_is_not_good(clocks: dict[str, int]) -> None:
    assert came_to(clocks=Reckoned(marks=9, late=9, breached=9))[0].good
    assert not came_to(clocks=Reckoned.model_validate(clocks))[0].good


def test_the_clocks_are_told_by_their_ends_and_the_ladder_by_times_and_persons() -> None:
    found = Reckoned(
        marks=1200,
        extended=4,
        outcomes={ClockName.HANDLING: {ClockOutcome.MET: 1015, ClockOutcome.MET_LATE: 8, ClockOutcome.EXCLUDED: 2}},
        ladder={Rung.PHONE: Steps(times=12), Rung.INTERVIEW: Steps(times=1, persons=3)},
    )
    lines = text_of(clocks_table(found)).splitlines()
    assert lines[1].split() == ["办理", "1,015", "8", "0", "0", "2"]
    assert "督办：电话 12 次，约谈 1 次 3 人；延期 4 件次" in lines[3]
    assert "1,200 次，丢失 0，重复 0" in lines[4]


def test_the_last_screen_can_be_drawn(tmp_path: Path) -> None:
    made, books = came_to()
    draw(last_screen(made, books, "", "", tmp_path), tmp_path / "last.svg", "paidan")
    assert (tmp_path / "last.svg").read_text(encoding="utf-8").startswith("<svg")
