"""What happens when a clock passes a mark: it is recorded once, people are told, and the ladder takes a step.

Of several marks that passed together, as after an outage, only the highest is told; all are recorded, with the
lateness that was ours.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from schemas.case import Held
from schemas.clock import ClockName, ClockRun, LateCause
from schemas.dispatch import Urgency
from schemas.fact import Actor, FactKind
from schemas.notice import Audience, NoticeKind
from streams.domain.built import built, changed
from streams.domain.deadlines import GRAVE, Mark, Telling
from streams.domain.draft import Draft, instant_text
from streams.domain.quiet import until
from streams.domain.runs import Clocks, Passed
from streams.domain.supervision import climb

LATE_SECONDS: Final = 60
"""A mark that is acted on later than this is flagged: something of ours was not running."""

ARRIVED: Final = "arrived"
"""Passed before the dispatch came to the county."""

RETROACTIVE: Final = "retroactive"
"""Passed because a deadline was moved back, not because anybody was late to act."""

OURS: Final = frozenset({ClockName.SIGN, ClockName.ROUTE, ClockName.REVIEW, ClockName.CALLBACK})
"""Clocks of the county centre itself: no department is reminded of them."""

ALL: Final = (Audience.DEPARTMENT, Audience.LEADER, Audience.DUTY_DESK)
TELLING: Final = {
    Mark.P50: Telling(to=(Audience.DEPARTMENT,)),
    Mark.P75: Telling(to=(Audience.DEPARTMENT,)),
    Mark.P90: Telling(to=(Audience.DEPARTMENT, Audience.DUTY_DESK)),
    Mark.YELLOW: Telling(to=(Audience.DEPARTMENT, Audience.LEADER)),
    Mark.BREACH: Telling(to=ALL),
    Mark.RED: Telling(to=ALL),
    Mark.OVERDUE5: Telling(to=ALL),
}
"""Who is told where the county's file does not say."""


def settle(draft: Draft, *, watch: bool) -> None:
    """After a message: record what it made pass, and what is due next.

    `watch`: the instant of the message is one to act at, so that what lies behind it now is told. A department's own
    instant is a claim, and is not.
    """
    clocks = draft.touched_clocks()
    if clocks is None:
        return
    for passed in clocks.missed:
        _record(draft, passed, sent=False, cause=passed.run.late_cause)
    clocks.missed.clear()
    for change in clocks.changes:
        draft.fact(
            FactKind.DEADLINE_CHANGED,
            Actor.BRIDGE,
            {
                "clock": change.run.clock,
                "from": instant_text(change.before),
                "to": instant_text(change.run.due),
                "why": change.why,
            },
            department=change.run.holder,
        )
    if watch:
        _tell(draft, clocks, retroactive=True)
    if draft.round > draft.case.round and draft.case.version:
        climb(draft, None, None)
    _store(draft, clocks)


def act(draft: Draft, calendar: str | None) -> None:
    """A due mark has come: everything that is due at its instant."""
    clocks = draft.clock_book()
    if calendar is not None and draft.calendar != clocks.timetable.calendar.version:
        clocks.recompute("calendar", draft.when)
        draft.calendar = clocks.timetable.calendar.version
        settle(draft, watch=True)
        return
    _tell(draft, clocks, retroactive=False)
    _release(draft, clocks)
    _store(draft, clocks)


def _tell(draft: Draft, clocks: Clocks, *, retroactive: bool) -> None:
    for _, group in groupby(clocks.passed(draft.when), key=lambda one: (one.run.clock, one.run.holder)):
        marks = list(group)
        run, highest = marks[-1].run, marks[-1].mark
        cause = run.late_cause or (_why(draft, run) if retroactive else None)
        # of a lower mark there is nothing to say, but the step it opens is told, and waits with the reminder
        free_at = _free_at(draft, clocks, highest)
        for one in marks:
            told = one.mark is highest and free_at is None
            late = _record(draft, one, sent=told, cause=cause)
            if free_at is not None:
                held = {"until": free_at, "clock": run.clock, "holder": run.holder, "mark": one.mark}
                draft.held = (*draft.held, built(Held, held))
                continue
            if told:
                _say(draft, clocks, run, one.mark, late_s=late)
            climb(draft, run, one.mark)


def _why(draft: Draft, run: ClockRun) -> str | None:
    """Why a message finds it passed; None where the message has not touched the run: it is we who are late."""
    key = run.clock, run.holder, run.round
    before = next((one for one in draft.case.clocks if (one.clock, one.holder, one.round) == key), None)
    if before is None:
        return ARRIVED
    same = (before.due, before.rule, before.pauses) == (run.due, run.rule, run.pauses)
    return None if same else RETROACTIVE


def _free_at(draft: Draft, clocks: Clocks, mark: Mark) -> datetime | None:
    """When it may be said, where that is not now."""
    if mark in GRAVE or draft.urgency is Urgency.CRITICAL:
        return None
    return until(draft.when, clocks.timetable.deadlines.quiet, clocks.timetable.calendar.zone)


def _record(draft: Draft, passed: Passed, *, sent: bool, cause: str | None) -> int:
    """The fact; answers the lateness that was ours, in seconds."""
    run, mark, instant = passed
    late = max(0, int((draft.when - instant).total_seconds())) if cause in {None, LateCause.BRIDGE} else 0
    details: dict[str, str | int | bool | None] = {
        "clock": run.clock, "mark": mark, "instant": instant_text(instant), "due": instant_text(run.due),
        "late_s": late, "late": late > LATE_SECONDS, "sent": sent, "cause": cause,
    }  # fmt: skip
    draft.fact(FactKind.MARKED, Actor.BRIDGE, details, department=run.holder)
    return late


def _say(
    draft: Draft, clocks: Clocks, run: ClockRun, mark: Mark, *, late_s: int = 0, digest: str | None = None
) -> None:
    """A notice to each audience; the county centre alone where it is the centre's own clock, or nobody leads."""
    telling = clocks.timetable.deadlines.notices.get(mark, TELLING[mark])
    lead = draft.lead()
    department = run.holder or (None if lead is None else lead.department)
    if run.clock in OURS or department is None:
        audiences: Sequence[Audience] = (Audience.DUTY_DESK,)
    else:
        audiences = telling.to
    for audience in audiences:
        draft.notice(
            NoticeKind.MARK,
            department=department,
            audience=audience,
            clock=run.clock,
            mark=mark,
            late_s=late_s,
            due_at=_due_for(draft, run, audience),
            channels=telling.channels,
            digest=digest,
        )


def _due_for(draft: Draft, run: ClockRun, audience: Audience) -> datetime | None:
    """The handling clock is over earlier for the department than for the county; any other at its deadline."""
    if run.clock is ClockName.HANDLING and audience is not Audience.DUTY_DESK:
        return draft.due_for_department()
    return run.due


def _release(draft: Draft, clocks: Clocks) -> None:
    """The quiet hours are over: of each clock that still runs the highest reminder that waited, as part of a digest;
    and the steps that were to be taken with them. A clock that stands still keeps them until it goes on."""
    free = [held for held in draft.held if held.until <= draft.when and not _stands(clocks, held)]
    if not free:
        return
    draft.held = tuple(held for held in draft.held if held not in free)
    highest = {(held.clock, held.holder): held for held in free}
    for held in free:
        run = clocks.run(held.clock, held.holder)
        if run is None or held.mark not in run.fired or Mark.BREACH in run.fired:
            continue
        if (free_at := _free_at(draft, clocks, Mark(held.mark))) is not None:
            draft.held = (*draft.held, changed(held, {"until": free_at}))
            continue
        if highest[held.clock, held.holder] is held:
            _say(draft, clocks, run, Mark(held.mark), digest=instant_text(held.until))
        climb(draft, run, Mark(held.mark))


def _stands(clocks: Clocks, held: Held) -> bool:
    run = clocks.run(held.clock, held.holder)
    return run is not None and run.paused


def _store(draft: Draft, clocks: Clocks) -> None:
    """Into the row; a new generation where something else is due next."""
    due = clocks.next_due()
    draft.clocks, draft.ended = tuple(clocks.runs.values()), tuple(clocks.ended)
    if not draft.case.clocks:
        # what was open stays marked as computed by an earlier calendar until all of it is computed anew
        draft.calendar = clocks.timetable.calendar.version
    if draft.held:
        draft.held = tuple(held for held in draft.held if (held.clock, held.holder) in clocks.runs)
        waiting = [held.until for held in draft.held if not _stands(clocks, held)]
        due = min(waiting if due is None else [due, *waiting], default=due)
    if due != draft.due:
        draft.due = due
        draft.gen += 1
