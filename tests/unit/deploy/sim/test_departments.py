"""Departments decide by seed and share, have each effect once, and drop what was taken from them."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.sim.departments.desk import Desk
from deploy.sim.departments.habits import Habit, Habits, steps
from deploy.sim.departments.inbox import Inbox, Received
from schemas.assignment import Action, Assignment, Role
from schemas.codec import decode, encode
from schemas.report import Report, ReportKind

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
LONG = timedelta(minutes=1)


def share(number: int = 1, action: Action = Action.ASSIGNED, **fields: object) -> Assignment:
    made = {
        "dispatch": f"city:HS{number}", "department": "water", "seq": 4, "version": 1, "round": 1, "action": action,
        "role": Role.LEAD, "lead": "water", "occurred_at": NOON, **fields,
    }  # fmt: skip
    return Assignment.model_validate(made)


@dataclass(frozen=True)
class Record:
    value: bytes
    headers: list[tuple[str, bytes]]
    topic: str = "dept.water.dispatches"
    offset: int = 0


def record(of: Assignment, id: str = "a") -> Record:
    return Record(encode(of), [("ce_id", id.encode())])


def only(habit: Habit) -> Habits:
    return Habits(weights={habit: 1})


def test_a_share_is_handled_the_same_way_whenever_it_comes() -> None:
    habits = Habits()
    for number in range(50):
        first, later = steps(habits, share(number), NOON), steps(habits, share(number), NOON + LONG)
        assert [(step.id, step.after_s, step.report.kind) for step in first] == [
            (step.id, step.after_s, step.report.kind) for step in later
        ]


def test_all_habits_come_and_another_seed_has_others() -> None:
    drawn = {seed: [Habits(seed).of(share(number)) for number in range(300)] for seed in (1, 2)}
    assert set(drawn[1]) == set(Habit) - {Habit.NEVER, Habit.UNSIGNED, Habit.LATE}
    assert drawn[1] != drawn[2]


PLANS = [
    (Habit.PROMPT, ["signed", "contacted", "result"]),
    (Habit.SIGNS_LATE, ["signed", "contacted", "result"]),
    (Habit.RETURNS, ["signed", "return"]),
    (Habit.SLOW, ["signed", "contacted", "extension", "progress", "result"]),
    (Habit.ANSWERS_TWICE, ["signed", "contacted", "result", "result", "result"]),
    (Habit.NEVER, []),
    (Habit.UNSIGNED, ["signed", "contacted", "result"]),
    (Habit.LATE, ["signed", "contacted", "result"]),
]


@pytest.mark.parametrize(("habit", "kinds"), PLANS)
def test_each_habit_says_what_it_is_known_for(habit: Habit, kinds: list[str]) -> None:
    assert [step.report.kind for step in steps(only(habit), share(), NOON)] == kinds


@pytest.mark.parametrize("habit", list(Habit))
def test_every_report_is_complete_for_its_kind(habit: Habit) -> None:
    for number in range(40):
        for step in steps(only(habit), share(number), NOON):
            report = decode(Report, encode(step.report))
            assert report.kind is not ReportKind.RESULT or report.public_reply
            assert report.solved is not False or report.unsolved_reason
            assert report.kind is not ReportKind.RETURN or report.reason
            assert report.kind is not ReportKind.EXTENSION or report.extend_days


def test_who_answers_twice_says_one_thing_again_and_another_anew() -> None:
    results = [step.id for step in steps(only(Habit.ANSWERS_TWICE), share(), NOON) if step.report.kind == "result"]
    assert (len(results), len(set(results))) == (3, 2)


@pytest.mark.parametrize(
    "kept",
    [
        (Habits(weights={Habit.RETURNS: 1}, keepers=frozenset({"water"})), share()),
        (only(Habit.RETURNS), share(role=Role.ASSIST, lead="housing")),
        (only(Habit.RETURNS), share(action=Action.REDO, round=2)),
    ],
)
def test_only_a_lead_returns_and_only_at_first(kept: tuple[Habits, Assignment]) -> None:
    habits, given = kept
    assert habits.of(given) is Habit.PROMPT


HASTY = Habits(late_p=1.0, rate=2000)
PRESSING = NOON + timedelta(hours=10)
"""18 s at that rate."""


@pytest.mark.parametrize(
    ("given", "late"),
    [
        (share(due_at=PRESSING), True),
        (share(due_at=NOON - timedelta(hours=1)), True),
        (share(due_at=NOON + timedelta(days=5)), False),
        (share(), False),
        (share(due_at=PRESSING, role=Role.ASSIST, lead="housing"), False),
        (share(due_at=PRESSING, round=2, action=Action.REDO), False),
    ],
    ids=["pressing", "over", "in days", "no deadline", "assists", "again"],
)
def test_only_what_is_pressing_is_answered_late(given: Assignment, late: bool) -> None:
    assert (HASTY.of(given) is Habit.LATE) is late


def test_who_is_late_answers_after_the_deadline_and_not_much() -> None:
    for number in range(40):
        answered = steps(HASTY, share(number, due_at=PRESSING), NOON)[-1].after_s
        assert 18.0 < answered < 50.0


@pytest.mark.parametrize(
    "given", [share(role=Role.ASSIST, lead="housing"), share(action=Action.REDO, round=2)], ids=["assists", "again"]
)
def test_only_the_lead_of_a_first_round_signs_far_too_late(given: Assignment) -> None:
    unsigned = only(Habit.UNSIGNED)
    assert unsigned.of(given) is Habit.PROMPT
    assert steps(unsigned, share(), NOON)[0].after_s > 27.0


def test_a_desk_says_what_is_due_and_says_it_once() -> None:
    desk = Desk(only(Habit.PROMPT))
    desk.receive([Received("a", NOON, share())])
    assert desk.due(NOON) == []
    assert [step.report.kind for _, step in desk.due(NOON + LONG)] == ["signed", "contacted", "result"]
    assert desk.due(NOON + LONG) == []


def test_a_desk_forgets_what_was_taken_back() -> None:
    desk = Desk(only(Habit.PROMPT))
    desk.receive([Received("a", NOON, share()), Received("b", NOON, share(action=Action.WITHDRAWN, seq=5))])
    assert desk.due(NOON + LONG) == []


def test_a_redo_replaces_what_was_not_said_yet() -> None:
    desk = Desk(only(Habit.PROMPT))
    desk.receive([Received("a", NOON, share()), Received("b", NOON, share(action=Action.REDO, seq=9, round=2))])
    assert [step.report.round for _, step in desk.due(NOON + LONG)] == [2, 2, 2]


@pytest.mark.parametrize(("before", "said"), [(Role.ASSIST, 6), (Role.LEAD, 3)])
def test_an_amendment_asks_for_an_answer_only_from_who_leads_now(before: Role, said: int) -> None:
    desk = Desk(only(Habit.PROMPT))
    desk.receive([Received("a", NOON, share(role=before))])
    first = desk.due(NOON + LONG)
    desk.receive([Received("b", NOON, share(action=Action.AMENDED, seq=8))])
    assert len(first + desk.due(NOON + LONG)) == said


def test_an_id_has_its_effect_once_also_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "departments.jsonl"
    inbox = Inbox(file)
    assert len(inbox.take([record(share()), record(share())], NOON + timedelta(microseconds=123_456))) == 1
    inbox.close()
    again = Inbox(file)
    assert again.received == inbox.received, "what is said after it has the same times"
    assert again.take([record(share())], NOON) == []
    again.close()
    assert [json.loads(line)["event"] for line in file.read_text().splitlines()] == ["received", "repeated", "repeated"]


def test_a_restart_goes_on_with_what_was_not_said(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "departments.jsonl")
    desk = Desk(only(Habit.PROMPT))
    desk.receive(inbox.take([record(share())], NOON))
    said = desk.due(NOON + timedelta(seconds=0.55))
    inbox.sent([(code, step.id, step.report, 0) for code, step in said], NOON)
    inbox.close()

    again = Inbox(tmp_path / "departments.jsonl")
    later = Desk(only(Habit.PROMPT))
    later.receive(again.received, again.reported)
    again.close()

    rest = [step.id for _, step in later.due(NOON + LONG)]
    everything = [step.id for step in steps(only(Habit.PROMPT), share(), NOON)]
    assert [step.id for _, step in said] + rest == everything
    assert 0 < len(said) < 3
