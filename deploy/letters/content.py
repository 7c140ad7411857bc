"""What a letter of supervision says: taken from the facts of one dispatch. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from schemas.clock import ClockName
from schemas.dispatch import UNKNOWN_CATEGORY, Dispatch, Kind, Urgency
from schemas.fact import Actor, Fact, FactKind
from schemas.order import Rung
from streams.domain import masking
from streams.domain.calendar import Calendar
from streams.domain.deadlines import Basis, Mark
from streams.domain.runs import Clocks
from streams.domain.sla import take
from streams.domain.spans import day_of
from streams.domain.timetable import Timetable
from streams.domain.visibility import for_notice

ANSWER_WITHIN: Final[Mapping[Rung, int]] = {Rung.WRITTEN: 1, Rung.ONSITE: 1, Rung.INTERVIEW: 3}
"""Working days after the letter's date, to the close of office. A telephone call has no letter."""


class NoLetter(StrEnum):
    """Why there is none."""

    NOTHING = "nothing"
    """No step of supervision has been taken."""
    NO_SUCH_STEP = "no_such_step"
    BY_PHONE = "by_phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter. Instants are UTC; the calendar knows the county's wall clock."""

    rung: Rung
    number: str
    """Of the letter: the dispatch's number, and which one of them it is."""
    step: int
    """Which step of supervision over this dispatch it is, of all rungs; from 1."""
    centre: str
    """Who signs it."""
    to: str
    """The department's name."""
    dispatch: str
    """The city's number."""
    title: str
    clock: ClockName
    mark: Mark | None
    """The one that called for it; None: a person did."""
    due: datetime | None
    issued: datetime
    answer_by: datetime
    whom: str | None = None
    persons: int = 0
    answer: str = ""
    by: str | None = None
    """The person who took the step; None while nobody has."""


def letter_of(
    facts: Sequence[Fact],
    dispatch: Dispatch | None,
    step: int | None,
    *,
    centre: str,
    names: Mapping[str, str],
    timetable: Timetable,
) -> Letter | NoLetter:
    """The letter of a step, of the last one that has a letter where none is named.

    `facts`: of one dispatch, all of them, in order. `names`: department code -> name. A step that a rule opened and a
    person took has two facts: the letter is dated by the first, and records what the second says.
    """
    taken = [fact for fact in facts if fact.fact is FactKind.SUPERVISED]
    if not taken:
        return NoLetter.NOTHING
    if step is None:
        lettered = [fact for fact in taken if _rung(fact) is not Rung.PHONE]
        if not lettered:
            return NoLetter.BY_PHONE
        step = _number(lettered[-1], "step")
    of_step = [fact for fact in taken if _number(fact, "step") == step]
    if not of_step:
        return NoLetter.NO_SUCH_STEP
    opened, last = of_step[0], of_step[-1]
    if (rung := _rung(opened)) is Rung.PHONE:
        return NoLetter.BY_PHONE
    number, calendar = opened.dispatch.partition(":")[2], timetable.calendar
    code = _text(opened, "to") or opened.department or ""
    clock = ClockName(_text(opened, "clock") or ClockName.HANDLING)
    mark = _text(opened, "mark")
    answer_day = calendar.offset(calendar.date_of(opened.occurred_at), ANSWER_WITHIN[rung]).day
    caller = None if dispatch is None else dispatch.caller
    return Letter(
        rung=rung,
        number=_text(opened, "no") or f"{number}-{step}",
        step=step,
        centre=centre,
        to=names.get(code, code),
        dispatch=number,
        title="" if dispatch is None else for_notice(dispatch),
        clock=clock,
        mark=Mark(mark) if mark in set(Mark) else None,
        due=_due([fact for fact in facts if fact.seq < opened.seq], clock, mark, code, timetable),
        issued=opened.occurred_at,
        answer_by=calendar.closes(answer_day),
        whom=_text(last, "whom") or None,
        persons=_number(last, "persons"),
        answer=masking.identity(_text(last, "answer"), caller),
        by=last.by if last.actor is Actor.OPERATOR else None,
    )


def _due(before: Sequence[Fact], clock: ClockName, mark: str, holder: str, timetable: Timetable) -> datetime | None:
    """The deadline that the mark was one of, as it was recorded; of a person's step, what the facts before it give."""
    for fact in reversed(before):
        of_clock = fact.fact is FactKind.MARKED and _text(fact, "clock") == clock and fact.department in (None, holder)
        if of_clock and _text(fact, "mark") == mark and _text(fact, "due"):
            return datetime.fromisoformat(_text(fact, "due"))
    clocks = Clocks(timetable, (), (), Basis(Urgency.NORMAL, Kind.OTHER, UNKNOWN_CATEGORY, None))
    for fact in before:
        take(clocks, fact)
    run = clocks.run(clock) or clocks.run(clock, holder)
    return None if run is None else run.due


def overdue(due: datetime | None, at: datetime, calendar: Calendar) -> str:
    """How long it was overdue then: `3个工作日`, `2小时5分钟` below one working day; empty where it was not."""
    if due is None or at <= due:
        return ""
    if days := calendar.between(day_of(due, calendar), calendar.date_of(at)).days:
        return f"{days}个工作日"
    hours, minutes = divmod((at - due) // timedelta(minutes=1), 60)
    return (f"{hours}小时" if hours else "") + (f"{minutes}分钟" if minutes or not hours else "")


def _rung(fact: Fact) -> Rung:
    return Rung(_text(fact, "rung"))


def _text(fact: Fact, name: str) -> str:
    value = fact.details.get(name)
    return "" if value is None else str(value)


def _number(fact: Fact, name: str) -> int:
    value = fact.details.get(name)
    return value if isinstance(value, int) else 0
