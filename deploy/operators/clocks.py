"""The open clocks and the steps of supervision of a row, for people. Names as far as the county is known."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from rich.table import Table

from deploy.console import t
from deploy.explain.words import brief, end
from deploy.explain.wrapping import Wrapped
from deploy.operators.words import clock_word, mark_word, rung_word
from schemas.case import Case
from schemas.clock import ClockRun
from streams.domain.supervision import Taken
from streams.domain.tally import Band, band
from streams.domain.timetable import Timetable

Names = Mapping[str, str]
"""Department code -> name."""

BANDS: dict[Band, tuple[str, str]] = {
    Band.LT50: ("未过半", "under 50 %"),
    Band.LT75: ("过半", "50 to 75 %"),
    Band.LT90: ("过75%", "75 to 90 %"),
    Band.LT100: ("将到期", "over 90 %"),
    Band.BREACHED: ("已逾期", "overdue"),
}


def band_word(which: Band) -> str:
    """How much of a clock's time is used."""
    return t(*BANDS[which])


def clocks(case: Case, names: Names, timetable: Timetable | None, zone: ZoneInfo) -> Table:
    """One row for each open run: whose, due when, how much is used, what comes next."""
    table = Table(box=None, pad_edge=False)
    for words in (t("时限", "clock"), t("轮次", "round"), t("到期", "due"), t("进度", "used")):
        table.add_column(words, no_wrap=True)
    for words in (t("下一标记", "next mark"), t("承办", "department")):
        table.add_column(words, overflow="fold")
    for run in sorted(case.clocks, key=lambda one: one.due):
        used = t("暂停中", "paused") if run.paused else band_word(band(run))
        due = end(run.due, zone) + (t(" 暂定", " PROVISIONAL") if run.provisional else "")
        holder = names.get(run.holder, run.holder) if run.holder else ""
        overdue = band(run) is Band.BREACHED
        table.add_row(
            clock_word(run.clock), str(run.round), due, used, Wrapped(_next(run, timetable, zone)), Wrapped(holder),
            style="red" if overdue else "yellow" if run.paused else "",
        )  # fmt: skip
    return table


def _next(run: ClockRun, timetable: Timetable | None, zone: ZoneInfo) -> str:
    if run.next is None:
        return "-"
    timed = None if timetable is None else timetable.of(run)
    marks = [] if timetable is None or timed is None else timetable.marks(run, timed)
    coming = next((mark for mark, _ in marks if mark not in run.fired), None)
    instant = brief(run.next, zone, run.start.astimezone(zone).year)
    return f"{mark_word(coming)} {instant}" if coming is not None else instant


def steps(case: Case, names: Names) -> Table:
    """The ladder so far."""
    table = Table(box=None, pad_edge=False)
    for words in (t("督办", "supervision"), t("形式", "rung"), t("人数", "persons"), ""):
        table.add_column(words, no_wrap=True)
    table.add_column(t("承办", "department"), overflow="fold")
    for number, step in enumerate(map(Taken.parse, case.steps), 1):
        table.add_row(
            str(number),
            rung_word(step.rung),
            str(step.persons or "-"),
            t("待办", "to be done") if step.open else t("已办", "done"),
            Wrapped(names.get(step.department, step.department)),
        )
    return table
