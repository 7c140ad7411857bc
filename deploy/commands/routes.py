"""`paidan routes`: which department, and why; without a broker."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from deploy.commands.county import usable
from deploy.console import OK, WRONG, UserError, fail, language, note, out, t
from deploy.county import County, CountyError, read_expectations
from deploy.county.expecting import Tried, dispatch_of, try_all
from deploy.county.faults import listed, suggestion
from schemas.dispatch import Dispatch, Kind, Urgency
from streams.domain import routing
from streams.domain.explaining import Condition, Explanation, Miss, explain
from streams.domain.routing import RouteReason

app = typer.Typer(no_args_is_help=True, help=t("派单规则", "routing rules"))

CountyName = Annotated[
    str | None, typer.Option("--county", help=t("县区配置：名称或目录", "county pack: name or folder"))
]
Json = Annotated[bool, typer.Option("--json", help=t("输出一个 JSON 对象", "print one JSON object"))]

_REASONS: dict[RouteReason, tuple[str, str]] = {
    RouteReason.RULE: ("按规则", "by rule"),
    RouteReason.BACKSTOP: ("没有规则相符，兜底", "no rule took it: the backstop"),
    RouteReason.UNKNOWN_CODE: ("分类编码不明，县中心先行受理", "the category is unknown: the duty desk decides"),
    RouteReason.ARBITER: ("退单过多或无人可派，审定单位决定", "too many returns or nobody left: the arbiter decides"),
    RouteReason.ORDERED: ("人工指定", "a person said so"),
}
_CONDITIONS: dict[str, tuple[str, str]] = {
    "category": ("分类", "category"),
    "area": ("区划", "area"),
    "urgency": ("紧急程度", "urgency"),
    "source": ("来源", "source"),
    "kind": ("类型", "kind"),
    "words": ("字词", "words"),
}
_PASSED_OVER: dict[str, tuple[str, str]] = {
    "earlier": ("条件都满足，但前面的规则已收下", "all conditions hold, but an earlier rule took it"),
    "nobody": ("条件都满足，但主办单位停用且无人代办", "all conditions hold, but its lead is switched off"),
}


@app.command("test", help=t("按期望逐条检查；有不符的退出码为 1", "try every expectation; exit code 1 where one fails"))
def try_expectations(
    file: Annotated[
        Path | None, typer.Argument(help=t("期望文件，默认为县区配置里的", "expectations; the pack's own unless given"))
    ] = None,
    county: CountyName = None,
    json: Json = False,
) -> None:
    """A file of expectations: `expect:`, then one line for each dispatch and the departments it should reach."""
    pack = usable(county)
    expectations = pack.expectations
    if file is not None:
        try:
            expectations = read_expectations(file, pack)
        except CountyError as error:
            raise UserError("\n".join(fault.text() for fault in error.faults)) from error
    if not expectations:
        fail(t("没有期望可检查", "there is no expectation to try"))
    tried = try_all(routing.compile(pack.policy), expectations, _source(pack))
    failed = [one for one in tried if not one.ok]
    if json:
        out({"tried": len(tried), "passed": len(tried) - len(failed), "failed": [_as_json(one) for one in failed]})
    else:
        if failed:
            out(_failures(failed))
        note(t(f"{len(tried)} 条期望，{len(failed)} 条不符", f"{len(tried)} expectations, {len(failed)} failed"))
    raise typer.Exit(WRONG if failed else OK)


@app.command("explain", help=t("这样的派单派给谁，为什么", "where such a dispatch goes, and why"))
def explain_route(
    category: Annotated[str | None, typer.Option(help=t("分类代码", "category code"))] = None,
    area: Annotated[str | None, typer.Option(help=t("区划代码，6、9 或 12 位", "area code: 6, 9 or 12 digits"))] = None,
    urgency: Annotated[Urgency, typer.Option(help=t("紧急程度", "urgency"))] = Urgency.NORMAL,
    kind: Annotated[Kind, typer.Option(help=t("诉求类型", "kind of request"))] = Kind.OTHER,
    source: Annotated[str | None, typer.Option(help=t("来源", "source"))] = None,
    text: Annotated[str, typer.Option(help=t("标题或正文", "title or body"))] = "",
    county: CountyName = None,
    json: Json = False,
) -> None:
    """The path through the tree, and why the nearest other rules did not take it."""
    pack = usable(county)
    dispatch = _asked(pack, category, area, urgency, kind, source, text)
    explained = explain(routing.compile(pack.policy), dispatch)
    if json:
        out(_explained_json(explained))
    else:
        out(_explained(pack, explained))


def _source(pack: County) -> str:
    return next((entry.settings.source for entry in pack.connectors.values()), "city")


def _asked(
    pack: County, category: str | None, area: str | None, urgency: Urgency, kind: Kind, source: str | None, text: str
) -> Dispatch:
    if category is not None and category not in pack.categories:
        near = suggestion(category, pack.categories, listed(code for code in pack.categories if "." not in code))
        raise UserError(t(f"没有分类 {category}；{near}", f"there is no category {category}; {near}"))
    if area is not None and not (area.isascii() and area.isdecimal() and len(area) in (6, 9, 12)):
        raise UserError(t("区划代码是 6、9 或 12 位数字", "an area code has 6, 9 or 12 digits"))
    return dispatch_of(
        category=category, area=area, urgency=urgency, kind=kind, source=source or _source(pack), text=text
    )


def _name(pack: County, code: str) -> str:
    department = pack.policy.department(code)
    if department is None:
        return code
    return f"{code} {department.name if language() == 'zh' else department.name_en or department.name}"


def _failures(failed: list[Tried]) -> Table:
    table = Table(
        "#", t("说明", "about"), t("派单", "dispatch"), t("期望", "expected"), t("实际", "found"), t("经过", "path"),
        box=None, pad_edge=False,
    )  # fmt: skip
    for one in failed:
        asked = " ".join(f"{key}={value}" for key, value in one.expected.as_asked().items())
        table.add_row(
            str(one.number),
            one.expected.about or "",
            asked,
            _who(one.expected.lead, one.expected.assists),
            _who(one.routed.lead, one.routed.assists),
            " > ".join(one.routed.path),
        )
    return table


def _who(lead: str, assists: tuple[str, ...] | None) -> str:
    return " + ".join((lead, *(assists or ())))


def _as_json(one: Tried) -> dict[str, Any]:
    return {
        "number": one.number,
        "about": one.expected.about,
        "dispatch": one.expected.as_asked(),
        "expected": {"lead": one.expected.lead, "assists": one.expected.assists},
        "found": {"lead": one.routed.lead, "assists": one.routed.assists},
        "path": one.routed.path,
        "reason": one.routed.reason,
    }


def _explained(pack: County, explained: Explanation) -> Group:
    routed = explained.routed
    head = Table(show_header=False, box=None, pad_edge=False)
    head.add_row(t("主办", "lead"), _name(pack, routed.lead))
    for code in routed.assists:
        head.add_row(t("协办", "assist"), _name(pack, code))
    head.add_row(t("依据", "reason"), t(*_REASONS[routed.reason]))
    path = Table(t("经过的规则", "path"), t("条件", "conditions"), t("主办", "lead"), box=None, pad_edge=False)
    for depth, step in enumerate(explained.steps if routed.path else ()):
        path.add_row("  " * depth + step.name, _conditions(step.conditions), step.lead)
    others = Table(
        t("最接近而没有相符的", "nearest others"), t("主办", "lead"), t("为什么没有相符", "why not"),
        box=None, pad_edge=False,
    )  # fmt: skip
    for miss in explained.misses:
        helps = miss.passed_over == "earlier" and miss.lead in routed.assists
        why = (
            t("前面的规则已收下，由它协办", "an earlier rule took it; its department assists")
            if helps
            else _why_not(miss)
        )
        others.add_row(" > ".join(miss.path[1:]), miss.lead, why)
    return Group(head, Text(), path, Text(), others)


def _conditions(conditions: tuple[Condition, ...]) -> str:
    return t("；", "; ").join(
        f"{t(*_CONDITIONS[one.name])}: {one.found or listed(one.wanted, 4)}" for one in conditions
    )


def _why_not(miss: Miss) -> str:
    if miss.passed_over is not None:
        return t(*_PASSED_OVER[miss.passed_over])
    return t("；", "; ").join(
        t(
            f"{t(*_CONDITIONS[one.name])}要 {listed(one.wanted, 4)}，这里是 {one.found or '空'}",
            f"{one.name} wants {listed(one.wanted, 4)}, found {one.found or 'nothing'}",
        )
        for one in miss.failed
    )


def _explained_json(explained: Explanation) -> dict[str, Any]:
    def said(conditions: tuple[Condition, ...]) -> list[dict[str, Any]]:
        return [
            {"condition": one.name, "wanted": one.wanted, "found": one.found, "holds": one.holds} for one in conditions
        ]

    routed = explained.routed
    return {
        "lead": routed.lead,
        "assists": routed.assists,
        "reason": routed.reason,
        "path": routed.path,
        "steps": [
            {"name": step.name, "lead": step.lead, "conditions": said(step.conditions)} for step in explained.steps
        ],
        "nearest": [
            {
                "path": miss.path,
                "lead": miss.lead,
                "passed_over": miss.passed_over,
                "conditions": said(miss.conditions),
            }
            for miss in explained.misses
        ],
    }
