"""From facts, row and notices of one dispatch to what is to be said of its clocks. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from deploy.explain.days import days
from deploy.explain.explanation import ClockSaid, Explanation, Moved, RuleSaid, StepTaken, Stood
from deploy.explain.marks import ahead, recorded
from deploy.explain.rules import FILE, Lines
from deploy.explain.steps import steps
from schemas.case import Case, State
from schemas.clock import ClockName, ClockOutcome
from schemas.fact import Fact, FactKind
from schemas.notice import Notice
from streams.domain.deadlines import Mark
from streams.domain.replaying import History, differences, replay, skipped
from streams.domain.spans import deadline, units_between
from streams.domain.timetable import Timed, Timetable

WALKED_DAYS = 1500
"""Days are listed one by one up to here: no county's deadline is longer."""


def explain(
    dispatch: str,
    facts: Sequence[Fact],
    case: Case | None,
    notices: Sequence[Notice],
    timetable: Timetable,
    lines: Lines,
    *,
    at: datetime,
    title: str = "",
) -> Explanation:
    """`facts`: all of the dispatch, in order. Raises GapError where one is missing."""
    taken = steps(facts)
    replayed = replay(facts, timetable)
    clocks = [_clock(one, case, notices, taken, timetable, lines, at) for one in replayed.histories]
    order = {clock: number for number, clock in enumerate(ClockName)}
    calendar = timetable.calendar
    return Explanation(
        dispatch=dispatch,
        title=title,
        state=facts[-1].state if facts else State.RECEIVED,
        at=at,
        covered_to=calendar.last,
        calendar=calendar.version,
        other_calendar=case is not None and bool(case.calendar) and case.calendar != calendar.version,
        differs=() if case is None or skipped(case, facts, timetable) else tuple(differences(case, facts, timetable)),
        clocks=tuple(sorted(clocks, key=lambda one: (one.round, order[one.clock], one.start))),
        steps=taken,
    )


def _clock(
    history: History,
    case: Case | None,
    notices: Sequence[Notice],
    taken: Sequence[StepTaken],
    timetable: Timetable,
    lines: Lines,
    at: datetime,
) -> ClockSaid:
    run = history.run
    timed = timetable.of(run)
    open_run = history.outcome is None
    ended = None if history.over is None else max(history.over.occurred_at, run.start)
    said = ClockSaid(
        clock=run.clock,
        round=run.round,
        holder=run.holder or "",
        start=run.start,
        begun=history.begun,
        rule=_rule(run.clock, run.rule, timed, timetable, lines),
        pauses=_pauses(history, timed),
        extended=run.extended,
        moves=tuple(_moves(history, timetable)),
        days=(),
        ours=None,
        city=run.city,
        due=run.due,
        original=run.original if run.original != run.due else None,
        department_due=None,
        margin=None,
        provisional=run.provisional,
        late_cause=run.late_cause,
        marks=(
            *recorded(history, case, notices, taken),
            *(ahead(run, timed, timetable) if open_run and not run.paused else ()),
        ),
        outcome=history.outcome
        or (ClockOutcome.OPEN_OVERDUE if at > run.due or Mark.BREACH in run.fired else ClockOutcome.OPEN_IN_TIME),
        reason=history.reason,
        ended=ended,
        over=history.over,
    )
    return said if timed is None else _computed(said, history, timed, timetable)


def _computed(said: ClockSaid, history: History, timed: Timed, timetable: Timetable) -> ClockSaid:
    """With our own deadline, the days that led to it, and the department's."""
    run = history.run
    pauses = [(one.since, one.to) for one in run.pauses if one.to is not None]
    extra = run.extended + sum(units_between(since, to, timed.terms) for since, to in pauses)
    ours = deadline(run.start, timed.terms, extra).due
    short = (ours - run.start).days <= WALKED_DAYS
    of_department = run.clock is ClockName.HANDLING and not run.paused
    earlier = timetable.department_due(run) if of_department else run.due
    return replace(
        said,
        ours=ours,
        days=days(run.start, ours, timed.terms, extra, pauses) if short else (),
        department_due=earlier if earlier != run.due else None,
        margin=timetable.deadlines.margin if earlier != run.due else None,
    )


def _rule(clock: ClockName, name: str, timed: Timed | None, timetable: Timetable, lines: Lines) -> RuleSaid:
    if timed is None:
        return RuleSaid(name, FILE, 0, None, None)
    return RuleSaid(name, FILE, lines.get((clock, name), 0), timed.terms.amount, timed.terms.day_end)


def _pauses(history: History, timed: Timed | None) -> tuple[Stood, ...]:
    by = {
        change.after.pauses[-1].since: change.fact.by or ""
        for change in history.changes
        if len(change.after.pauses) > len(change.before.pauses)
    }
    return tuple(
        Stood(
            one.since,
            one.to,
            0 if one.to is None or timed is None else units_between(one.since, one.to, timed.terms),
            by.get(one.since, ""),
        )
        for one in history.run.pauses
    )


def _moves(history: History, timetable: Timetable) -> list[Moved]:
    moves = [
        Moved(
            change.fact.occurred_at,
            change.fact.fact,
            change.fact.by or "",
            change.before.due,
            change.after.due,
            _granted(change.fact),
        )
        for change in history.changes
        if change.before.due != change.after.due or change.fact.fact is FactKind.EXTENDED
    ]
    for fact in history.recalculated:
        before, after = (datetime.fromisoformat(str(fact.details[name])) for name in ("from", "to"))
        moves.append(Moved(fact.occurred_at, fact.fact, "", before, after, 0))
    return sorted(moves, key=lambda one: one.at)


def _granted(fact: Fact) -> int:
    return int(fact.details.get("days") or 0) if fact.fact is FactKind.EXTENDED else 0
