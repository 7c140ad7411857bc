"""An explanation on a terminal, and as one JSON object."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from deploy.console import language, t
from deploy.explain.explanation import ClockSaid, Explanation
from deploy.explain.mark_sentences import Names, mark_line, step_line
from deploy.explain.sentences import as_of, clock_lines, counted, day_lines, title
from deploy.explain.words import DIFFERENCES, brief
from deploy.explain.wrapping import Wrapped
from deploy.operators.words import mark_word, state_word
from schemas.clock import ClockOutcome

STYLES: Final = {
    ClockOutcome.MET: "green",
    ClockOutcome.OPEN_IN_TIME: "cyan",
    ClockOutcome.MET_LATE: "red",
    ClockOutcome.OPEN_OVERDUE: "red",
    ClockOutcome.CANCELLED: "bright_black",
    ClockOutcome.EXCLUDED: "bright_black",
}
LABEL: Final = {"zh": 8, "en": 11}
"""Columns for labels: the longest word."""


def shown(said: Explanation, names: Names, zone: ZoneInfo) -> Group:
    """Readable from 80 columns on."""
    parts: list[RenderableType] = [_head(said, zone)]
    parts += [_clock(one, said, names, zone) for one in said.clocks]
    if not said.clocks:
        parts.append(Text(t("没有计时：该派单没有时限规则，或早于时限功能", "no clock runs for it")))
    if said.steps:
        grid = Table.grid(padding=(0, 1))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for step in said.steps:
            grid.add_row(f"{step.number}.", Wrapped(step_line(step, names, zone)))
        parts.append(Panel(grid, title=t("督办", "supervision"), title_align="left", border_style="yellow"))
    return Group(*parts)


def _head(said: Explanation, zone: ZoneInfo) -> RenderableType:
    grid = _grid()
    grid.add_row(t("派单", "dispatch"), said.dispatch)
    if said.title:
        grid.add_row(t("标题", "title"), said.title)
    grid.add_row(t("状态", "state"), f"{state_word(said.state)}  {as_of(said.at, zone)}")
    grid.add_row(t("日历", "calendar"), t(f"公布到 {said.covered_to}", f"published to {said.covered_to}"))
    if said.other_calendar:
        grid.add_row(
            t("注意", "note"),
            Wrapped(t("记录是按另一版日历算的；下面按现在的日历", "on record it is by another calendar than this")),
            style="yellow",
        )
    if said.differs:
        what = t("、", ", ").join(t(*DIFFERENCES[one]) for one in said.differs)
        text = t(
            f"记录与按现行规则复算的不符：{what}。规则改过，或记录有误；下面是复算的",
            f"on record it is otherwise: {what}. The rules were changed, or the record is wrong; here: rules of now",
        )
        grid.add_row(t("注意", "note"), Wrapped(text), style="bold yellow")
    if said.provisional:
        loud = t(
            "以下有暂定时限：日历尚未公布到末日，时限可能改变", "some deadlines below are PROVISIONAL and may change"
        )
        grid.add_row(Text(t("暂定", "PROVISIONAL"), "bold white on red"), Text(loud, "bold red"))
    return grid


def _clock(one: ClockSaid, said: Explanation, names: Names, zone: ZoneInfo) -> Panel:
    grid = _grid()
    for label, text in clock_lines(one, names, zone, said.covered_to.isoformat()):
        style = "bold red" if label == t("暂定", "PROVISIONAL") else "bold" if label == t("时限", "due") else ""
        grid.add_row(label, Wrapped(text), style=style)
        if label == t("依据", "rule") and one.days:
            grid.add_row(t("计日", "days"), _days(one))
    if one.marks:
        grid.add_row(t("标记", "marks"), _marks(one, names, zone))
    style = "yellow" if one.paused else STYLES[one.outcome]
    return Panel(grid, title=title(one, names), title_align="left", border_style=style)


def _days(one: ClockSaid) -> Table:
    table = Table.grid(padding=(0, 2))
    for row in day_lines(one):
        table.add_row(*row)
    if total := counted(one):
        table.add_row("", "", Text(total, "bold"))
    return table


def _marks(one: ClockSaid, names: Names, zone: ZoneInfo) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    year = one.start.astimezone(zone).year
    for mark in one.marks:
        did = Wrapped(mark_line(mark, names, zone))
        ahead = mark.recorded_at is None
        name, instant = mark_word(mark.mark), brief(mark.instant, zone, year)
        table.add_row(name, instant, did, style="bright_black" if ahead else "")
    return table


def _grid() -> Table:
    grid = Table.grid(padding=(0, 1), expand=True)
    grid.add_column(width=LABEL[language()], no_wrap=True, style="bold")
    grid.add_column(ratio=1, overflow="fold")
    return grid


def plain(said: Explanation, names: Names, zone: ZoneInfo) -> dict[str, Any]:
    """One JSON object: the values, and beside each clock the sentences."""
    whole = {"provisional": said.provisional, **_mapping(said)}
    whole["clocks"] = [
        {
            **_mapping(one),
            "binds": one.binds,
            "paused": one.paused,
            "title": title(one, names),
            "words": [t("：", ": ").join(line) for line in clock_lines(one, names, zone, f"{said.covered_to}")],
            "day_words": [" ".join(row) for row in day_lines(one)],
            "marks": [{**_mapping(mark), "words": mark_line(mark, names, zone)} for mark in one.marks],
        }
        for one in said.clocks
    ]
    return whole


def _mapping(value: Any) -> dict[str, Any]:
    return {field.name: _value(getattr(value, field.name)) for field in fields(value)}


def _value(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case BaseModel():
            return value.model_dump(mode="json", exclude_none=True)
        case Mapping():
            return {str(key): _value(item) for key, item in value.items()}
        case tuple() if hasattr(value, "_asdict"):
            return {name: _value(item) for name, item in value._asdict().items()}
        case tuple() | list():
            return [_value(item) for item in value]
        case _:
            return _mapping(value) if is_dataclass(value) else value
