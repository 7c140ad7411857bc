"""Extension (申请延期): asked for before the deadline, at most the cap, as often as allowed (domain study 9.4).

A request does not stop the clock. Where the city has set a deadline, the city grants; else the county does.
"""

from schemas.clock import ClockName, ClockRun
from schemas.fact import Actor, FactKind
from schemas.feedback import Timeliness
from streams.domain.deadlines import Mark
from streams.domain.decision import IgnoredReason
from streams.domain.draft import Draft


def handling(draft: Draft) -> ClockRun | None:
    """The handling clock, where it runs."""
    return next((run for run in draft.clocks if run.clock is ClockName.HANDLING), None)


def timeliness(draft: Draft) -> Timeliness | None:
    """How a result that is sent now stands to the handling deadline; None where nobody watches it."""
    run = handling(draft)
    if run is None:
        return None
    if draft.when > run.due or Mark.BREACH in run.fired:
        return Timeliness.OVERDUE
    return Timeliness.EXTENDED if run.grants else Timeliness.IN_TIME


def may_extend(draft: Draft, days: int) -> IgnoredReason | None:
    """Why not; None where it may be asked for. Without a timetable nothing is refused: the city judges."""
    timetable, run = draft.rules.timetable, handling(draft)
    if timetable is None:
        return None
    if run is None:
        return IgnoredReason.ILLEGAL
    rules, timed = timetable.deadlines.extension, timetable.of(run)
    if draft.when > run.due or Mark.BREACH in run.fired:
        return IgnoredReason.LATE_REQUEST
    if run.grants >= rules.times or days > rules.cap or draft.asked_days or timed is None:
        return IgnoredReason.OVER_CAP
    return None


def shown_before_answered(draft: Draft) -> None:
    """The city shows the later deadline that it was asked for, and its answer has not come: that is the grant. Granted
    again when the answer comes, its own deadline would be moved twice."""
    run, due = handling(draft), draft.dispatch.due_at
    if draft.asked_days and run is not None and run.city is not None and due is not None and due > run.city:
        draft.fact(FactKind.EXTENDED, Actor.CITY, {"clock": ClockName.HANDLING, "days": draft.asked_days})
        draft.asked_days = 0


def grant(draft: Draft, days: int, actor: Actor, by: str | None = None) -> None:
    """The handling clock is due later, and who works on it is told."""
    draft.asked_days = 0
    if draft.rules.timetable is None or handling(draft) is None:
        return
    before = draft.clock_book().run(ClockName.HANDLING)
    draft.fact(FactKind.EXTENDED, actor, {"clock": ClockName.HANDLING, "days": days}, by=by)
    after = draft.clock_book().run(ClockName.HANDLING)
    if before is not None and after is not None and before.due != after.due:
        draft.tell_all_amended()
