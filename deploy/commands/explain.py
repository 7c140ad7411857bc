"""`paidan sla explain ID` and `paidan sla replay`: how each deadline came about, and whether all of them still do."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError
from rich.table import Table

from deploy import settings
from deploy.commands.county import usable
from deploy.console import OK, WRONG, fail, language, note, out, t
from deploy.county import County
from deploy.explain.explaining import explain as explained
from deploy.explain.rules import lines
from deploy.explain.show import plain, shown
from deploy.explain.words import DIFFERENCES
from deploy.operators.kafka import read
from deploy.operators.replaying import Comparison, compare_all
from deploy.operators.timeline import timeline
from schemas.base import DispatchId
from schemas.codec import decode
from schemas.kafka import KafkaSettings
from schemas.notice import Notice
from schemas.topics import NOTICES, partition_of
from streams.domain.fold import GapError
from streams.domain.replaying import Skipped
from streams.domain.timetable import Timetable

MOST = 200
"""Mismatches that are shown to people; `--json` has all."""

_SKIPPED = {
    Skipped.OLDER: ("早于时限功能，未比对", "older than clocks, not compared"),
    Skipped.OTHER_CALENDAR: ("按另一版日历计算，未比对", "computed by another calendar, not compared"),
}

Pack = Annotated[
    str | None, typer.Option("--county", help=t("县区配置：名称或目录", "county pack: a name or a folder"))
]
Json = Annotated[bool, typer.Option("--json", help=t("输出一个 JSON 对象", "print one JSON object"))]


def explain(
    dispatch: Annotated[str, typer.Argument(metavar="ID", help=t("派单编号：来源:市级编号", "source:city number"))],
    county: Pack = None,
    json: Json = False,
) -> None:
    """Each clock of each round: start, rule, days counted and skipped, pauses, deadline, marks, how it ended."""
    try:
        TypeAdapter(DispatchId).validate_python(dispatch)
    except ValidationError:
        fail(t("编号应为 来源:市级编号", "an id is source:number"))
    pack = usable(county)
    kafka, timetable = settings.kafka(), _timetable(pack)
    known = timeline(kafka, dispatch)
    if not known.facts:
        fail(t(f"没有这件派单：{dispatch}", f"no such dispatch: {dispatch}"), WRONG)
    try:
        said = explained(
            dispatch,
            known.facts,
            known.case,
            _notices(kafka, dispatch),
            timetable,
            lines(pack.folder),
            at=datetime.now(UTC),
            title="" if known.dispatch is None else known.dispatch.title,
        )
    except GapError as gap:
        fail(t(f"全程记录不完整，无法解释：{gap}", f"the journal is not complete: {gap}"), WRONG)
    names = department_names(pack)
    zone = timetable.calendar.zone
    out(plain(said, names, zone) if json else shown(said, names, zone))


def replay(county: Pack = None, json: Json = False) -> None:
    """Reads every row and every fact; the same for every case, or exit code 1 and the ids of those that differ."""
    found = compare_all(settings.kafka(), _timetable(usable(county)))
    if json:
        out(
            {
                "cases": found.cases,
                "clocks": found.clocks,
                "equal": found.equal,
                "skipped": {str(reason): found.skipped[reason] for reason in Skipped},
                "mismatches": [one._asdict() for one in found.mismatches],
            }
        )
    else:
        _tell(found)
    raise typer.Exit(WRONG if found.mismatches else OK)


def department_names(county: County) -> dict[str, str]:
    """Code -> name, in the operator's language where there is one."""
    english = language() == "en"
    return {one.code: (one.name_en or one.name) if english else one.name for one in county.departments}


def _timetable(pack: County) -> Timetable:
    if pack.timetable is None:
        fail(t("本县没有 deadlines.yaml", "the county has no deadlines.yaml"))
    return pack.timetable


def _notices(kafka: KafkaSettings, dispatch: str) -> list[Notice]:
    """About one dispatch, as far as they are still kept; each once, although a crash may have written it again."""
    key = dispatch.encode()
    found: dict[tuple[object, ...], Notice] = {}
    for record in read(kafka, NOTICES, [partition_of(key)]):
        if record.key == key:
            notice = decode(Notice, record.value, checked=True)
            found.setdefault((notice.seq, notice.kind, notice.audience, notice.department), notice)
    return [*found.values()]


def _tell(found: Comparison) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_row(t("派单", "dispatches"), f"{found.cases:,}")
    table.add_row(t("时限", "clocks"), f"{found.clocks:,}")
    table.add_row(t("相符", "equal"), f"{found.equal:,}")
    table.add_row(t("不符", "differ"), f"{len(found.mismatches):,}", style="bold red" if found.mismatches else "")
    for reason, number in found.skipped.items():
        table.add_row(t(*_SKIPPED[reason]), f"{number:,}")
    out(table)
    if found.mismatches:
        wrong = Table(t("派单", "dispatch"), t("不符之处", "differs in"), box=None, pad_edge=False)
        for dispatch, differs in found.mismatches[:MOST]:
            wrong.add_row(dispatch, t("、", ", ").join(t(*DIFFERENCES[one]) for one in differs))
        out(wrong)
        if (more := len(found.mismatches) - MOST) > 0:
            note(t(f"另有 {more} 件，用 --json 查看", f"and {more} more: --json has all"))
