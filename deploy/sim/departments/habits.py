"""How a department handles one share of a dispatch: decided by the seed and the share alone, never by the clock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from random import Random
from typing import Any

from schemas.assignment import Action, Assignment, Role
from schemas.ids import derived_id
from schemas.report import Report, ReportKind, ReturnReason


class Habit(StrEnum):
    """How one share is handled."""

    PROMPT = "prompt"
    SIGNS_LATE = "signs_late"
    ANSWERS_TWICE = "answers_twice"
    """The same report again under the same id, then another result under a new one."""
    RETURNS = "returns"
    SLOW = "slow"
    """Asks for an extension and tells of its progress before it answers."""
    NEVER = "never"
    UNSIGNED = "unsigned"
    """The lead takes notice of a first round long after the time to sign is over."""
    LATE = "late"
    """Signs and contacts in time, and answers when it should have long ago."""


PRESSING_S = 32.0
"""Only who has so little time left is late: nobody watches a demonstration for longer."""


@dataclass(frozen=True, slots=True)
class Habits:
    """Weights of the habits; `pace` stretches all times; `keepers` never return anything.

    `late_p`: how likely a share that is pressing is answered late, where time runs `rate` times faster.
    """

    seed: int = 1
    pace: float = 1.0
    weights: dict[Habit, float] = field(
        default_factory=lambda: {
            Habit.PROMPT: 70, Habit.SIGNS_LATE: 10, Habit.ANSWERS_TWICE: 8, Habit.RETURNS: 7, Habit.SLOW: 5,
        }
    )  # fmt: skip
    keepers: frozenset[str] = frozenset()
    late_p: float = 0.0
    rate: float = 1.0

    def left_s(self, share: Assignment) -> float:
        """Seconds from the assignment until the department should have answered."""
        if share.due_at is None:
            return float("inf")
        return (share.due_at - share.occurred_at).total_seconds() / self.rate

    def of(self, share: Assignment) -> Habit:
        """The habit with which this department handles this round of this dispatch."""
        first = share.role is Role.LEAD and share.round == 1
        if self.late_p and first and self.left_s(share) < PRESSING_S:
            late = self.draw("late", share).random() < self.late_p
            return Habit.LATE if late else Habit.PROMPT
        draw = self.draw("habit", share)
        habit = draw.choices(list(self.weights), list(self.weights.values()))[0]
        may_return = (
            share.role is Role.LEAD and share.action is Action.ASSIGNED and share.department not in self.keepers
        )
        if (habit is Habit.RETURNS and not may_return) or (habit is Habit.UNSIGNED and not first):
            return Habit.PROMPT
        return habit

    def draw(self, what: str, share: Assignment) -> Random:
        """A source of chance that belongs to this share of this round."""
        text = f"{self.seed}/{what}/{share.department}/{share.dispatch}/{share.round}"
        return Random(int.from_bytes(blake2b(text.encode(), digest_size=8).digest()))  # noqa: S311


@dataclass(frozen=True, slots=True)
class Step:
    """A report to be sent `after_s` seconds from the receipt."""

    id: str
    after_s: float
    report: Report


def steps(habits: Habits, share: Assignment, received: datetime) -> tuple[Step, ...]:
    """What the department will say about a share it was assigned or told to do again, in order."""
    draw = habits.draw("steps", share)
    signed = draw.uniform(0.1, 0.5)
    contacted = signed + draw.uniform(0.2, 0.6)
    answered = contacted + draw.uniform(0.3, 1.2)
    match habits.of(share):
        case Habit.NEVER:
            plan = []
        case Habit.RETURNS:
            plan = [(ReportKind.SIGNED, signed), (ReportKind.RETURN, contacted)]
        case Habit.SLOW if share.role is Role.LEAD:
            plan = [
                (ReportKind.SIGNED, signed), (ReportKind.CONTACTED, contacted), (ReportKind.EXTENSION, contacted + 0.5),
                (ReportKind.PROGRESS, contacted + 1.5), (ReportKind.RESULT, contacted + 3.0),
            ]  # fmt: skip
        case Habit.SIGNS_LATE:
            plan = [(ReportKind.SIGNED, signed + 2.0), (ReportKind.CONTACTED, contacted + 2.0)]
            plan.append((ReportKind.RESULT, answered + 2.0))
        case Habit.UNSIGNED:
            signed += 36.0
            plan = [(ReportKind.SIGNED, signed), (ReportKind.CONTACTED, signed + 0.3), (ReportKind.RESULT, signed + 1)]
        case Habit.LATE:
            late = (min(PRESSING_S, max(0.0, habits.left_s(share))) * 1.3 + draw.uniform(1.0, 20.0)) / habits.pace
            plan = [(ReportKind.SIGNED, signed), (ReportKind.CONTACTED, contacted), (ReportKind.RESULT, late)]
        case Habit.ANSWERS_TWICE:
            plan = [(ReportKind.SIGNED, signed), (ReportKind.CONTACTED, contacted)]
            plan += [(ReportKind.RESULT, answered), (ReportKind.RESULT, answered + 0.1)]
        case _:
            plan = [(ReportKind.SIGNED, signed), (ReportKind.CONTACTED, contacted), (ReportKind.RESULT, answered)]
    made = [_step(habits, share, received, place, kind, after) for place, (kind, after) in enumerate(plan)]
    if habits.of(share) is Habit.ANSWERS_TWICE:
        made.append(Step(made[-2].id, made[-2].after_s * 1.0 + 0.2 * habits.pace, made[-2].report))
    return tuple(made)


def _step(habits: Habits, share: Assignment, received: datetime, place: int, kind: ReportKind, after: float) -> Step:
    after *= habits.pace
    at = received + timedelta(seconds=after)
    said = _SAYS[kind](habits.draw(kind, share), at)
    handler = habits.draw("handler", share).choice(_HANDLERS)
    report = Report(dispatch=share.dispatch, kind=kind, at=at, round=share.round, handler=handler, **said)
    return Step(derived_id(share.department, share.dispatch, share.seq, kind, place), after, report)


_HANDLERS = ("张主任", "李科长", "王干事", "刘队长", "陈站长", "赵书记")
_DID = ("现场核实", "约谈当事人", "联合执法检查", "安排抢修", "组织协调会", "查阅档案")
_REPLIES = (
    "您好，您反映的问题已处理完毕，如仍有疑问可随时来电。",
    "您好，经核实，您反映的情况属实，现已整改到位。感谢您的监督。",
    "您好，已按政策向您作出解释，并为您登记办理。",
)
_UNSOLVED = "涉及历史遗留问题，已列入计划分步解决"


def _signed(draw: Random, at: datetime) -> dict[str, Any]:
    return {}


def _contacted(draw: Random, at: datetime) -> dict[str, Any]:
    return {"contacted": True, "contacted_at": at, "note": "已电话联系来电人，核实诉求。"}


def _progress(draw: Random, at: datetime) -> dict[str, Any]:
    return {"note": f"正在办理：已{draw.choice(_DID)}。"}


def _result(draw: Random, at: datetime) -> dict[str, Any]:
    solved = draw.random() < 0.9
    return {
        "note": f"已{draw.choice(_DID)}，办理完毕。",
        "public_reply": draw.choice(_REPLIES),
        "contacted": True,
        "contacted_at": at,
        "founded": draw.random() < 0.8,
        "solved": solved,
        "unsolved_reason": "" if solved else _UNSOLVED,
    }


def _return(draw: Random, at: datetime) -> dict[str, Any]:
    reasons = (ReturnReason.NOT_OURS, ReturnReason.WRONG_AREA, ReturnReason.INSUFFICIENT)
    return {"reason": draw.choice(reasons), "note": "经核实，不属于本单位职责范围。"}


def _extension(draw: Random, at: datetime) -> dict[str, Any]:
    return {"extend_days": draw.randint(3, 10), "note": "需多方协调，申请延期。"}


_SAYS: dict[ReportKind, Callable[[Random, datetime], dict[str, Any]]] = {
    ReportKind.SIGNED: _signed,
    ReportKind.CONTACTED: _contacted,
    ReportKind.PROGRESS: _progress,
    ReportKind.RESULT: _result,
    ReportKind.RETURN: _return,
    ReportKind.EXTENSION: _extension,
}
