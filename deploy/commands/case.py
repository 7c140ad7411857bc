"""`paidan case ID`: where one dispatch is, its timeline, and what a person orders about it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Group, RenderableType
from rich.table import Table

from deploy import settings
from deploy.commands.explain import department_names
from deploy.console import OK, WRONG, UserError, fail, note, out, t
from deploy.county import County, CountyError, load
from deploy.explain.wrapping import Wrapped
from deploy.operators.clocks import clocks, steps
from deploy.operators.details import details
from deploy.operators.kafka import send
from deploy.operators.orders import order_record
from deploy.operators.timeline import Timeline, timeline
from deploy.operators.words import actor_word, fact_word, flag_word, state_word
from schemas.base import DispatchId
from schemas.fact import Fact
from schemas.order import Order, OrderAction, Rung
from streams.domain.supervision import RULE

app = typer.Typer(help=t("一件派单", "one dispatch"))

ZONE = ZoneInfo("Asia/Shanghai")


class Do(StrEnum):
    """What may be ordered from the command line."""

    ROUTE = "route"
    RETURN = "return"
    CLOSE = "close"
    NOTE = "note"
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    LEDGER_OPEN = "ledger-open"
    LEDGER_CLOSE = "ledger-close"
    MERGE = "merge"
    SUPERVISE = "supervise"
    EXTEND = "extend"
    PAUSE = "pause"
    RESUME = "resume"


NEEDS: Final[dict[Do, frozenset[str]]] = {
    Do.ROUTE: frozenset({"to"}),
    Do.MERGE: frozenset({"into"}),
    Do.SUPERVISE: frozenset({"rung"}),
    Do.EXTEND: frozenset({"days"}),
}
"""Options that an order cannot do without, beside --as and --reason."""
MAY: Final[dict[Do, frozenset[str]]] = {Do.SUPERVISE: frozenset({"to", "whom", "persons", "answer"})}

MOST: Final = {"persons": 500, "days": 60}

_OPTIONS: Final = {"by": "as", "merged_into": "into"}
"""Fields of an order that are called otherwise on the command line."""


@app.command(help=t("查看一件派单；或写入一条人工处理", "show one dispatch, or order something about it"))
def case(
    dispatch: Annotated[str, typer.Argument(metavar="ID", help=t("派单编号：来源:市级编号", "source:city number"))],
    do: Annotated[
        Do | None, typer.Argument(metavar="[ACTION]", help=t("人工处理：", "order: ") + " | ".join(Do))
    ] = None,
    by: Annotated[str, typer.Option("--as", help=t("经办人", "who orders"))] = "",
    reason: Annotated[str, typer.Option("--reason", help=t("理由", "why"))] = "",
    to: Annotated[str, typer.Option("--to", help=t("承办单位代码，主办在前，逗号分隔", "codes, the lead first"))] = "",
    into: Annotated[str, typer.Option("--into", help=t("并入的派单编号", "the dispatch it is merged into"))] = "",
    rung: Annotated[
        Rung | None, typer.Option("--rung", help=t("督办形式：电话、书面、现场、约谈", "the rung of the ladder"))
    ] = None,
    whom: Annotated[str, typer.Option("--whom", help=t("督办对象", "who was spoken to"))] = "",
    persons: Annotated[
        int | None, typer.Option("--persons", help=t("人数，约谈必填", "how many; an interview needs it"))
    ] = None,
    answer: Annotated[str, typer.Option("--answer", help=t("对方答复", "what they said"))] = "",
    days: Annotated[
        int | None, typer.Option("--days", help=t("延期多少（办理时限的单位）", "by how many, in the clock's own unit"))
    ] = None,
    county: Annotated[
        str | None, typer.Option("--county", help=t("县区配置：名称或目录，用于显示单位名称", "county pack, for names"))
    ] = None,
    json: Annotated[bool, typer.Option("--json", help=t("输出一个 JSON 对象", "print one JSON object"))] = False,
) -> None:
    """Shows the dispatch, or writes an order into the inbox and returns when Kafka has it."""
    try:
        TypeAdapter(DispatchId).validate_python(dispatch)
    except ValidationError:
        fail(
            t(
                "编号应为 来源:市级编号，例如 helin:HS20261125000123",
                "an id is source:number, as in helin:HS2026112500012",
            )
        )
    given = {"to": [code.strip() for code in to.split(",") if code.strip()], "into": into, "rung": rung,
             "whom": whom.strip(), "persons": persons, "answer": answer.strip(), "days": days}  # fmt: skip
    if do is None:
        _show(dispatch, _county(county), json)
    else:
        _order(dispatch, do, by.strip(), reason.strip(), given, json)


def _county(name: str | None) -> County | None:
    """For names and marks only: a dispatch is shown without it too, unless it was asked for by name."""
    try:
        return load(name or settings.county())
    except CountyError as problem:
        if name is not None:
            raise UserError(str(problem)) from problem
        return None


def _show(dispatch: str, county: County | None, json: bool) -> None:
    known = timeline(settings.kafka(), dispatch)
    if not known.facts and known.case is None:
        fail(t(f"没有这件派单：{dispatch}", f"no such dispatch: {dispatch}"), WRONG)
    if json:
        out(
            {
                "dispatch": dispatch,
                "case": None if known.case is None else known.case.model_dump(mode="json"),
                "title": None if known.dispatch is None else known.dispatch.title,
                "facts": [fact.model_dump(mode="json", exclude_none=True) for fact in known.facts],
            }
        )
    else:
        names = {} if county is None else department_names(county)
        parts: list[RenderableType] = [_head(dispatch, known, names)]
        if known.case is not None and known.case.clocks:
            timetable = None if county is None else county.timetable
            parts += ["", clocks(known.case, names, timetable, ZONE if county is None else county.zone)]
        if known.case is not None and known.case.steps:
            parts += ["", steps(known.case, names)]
        out(Group(*parts, "", _facts(known.facts, names)))


def _head(dispatch: str, known: Timeline, names: Mapping[str, str]) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_row(t("派单", "dispatch"), dispatch)
    if last := known.dispatch:
        table.add_row(t("标题", "title"), last.title)
        table.add_row(t("类别", "category"), " / ".join(last.category_names) or last.category)
        table.add_row(t("市级时限", "city's deadline"), _local(last.due_at) if last.due_at else "-")
    if case := known.case:
        table.add_row(t("状态", "state"), state_word(case.state))
        table.add_row(t("主办", "lead"), _named(case.lead, names) if case.lead else "-")
        table.add_row(t("协办", "assists"), t("、", ", ").join(_named(code, names) for code in case.assists) or "-")
        table.add_row(t("轮次", "round"), str(case.round))
        if case.parked:
            table.add_row(t("搁置于", "parked behind"), f"{case.parked}  (paidan dead list)")
        if case.flags:
            table.add_row(t("提示", "flags"), t("，", ", ").join(flag_word(flag) for flag in case.flags))
    return table


def _named(code: str, names: Mapping[str, str]) -> str:
    return f"{names[code]} ({code})" if code in names else code


def _facts(facts: tuple[Fact, ...], names: Mapping[str, str]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(t("序", "seq"), no_wrap=True)
    table.add_column(t("时间", "time"), min_width=10, max_width=19)
    table.add_column(t("事项", "fact"), min_width=8)
    table.add_column(t("谁", "who"), overflow="fold")
    table.add_column(t("轮次", "round"), no_wrap=True)
    table.add_column(t("状态", "state"), min_width=6)
    table.add_column(t("详情", "details"), overflow="fold", ratio=1)
    for fact in facts:
        department = None if fact.department is None else names.get(fact.department, fact.department)
        by = t("按规则", "by rule") if fact.by == RULE else fact.by
        who = by or department or actor_word(fact.actor)
        table.add_row(
            str(fact.seq), _local(fact.occurred_at), fact_word(fact.fact), Wrapped(who), str(fact.round),
            state_word(fact.state), Wrapped(details(fact, names)),
        )  # fmt: skip
    return table


def _order(dispatch: str, do: Do, by: str, reason: str, given: dict[str, Any], json: bool) -> None:
    if not by or not reason:
        fail(t("--as 和 --reason 必填", "--as and --reason are needed"))
    _fitting(do, given)
    fields: dict[str, Any] = {
        "dispatch": dispatch,
        "action": OrderAction(do.replace("-", "_")),
        "by": by,
        "reason": reason,
        "at": datetime.now(UTC),
        "to": given["to"],
        "merged_into": given["into"] or None,
        "rung": given["rung"],
        "whom": given["whom"] or None,
        "persons": given["persons"],
        "answer": given["answer"],
        "days": given["days"],
    }
    try:
        order = Order.model_validate(fields)
    except ValidationError as problem:
        fail("\n".join(dict.fromkeys(_refused(str(fault["loc"][0])) for fault in problem.errors())))
    record = order_record(order)
    (offset,) = send(settings.kafka(), [record])
    if json:
        out({"dispatch": dispatch, "action": str(order.action), "partition": record.partition, "offset": offset})
    else:
        note(t("已写入，稍后用 paidan case 查看结果", "written; see what came of it with paidan case"))
    raise typer.Exit(OK)


def _fitting(do: Do, given: dict[str, Any]) -> None:
    """Ends the command where an option is missing, out of place or out of range."""
    there = {name for name, value in given.items() if value not in (None, "", [])}
    needed, allowed = NEEDS.get(do, frozenset()), MAY.get(do, frozenset())
    if missing := sorted(needed - there):
        fail(t(f"{do} 需要 --{missing[0]}", f"{do} needs --{missing[0]}"))
    if odd := sorted(there - needed - allowed):
        fail(t(f"{do} 不用 --{odd[0]}", f"{do} does not take --{odd[0]}"))
    for name, most in MOST.items():
        value = given[name]
        if value is not None and not 1 <= value <= most:
            fail(t(f"--{name} 应为 1 至 {most}", f"--{name} is from 1 to {most}"))
    if do is Do.SUPERVISE and len(given["to"]) > 1:
        fail(t("supervise 一次只督办一个单位", "supervise is about one department at a time"))
    if given["rung"] is Rung.INTERVIEW and given["persons"] is None:
        fail(t("约谈需要 --persons：约谈了几人", "an interview needs --persons: how many were spoken to"))


def _refused(field: str) -> str:
    option = f"--{_OPTIONS.get(field, field)}"
    match field:
        case "merged_into":
            return t(f"{option} 应为 来源:市级编号", f"{option} is source:number")
        case "to":
            return t(f"{option} 应为承办单位代码：小写字母、数字、连字符", f"{option} takes department codes")
        case _:
            return t(f"{option} 过长，或含控制字符", f"{option} is too long, or holds control characters")


def _local(moment: datetime) -> str:
    return moment.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")
