"""The clocks on the last screen: how each ended, the ladder of supervision, and one dispatch explained."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from deploy.console import t
from deploy.county import County
from deploy.demo.hastened import widened
from deploy.demo.reckoning import Reckoned
from deploy.explain.explaining import explain
from deploy.explain.explanation import ClockSaid
from deploy.explain.rules import lines
from deploy.explain.show import shown
from deploy.explain.words import weekday
from deploy.operators.kafka import read
from deploy.operators.timeline import timeline
from deploy.operators.words import clock_word, rung_word
from schemas.clock import ClockName, ClockOutcome
from schemas.codec import decode
from schemas.kafka import KafkaSettings
from schemas.notice import Notice
from schemas.order import Rung
from schemas.topics import NOTICES, partition_of
from streams.domain.calendar import Calendar, Why
from streams.domain.deadlines import Mark

TOLD = 1
"""Clocks of the explained dispatch that are shown: all of them are seven a round."""


def clocks_table(found: Reckoned) -> RenderableType:
    """Per clock how its runs ended; then the ladder, and what is different here."""
    table = Table(
        t("时限", "clock"), t("按时", "in time"), t("逾期办结", "late"), t("在办", "open"), t("在办已逾期", "overdue"),
        t("取消、剔除", "cancelled"), box=None, pad_edge=False,
    )  # fmt: skip
    for column in table.columns[1:]:
        column.justify = "right"
    for clock, outcomes in found.outcomes.items():
        none = outcomes.get(ClockOutcome.CANCELLED, 0) + outcomes.get(ClockOutcome.EXCLUDED, 0)
        told = [outcomes.get(one, 0) for one in _SHOWN]
        table.add_row(clock_word(clock), *(f"{number:,}" for number in (*told, none)))
    ladder = "，".join(_rung(rung, found) for rung in found.ladder) or t("无", "none")
    text = Text.assemble(
        (t("督办：", "supervision: "), "bold"),
        ladder if t("zh", "en") == "zh" else ladder.replace("，", ", "),
        t(f"；延期 {found.extended} 件次", f"; extensions granted: {found.extended}"),
    )
    marks = t(
        f"标记 {found.marks:,} 次，丢失 {found.marks_lost}，重复 {found.marks_twice}；"
        f"程序中断使其晚于 2 秒的 {found.late} 次；{found.breached} 件派单有时限到期",
        f"{found.marks:,} marks, lost: {found.marks_lost}, twice: {found.marks_twice}; more than 2 s late while "
        f"something was down: {found.late}; dispatches with a clock that ran out: {found.breached}",
    )
    return Group(table, Text(""), text, Text(marks, "green" if found.good else "bold red"), Text(widened(), "dim"))


def explained(
    kafka: KafkaSettings, county: County, dispatch: str, names: Mapping[str, str], at: datetime
) -> RenderableType:
    """What `paidan sla explain` says of it, shortened to the clocks that matter. Raises UserError, GapError."""
    timetable = county.timetable
    if timetable is None:
        return Text("")
    known, key = timeline(kafka, dispatch), dispatch.encode()
    notices = [
        decode(Notice, record.value, checked=True)
        for record in read(kafka, NOTICES, [partition_of(key)])
        if record.key == key
    ]
    each = {(one.seq, one.kind, one.audience, one.department): one for one in notices}
    title = "" if known.dispatch is None else known.dispatch.title
    said = explain(
        dispatch, known.facts, known.case, list(each.values()), timetable, lines(county.folder), at=at, title=title
    )
    few = sorted(said.clocks, key=_weight, reverse=True)[:TOLD]
    left = len(said.clocks) - len(few)
    return Group(
        shown(replace(said, clocks=tuple(one for one in said.clocks if one in few)), names, timetable.calendar.zone),
        *_make_up_days(few, timetable.calendar),
        Text(t(f"其余 {left} 个时限：", f"its other {left} clocks: ") + f"paidan sla explain {dispatch}", "dim"),
    )


def _make_up_days(clocks: Iterable[ClockSaid], calendar: Calendar) -> Iterator[Text]:
    """A red card on a day of rest that is worked: what a plain calendar has wrong."""
    for day in {calendar.date_of(mark.instant) for one in clocks for mark in one.marks if mark.mark == Mark.RED}:
        if calendar.why(day).why is Why.MAKE_UP:
            yield Text(
                t(
                    f"{day.month}月{day.day}日{weekday(day)}调休上班，红牌当天亮起；按平常的周末要到周一",
                    f"{day.day} {day:%b}{weekday(day)} is a make-up day: the red card does not wait for Monday",
                ),
                "yellow",
            )


_SHOWN = (ClockOutcome.MET, ClockOutcome.MET_LATE, ClockOutcome.OPEN_IN_TIME, ClockOutcome.OPEN_OVERDUE)


def _rung(rung: Rung, found: Reckoned) -> str:
    times, persons = found.ladder[rung].times, found.ladder[rung].persons
    words = t(f"{rung_word(rung)} {times} 次", f"{rung_word(rung)} {times}")
    return words + (t(f" {persons} 人", f" ({persons} persons)") if persons else "")


def _weight(one: ClockSaid) -> tuple[bool, bool, int]:
    breached = any(mark.mark == Mark.BREACH and mark.recorded_at is not None for mark in one.marks)
    return one.clock is ClockName.HANDLING and breached, breached, one.round
