"""The marks of one run: what each that was recorded did, and which lie ahead. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from deploy.explain.explanation import Heard, MarkSaid, StepTaken
from schemas.case import Case
from schemas.clock import ClockRun
from schemas.fact import Fact
from schemas.notice import Notice, NoticeKind
from streams.domain.deadlines import ORDER, Mark
from streams.domain.replaying import History
from streams.domain.timetable import Timed, Timetable


def recorded(
    history: History, case: Case | None, notices: Sequence[Notice], taken: Sequence[StepTaken]
) -> Iterator[MarkSaid]:
    """Those on record, in the order of the journal. `notices`: about this dispatch, as far as they are still kept."""
    run = history.run
    for fact in history.marks:
        mark = str(fact.details["mark"])
        sent = bool(fact.details.get("sent"))
        told = tuple(_heard(fact, mark, history, notices))
        held_until = None if sent or told else _held_until(run, mark, case)
        yield MarkSaid(
            mark=mark,
            instant=datetime.fromisoformat(str(fact.details["instant"])),
            recorded_at=fact.occurred_at,
            late_s=int(fact.details.get("late_s") or 0),
            late=bool(fact.details.get("late")),
            cause=str(fact.details.get("cause") or ""),
            sent=sent,
            told=told,
            held_until=held_until,
            stands=held_until is not None and run.paused,
            instead="" if sent or told else _instead(fact, history),
            at_the_end=history.over is not None and history.over.cause == fact.cause and not sent,
            rearmed=any(mark in names and fact.seq < moved.seq for moved, names in history.rearmed),
            steps=tuple(
                one for one in taken
                if (one.clock, one.mark) == (run.clock, mark) and one.at >= fact.occurred_at
                and (run.holder is None or one.department == run.holder) and not _later(fact, one, history)
                and (history.over is None or one.at <= history.over.occurred_at)
            ),
        )  # fmt: skip


def ahead(run: ClockRun, timed: Timed | None, timetable: Timetable) -> Iterator[MarkSaid]:
    """Those of an open run that nobody has recorded."""
    for mark, instant in timetable.marks(run, timed):
        if mark not in run.fired:
            yield MarkSaid(mark, instant)


def _heard(fact: Fact, mark: str, history: History, notices: Sequence[Notice]) -> Iterator[Heard]:
    """Told at once, by a notice that belongs to this very fact; or later, in the digest of the morning."""
    over = history.over
    for notice in notices:
        if notice.kind is not NoticeKind.MARK or notice.clock != history.run.clock or notice.mark != mark:
            continue
        if over is not None and notice.seq > max(over.seq, fact.seq):
            continue
        digest = notice.digest is not None and notice.seq >= fact.seq and not fact.details.get("sent")
        if notice.seq == fact.seq or digest:
            yield Heard(notice.audience, notice.department or "", notice.occurred_at, notice.channels, digest)


def _held_until(run: ClockRun, mark: str, case: Case | None) -> datetime | None:
    waiting = () if case is None else case.held
    return next((one.until for one in waiting if (one.clock, one.holder, one.mark) == (run.clock, run.holder, mark)),
                None)  # fmt: skip


def _instead(fact: Fact, history: History) -> str:
    """The highest that was passed at the same time, where that is another."""
    together = [str(one.details["mark"]) for one in history.marks if one.cause == fact.cause]
    highest = max(together, key=lambda mark: ORDER[Mark(mark)])
    return "" if highest == fact.details["mark"] else highest


def _later(fact: Fact, step: StepTaken, history: History) -> bool:
    """Whether the step belongs to a later record of the same mark."""
    again = [one for one in history.marks if one.seq > fact.seq and one.details["mark"] == fact.details["mark"]]
    return any(one.occurred_at <= step.at for one in again)
