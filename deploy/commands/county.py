"""`paidan county`: checks a county pack, naming every fault at once, and shows what is in it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table

from deploy import settings
from deploy.console import OK, WRONG, UserError, language, note, out, t
from deploy.county import County, CountyError, Fault, inspect, load
from streams.domain.policy import DepartmentKind, nodes

app = typer.Typer(no_args_is_help=True, help=t("县区配置", "the county pack"))

Name = Annotated[str | None, typer.Argument(help=t("名称或目录，默认 PAIDAN_COUNTY", "name or folder; PAIDAN_COUNTY"))]
Json = Annotated[bool, typer.Option("--json", help=t("输出一个 JSON 对象", "print one JSON object"))]

_KINDS: dict[DepartmentKind, tuple[str, str]] = {
    DepartmentKind.BUREAU: ("局委", "bureau"),
    DepartmentKind.TOWNSHIP: ("乡镇", "township"),
    DepartmentKind.COMMUNITY: ("社区", "community"),
    DepartmentKind.UTILITY: ("公用企业", "utility"),
    DepartmentKind.OFFICE: ("县级机构", "office"),
}


@app.command(help=t("检查全部文件；有错误时退出码为 1", "check every file; exit code 1 where something is wrong"))
def check(name: Name = None, json: Json = False) -> None:
    """Faults keep the pack from being used; warnings do not."""
    try:
        found = inspect(name or settings.county())
    except CountyError as error:
        raise UserError("\n".join(fault.text() for fault in error.faults)) from error
    counts = {} if found.county is None else _counts(found.county)
    if json:
        out(
            {
                "county": None if found.county is None else found.county.name,
                "ok": not found.faults,
                "faults": [*map(asdict, found.faults)],
                "warnings": [*map(asdict, found.warnings)],
                **counts,
            }
        )
    else:
        _tell(t("错误", "faults"), found.faults)
        _tell(t("提示", "warnings"), found.warnings)
        note(_verdict(found.county, len(found.faults), len(found.warnings)))
    raise typer.Exit(WRONG if found.faults else OK)


@app.command(help=t("查看承办单位与规模", "show its departments and size"))
def show(name: Name = None, json: Json = False) -> None:
    """Whom the contacts reach is not shown."""
    county = usable(name)
    if json:
        out(_everything(county))
        return
    table = Table(
        t("代码", "code"), t("名称", "name"), t("类别", "kind"), t("代办", "deputy"), t("区划", "areas"),
        t("负责的分类", "takes"), box=None, pad_edge=False,
    )  # fmt: skip
    for department in county.departments:
        table.add_row(
            department.code if department.enabled else f"{department.code} {t('（停用）', '(off)')}",
            department.name if language() == "zh" else department.name_en or department.name,
            t(*_KINDS[department.kind]),
            department.deputy or "",
            ", ".join(department.areas),
            ", ".join(department.takes),
        )
    out(table)
    note(_verdict(county, 0, len(county.warnings)))


def usable(name: str | None) -> County:
    """The pack, or UserError with every fault it has."""
    try:
        return load(name or settings.county())
    except CountyError as error:
        raise UserError("\n".join(fault.text() for fault in error.faults)) from error


def _counts(county: County) -> dict[str, int]:
    return {
        "departments": len(county.departments),
        "categories": len(county.categories),
        "areas": len(county.areas),
        "routes": sum(1 for _ in nodes(county.policy.routes)),
        "expectations": len(county.expectations),
        "connectors": len(county.connectors),
    }


def _verdict(county: County | None, faults: int, warnings: int) -> str:
    if county is None:
        return t(f"{faults} 处错误，不能使用", f"{faults} faults: it cannot be used")
    counts = _counts(county)
    sizes = t(
        "{departments} 个承办单位，{categories} 个分类，{routes} 条规则，{connectors} 个连接器",
        "{departments} departments, {categories} categories, {routes} routes, {connectors} connectors",
    ).format(**counts)
    name = county.names.in_language(language())
    return t(f"{name}：{sizes}；{warnings} 处提示", f"{name}: {sizes}; {warnings} warnings")


def _tell(title: str, faults: Sequence[Fault]) -> None:
    if not faults:
        return
    table = Table(
        t("文件:行", "file:line"), t("键", "key"), t("发现", "found"), t("应为", "would do"), title=title,
        title_justify="left", box=None, pad_edge=False,
    )  # fmt: skip
    for fault in faults:
        table.add_row(f"{fault.file}:{fault.line}", fault.key, fault.found, fault.would_do)
    out(table)


def _everything(county: County) -> dict[str, Any]:
    policy = county.policy.model_dump(mode="json")
    for department in policy["departments"]:
        department["contacts"] = len(department["contacts"])
    return {
        "county": county.name,
        "names": county.names.model_dump(),
        "area": county.area,
        "time_zone": str(county.zone),
        **_counts(county),
        "policy": policy,
        "category_names": {code: names.model_dump() for code, names in county.categories.items()},
        "area_names": {code: names.model_dump() for code, names in county.areas.items()},
        "systems": {entry.name: entry.system for entry in county.connectors.values()},
    }
