"""`paidan calendar`: draws a month as the county counts it, and makes the nation's tables from what is published."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer
from rich.table import Table
from rich.text import Text

from deploy import settings
from deploy.console import OK, WRONG, UserError, note, out, t
from deploy.county.calendars import CALENDARS, DEFAULT, load_calendar, year_files
from deploy.county.document import read, validate
from deploy.county.faults import CountyError
from deploy.county.files import CountyFile
from deploy.county.folders import folder_of
from deploy.county.published import Difference, differences, tables, write_changed
from streams.domain.calendar import WARN_DAYS_LEFT, Calendar, Reason, Why

app = typer.Typer(no_args_is_help=True, help=t("工作日历", "the calendar of working days"))

Json = Annotated[bool, typer.Option("--json", help=t("输出一个 JSON 对象", "print one JSON object"))]
Month = Annotated[str | None, typer.Argument(help=t("年-月，如 2026-10，默认本月", "such as 2026-10; this month"))]
County = Annotated[str | None, typer.Option(help=t("县区配置：名称或目录", "county pack: a name or a folder"))]
Named = Annotated[str, typer.Option("--calendar", help=t("日历名称", "the calendar's name"))]
Folder = Annotated[
    Path | None,
    typer.Option("--dir", help=t("写到哪里，默认 PAIDAN_HOME/calendars/cn", "where to; PAIDAN_HOME/calendars/cn")),
]
Accept = Annotated[bool, typer.Option(help=t("两个来源不一致时仍然写入", "write although the two sources disagree"))]

_WEEK: Final = (("一", "Mon"), ("二", "Tue"), ("三", "Wed"), ("四", "Thu"), ("五", "Fri"), ("六", "Sat"), ("日", "Sun"))

_WORDS: Final[dict[Why, tuple[str, str, str]]] = {
    Why.HOLIDAY: ("休", "off", "red"),
    Why.COUNTY_HOLIDAY: ("休", "off", "red"),
    Why.MAKE_UP: ("班", "works", "bold green"),
    Why.COUNTY_WORKING: ("班", "works", "bold green"),
    Why.WEEKEND: ("", "", "dim"),
}
"""Mark and colour of what is not an ordinary working day."""


@app.command(help=t("查看一个月：哪天休，哪天班", "draw a month: which days work"))
def show(month: Month = None, county: County = None, calendar: Named = DEFAULT, json: Json = False) -> None:
    """As the county counts: its own days are laid over the nation's."""
    counted = _calendar(calendar, county or settings.county())
    today = counted.date_of(datetime.now(UTC))
    first = _month(month, today)
    days = [*_days_of(first)]
    if json:
        out(_as_json(counted, first, days, today))
        return
    out(_drawn(counted, first, days))
    for line in _legend(counted, days):
        out(line)
    _tell_coverage(counted, days, today)


@app.command(
    help=t("生成全国日历，并与另一来源逐日核对", "make the nation's tables, checked day by day against another source")
)
def update(directory: Folder = None, accept: Accept = False, json: Json = False) -> None:
    """Exit code 1 where the two sources disagree and `--accept` was not given: then nothing is written.

    Without `--dir` only the years are written that differ from those that come with the program.
    """
    folder = directory or settings.home() / "calendars" / DEFAULT
    before = year_files(folder.name, [folder.parent] if directory else [folder.parent, CALENDARS])
    made = tables()
    disputed = [difference for year in made for difference in differences(year)]
    refused = bool(disputed) and not accept
    written = [] if refused else write_changed(made, folder, before)
    until = date(max(made), 12, 31)
    left = (until - datetime.now(UTC).date()).days
    if json:
        out(
            {
                "folder": str(folder),
                "written": written,
                "differences": [{**each._asdict(), "day": str(each.day)} for each in disputed],
                "refused": refused,
                "covered_until": str(until),
                "days_left": left,
            }
        )
        raise typer.Exit(WRONG if refused else OK)
    if disputed:
        out(_difference_table(disputed))
    if refused:
        note(
            t(
                f"两个来源有 {len(disputed)} 天不一致，未写入；核对国务院办公厅通知后加 --accept",
                f"the sources disagree on {len(disputed)} days, nothing is written; compare the notice, then --accept",
            )
        )
    else:
        years = ", ".join(map(str, written))
        note(t(f"已写入 {folder}：{years}", f"written to {folder}: {years}") if written else t("没有变化", "no change"))
    note(_until(until, left))
    raise typer.Exit(WRONG if refused else OK)


def _calendar(name: str, county: str) -> Calendar:
    try:
        pack = folder_of(county)
        document, faults = read(pack / "county.yaml", "county.yaml")
        file, said = (None, []) if document is None else validate(CountyFile, document)
        if file is None:
            raise CountyError([*faults, *said])
        return load_calendar(name, ZoneInfo(file.time_zone), pack=pack, home=settings.home())
    except CountyError as error:
        raise UserError("\n".join(fault.text() for fault in error.faults)) from error


def _month(asked: str | None, today: date) -> date:
    if asked is None:
        return today.replace(day=1)
    found = re.fullmatch(r"([12]\d{3})-(0?[1-9]|1[0-2])", asked)
    if found is None:
        raise UserError(t(f"“{asked}”不是年-月，如 2026-10", f'"{asked}" is no month, such as 2026-10'))
    return date(int(found[1]), int(found[2]), 1)


def _days_of(first: date) -> Iterator[date]:
    day = first
    while day.month == first.month:
        yield day
        day += timedelta(days=1)


def _drawn(calendar: Calendar, first: date, days: Sequence[date]) -> Table:
    beyond = t("　暂定", ", provisional") if not all(map(calendar.covers, days)) else ""
    title = t(f"{first.year} 年 {first.month} 月", f"{first:%Y-%m}") + beyond
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(t("周", "week"), style="dim", justify="right")
    for zh, en in _WEEK:
        table.add_column(t(zh, en), min_width=6)
    cells = [Text()] * first.weekday() + [_cell(calendar, day) for day in days]
    for number in range(0, len(cells), 7):
        monday = first + timedelta(days=number - first.weekday())
        table.add_row(str(monday.isocalendar().week), *cells[number : number + 7])
    return table


def _cell(calendar: Calendar, day: date) -> Text:
    zh, en, style = _WORDS.get(calendar.why(day).why, ("", "", ""))
    doubt = "" if calendar.covers(day) else "?"
    return Text(f"{day.day:>2}{doubt} {t(zh, en)}".rstrip(), style=style)


def _legend(calendar: Calendar, days: Sequence[date]) -> Iterator[str]:
    """One line for each run of days that have a name."""
    runs: list[tuple[Reason, list[date]]] = []
    for day in days:
        reason = calendar.why(day)
        if not reason.name or reason.why is Why.WORKING:
            continue
        if runs and runs[-1][0] == reason and runs[-1][1][-1] == day - timedelta(days=1):
            runs[-1][1].append(day)
        else:
            runs.append((reason, [day]))
    for reason, run in runs:
        span = f"{run[0]:%m-%d}" if len(run) == 1 else f"{run[0]:%m-%d} – {run[-1]:%m-%d}"
        zh, en, _ = _WORDS[reason.why]
        own = t("（本县）", " (the county's own)") if reason.why in {Why.COUNTY_HOLIDAY, Why.COUNTY_WORKING} else ""
        yield f"{span}  {t(zh, en)}  {reason.name}{own}"
    yield t(f"工作日 {sum(map(calendar.works, days))} 天", f"{sum(map(calendar.works, days))} working days")


def _tell_coverage(calendar: Calendar, days: Iterable[date], today: date) -> None:
    if not all(map(calendar.covers, days)):
        note(
            t(
                "带 ? 的日期不在已公布的日历内：按星期推算，暂定",
                "days with ? are not in the published calendar: by the weekday alone, provisional",
            )
        )
    note(f"{_until(calendar.last, calendar.days_left(today))}  [{calendar.version}]")


def _until(last: date, left: int) -> str:
    said = t(f"日历覆盖至 {last}，还有 {left} 天", f"covered until {last}, {left} days from now")
    if left >= WARN_DAYS_LEFT:
        return said
    return said + t(
        "：请在新通知发布后更新（paidan calendar update，或放入 PAIDAN_HOME/calendars/cn/年份.json）",
        ": update when the notice is out (paidan calendar update, or put <year>.json into PAIDAN_HOME/calendars/cn)",
    )


def _difference_table(disputed: Iterable[Difference]) -> Table:
    table = Table(t("日期", "date"), t("星期", "weekday"), "chinesecalendar", "holidays", box=None, pad_edge=False)
    for difference in disputed:
        said = [t("班", "works") if works else t("休", "off") for works in difference[1:]]
        table.add_row(str(difference.day), t(*_WEEK[difference.day.weekday()]), *said)
    return table


def _as_json(calendar: Calendar, first: date, days: Sequence[date], today: date) -> dict[str, Any]:
    return {
        "month": f"{first:%Y-%m}",
        "calendar": calendar.name,
        "version": calendar.version,
        "time_zone": str(calendar.zone),
        "covered_until": str(calendar.last),
        "days_left": calendar.days_left(today),
        "provisional": not all(map(calendar.covers, days)),
        "working_days": sum(map(calendar.works, days)),
        "days": [
            {
                "date": str(day),
                "works": calendar.works(day),
                "why": calendar.why(day).why.value,
                "name": calendar.why(day).name,
                "covered": calendar.covers(day),
            }
            for day in days
        ],
    }
