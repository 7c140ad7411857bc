"""A simulated year is right, is the same for the same seed, and is counted by an arithmetic of its own."""

import ast
import json
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from deploy.commands import sla
from deploy.county import folder_of
from deploy.county.calendars import CALENDARS
from deploy.simulate import World
from deploy.simulate.agenda import ms_of
from deploy.simulate.days import Days
from deploy.simulate.runs import Expected, deadline
from deploy.simulate.terms import Terms, days_of

SEEDS = (1, 2, 3)
SMALL = 100
CHINA = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def days() -> Days:
    return days_of(folder_of("helin"), CALENDARS / "cn", 2026)


@pytest.fixture(scope="module")
def terms() -> Terms:
    return Terms(folder_of("helin"))


def at(text: str) -> int:
    return ms_of(datetime.fromisoformat(text).replace(tzinfo=CHINA).isoformat())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_year_passes_without_an_offence(seed: int) -> None:
    outcome = World(2025, SMALL, seed).run()
    assert outcome.right, outcome.offences
    assert outcome.dispatches == SMALL
    assert outcome.crashes + outcome.stalls + outcome.lost_acks > 5


def test_one_seed_is_one_world() -> None:
    first, second = (World(2025, 40, 5).run().model_copy(update={"seconds": 0}) for _ in range(2))
    assert first == second


def test_another_seed_is_another_world() -> None:
    assert World(2025, 40, 5).run().digest != World(2025, 40, 6).run().digest


def test_the_command_prints_one_object_and_ends_well() -> None:
    result = CliRunner().invoke(sla.app, ["simulate", "--dispatches", "40", "--seed", "5", "--json"])
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert {"dispatches", "marks_due", "early", "missing", "twice", "wrong_recipient", "crashes", "simulated_days",
            "seconds"} <= found.keys()  # fmt: skip


def test_the_oracle_shares_no_code_with_what_it_judges() -> None:
    reached, open_ = set[str](), ["deploy.simulate.oracle"]
    while open_:
        name = open_.pop()
        reached.add(name)
        tree = ast.parse(Path(str(find_spec(name).origin)).read_text(encoding="utf-8"))  # type: ignore[union-attr]
        found = {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        open_ += [one for one in found - reached if one.startswith("deploy.simulate")]
        assert not {one for one in found if one.split(".")[0] in {"streams", "schemas", "connectors"}}, name
    assert "deploy.simulate.runs" in reached


DUE = [
    # urgency, kind, category, from, deadline: the make-up Sunday before the eight days off of October 2025 works
    ("normal", "help", "roads.street", "2025-09-26T10:00", "2025-10-11T00:00"),
    ("normal", "consult", "roads.street", "2025-09-27T10:00", "2025-09-29T00:00"),
    ("normal", "complaint", "land.use.dispute", "2025-09-18T10:00", "2025-10-10T00:00"),
    ("urgent", "help", "roads.street", "2025-09-30T23:00", "2025-10-01T23:00"),
    ("critical", "help", "roads.street", "2025-09-30T23:00", "2025-10-01T01:00"),
]


@pytest.mark.parametrize(("urgency", "kind", "category", "start", "due"), DUE)
def test_the_oracle_counts_by_hand(
    urgency: str, kind: str, category: str, start: str, due: str, terms: Terms, days: Days
) -> None:
    rule = terms.rule("handling", urgency, kind, category)
    assert rule is not None
    assert deadline(at(start), rule, 0, days) == at(due)


def test_the_oracle_leaves_days_off_out_of_the_shares_of_working_days(terms: Terms, days: Days) -> None:
    rule = terms.rule("handling", "normal", "help", "roads.street")
    assert rule is not None
    run = Expected("handling", 1, None, rule, at("2025-09-26T10:00"), 0)
    run.set_due(days)
    # Sunday 28 works, Monday 29, Tuesday 30; then Thursday 9, Friday 10 and Saturday 11 October, which works
    assert {mark: instant for instant, _, mark in run.marks(days)} == {
        "p50": at("2025-09-30T12:00"),
        "p75": at("2025-10-09T18:00"),
        "yellow": at("2025-10-10T00:00"),
        "breach": at("2025-10-11T00:00"),
        "red": at("2025-10-11T08:30"),
        "overdue5": at("2025-10-16T08:30"),
    }


def test_a_pause_counts_in_working_days(terms: Terms, days: Days) -> None:
    rule = terms.rule("handling", "normal", "help", "roads.street")
    assert rule is not None
    run = Expected("handling", 1, None, rule, at("2025-09-26T10:00"), 0)
    # eight days off are no working day; Tuesday 30 September and Thursday 9 October are two
    run.pauses = [(at("2025-09-29T18:00"), at("2025-10-09T09:00"))]
    run.set_due(days)
    assert run.due == at("2025-10-14T00:00")
