"""Supervision (督办): the ladder 电话, 书面, 现场, 约谈, climbed by rule or by a person (domain study 9.8).

A step is recorded the same way whoever opens it. By rule a written one is done when it is opened: its letter can be
printed. The others are open until a person says who was spoken to, and what was answered.
"""

from typing import Final, NamedTuple

from schemas.clock import ClockName, ClockRun
from schemas.fact import Actor, FactKind
from schemas.notice import Audience, NoticeKind
from schemas.order import Order, Rung
from streams.domain.deadlines import Mark, Step
from streams.domain.decision import IgnoredReason
from streams.domain.draft import Draft

RULE: Final = "rule"
OPEN: Final = "open"


class Taken(NamedTuple):
    """One step of a case, as its row keeps it: `rung|department|persons`, and `|open` while a person has to do it."""

    rung: Rung
    department: str
    persons: int
    open: bool

    @classmethod
    def parse(cls, step: str) -> "Taken":
        """From a row."""
        rung, department, persons, *rest = step.split("|")
        return cls(Rung(rung), department, int(persons), rest == [OPEN])

    def text(self) -> str:
        """For a row."""
        parts = [self.rung, self.department, str(self.persons)]
        return "|".join([*parts, OPEN] if self.open else parts)


def climb(draft: Draft, run: ClockRun | None, mark: Mark | None) -> None:
    """Open the steps that the county's rules want when `run` has passed `mark`; without one, when a round begins."""
    timetable = draft.rules.timetable
    if timetable is None:
        return
    for step in timetable.deadlines.supervision:
        if _wanted(draft, step, run, mark):
            _open(draft, step.rung, run, mark)


def _wanted(draft: Draft, step: Step, run: ClockRun | None, mark: Mark | None) -> bool:
    if step.urgency and draft.urgency not in step.urgency:
        return False
    if run is None:
        return step.dissatisfied_rounds is not None and draft.round - 1 == step.dissatisfied_rounds
    return mark in step.marks and (not step.clocks or run.clock in step.clocks)


def _open(draft: Draft, rung: Rung, run: ClockRun | None, mark: Mark | None) -> None:
    lead = draft.lead()
    holder = run.holder if run is not None and run.holder is not None else (lead.department if lead else None)
    if holder is None:
        return
    _record(draft, rung, holder, run.clock if run else None, mark)
    written = sum(Taken.parse(step).rung is Rung.WRITTEN for step in draft.steps)
    timetable = draft.rules.timetable
    for step in timetable.deadlines.supervision if timetable else ():
        if rung is Rung.WRITTEN and step.after_written == written:
            _record(draft, step.rung, holder, run.clock if run else None, mark)


def _record(draft: Draft, rung: Rung, department: str, clock: ClockName | None, mark: Mark | None) -> None:
    opened = Taken(rung, department, 0, rung is not Rung.WRITTEN)
    draft.steps = (*draft.steps, opened.text())
    number = len(draft.steps)
    draft.fact(
        FactKind.SUPERVISED,
        Actor.BRIDGE,
        {"rung": rung, "step": number, "no": letter_number(draft, rung), "to": department, "clock": clock,
         "mark": mark, "open": opened.open},
        department=department,
        by=RULE,
    )  # fmt: skip
    for audience in (Audience.LEADER, Audience.DUTY_DESK):
        draft.notice(
            NoticeKind.SUPERVISION,
            department=department,
            audience=audience,
            clock=clock,
            mark=mark,
            rung=rung,
            step=number,
        )


def letter_number(draft: Draft, rung: Rung) -> str | None:
    """Of a written step: the dispatch's number and which letter about it this is. Nothing has to be counted over all
    dispatches, and no two are alike."""
    if rung is not Rung.WRITTEN:
        return None
    written = sum(Taken.parse(step).rung is Rung.WRITTEN for step in draft.steps)
    return f"{draft.number}-{written}"


def supervise(draft: Draft, order: Order) -> IgnoredReason | None:
    """A person took a step: the open one of that rung, if there is one, else another."""
    if order.rung is None:
        return IgnoredReason.INCOMPLETE
    lead = draft.lead()
    to = order.to[0] if order.to else (lead.department if lead else None)
    if to is None:
        return IgnoredReason.INCOMPLETE
    if to not in draft.rules.names:
        return IgnoredReason.UNKNOWN_DEPARTMENT
    persons = order.persons or 0
    taken = [Taken.parse(step) for step in draft.steps]
    waiting = next(
        (number for number, one in enumerate(taken) if one.open and one.rung is order.rung and one.department == to),
        None,
    )
    done = Taken(order.rung, to, persons, open=False)
    if waiting is None:
        taken.append(done)
        number = len(taken)
    else:
        taken[waiting] = done
        number = waiting + 1
    draft.steps = tuple(one.text() for one in taken)
    draft.fact(
        FactKind.SUPERVISED,
        Actor.OPERATOR,
        {"rung": order.rung, "step": number, "no": letter_number(draft, order.rung), "to": to, "whom": order.whom,
         "persons": persons, "answer": order.answer[:500], "open": False},
        department=to,
        by=order.by,
    )  # fmt: skip
    if waiting is None:
        draft.notice(NoticeKind.SUPERVISION, department=to, audience=Audience.LEADER, rung=order.rung, step=number)
    return None
