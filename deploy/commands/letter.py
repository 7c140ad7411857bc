"""`paidan sla letter ID`: the letter of a step of supervision, as a page to be printed."""

from pathlib import Path
from typing import Annotated, Final

import typer

from deploy import settings
from deploy.commands.county import usable
from deploy.console import WRONG, UserError, fail, note, out, t
from deploy.letters.content import Letter, NoLetter, letter_of
from deploy.letters.letter import letter as page_of
from deploy.letters.pdf import PrintError, browser, print_page
from deploy.operators.timeline import timeline

NONE: Final = {
    NoLetter.NOTHING: ("该派单没有督办记录", "nobody has been supervised over this dispatch"),
    NoLetter.NO_SUCH_STEP: ("没有这一次督办", "there is no such step"),
    NoLetter.BY_PHONE: ("电话督办没有单据", "a telephone call has no letter"),
}


def letter(
    dispatch: Annotated[str, typer.Argument(metavar="ID", help=t("派单编号：来源:市级编号", "source:city number"))],
    to: Annotated[Path, typer.Option("--out", help=t("写到：.html 或 .pdf 文件", "file to write: .html or .pdf"))],
    step: Annotated[
        int | None, typer.Option(min=1, help=t("第几次督办，默认最近一次", "which step; the last one"))
    ] = None,
    county: Annotated[
        str | None, typer.Option("--county", help=t("县区配置：名称或目录", "county pack: a name or a folder"))
    ] = None,
    json: Annotated[bool, typer.Option("--json", help=t("输出一个 JSON 对象", "print one JSON object"))] = False,
) -> None:
    """A PDF needs a Chromium on this machine; without one the page is written beside it, and the exit code is 1."""
    if to.suffix.lower() not in (".html", ".pdf"):
        fail(t("--out 应为 .html 或 .pdf 文件", "--out is a .html or .pdf file"))
    pack = usable(county)
    if pack.timetable is None:
        fail(t("本县没有 deadlines.yaml", "the county has no deadlines.yaml"))
    known = timeline(settings.kafka(), dispatch)
    if not known.facts:
        fail(t(f"没有这件派单：{dispatch}", f"no such dispatch: {dispatch}"), WRONG)
    names = {one.code: one.name for one in pack.departments}
    content = letter_of(
        known.facts,
        known.dispatch,
        step,
        centre=names.get(pack.policy.duty_desk, pack.policy.name),
        names=names,
        timetable=pack.timetable,
    )
    if isinstance(content, NoLetter):
        fail(t(*NONE[content]), WRONG)
    try:
        written = _write(page_of(content, pack.timetable.calendar), to)
    except OSError as problem:
        raise UserError(f"{to}: {problem.strerror}") from problem
    if json:
        out(_summary(content, written))
    else:
        note(t(f"第 {content.step} 次督办：{written}", f"step {content.step}: {written}"))
    raise typer.Exit(0 if written == to else WRONG)


def _write(page: str, to: Path) -> Path:
    """Where it was written: beside `to` as HTML where no PDF could be made."""
    if to.suffix.lower() == ".pdf":
        chromium = browser()
        if chromium is None:
            note(t("本机没有 Chromium，改写为 HTML", "no Chromium on this machine: the page is written as HTML"))
        else:
            try:
                print_page(chromium, page, to)
            except PrintError as problem:
                note(t(f"未能生成 PDF（{problem}），改写为 HTML", f"no PDF was made ({problem}): written as HTML"))
            else:
                return to
        to = to.with_suffix(".html")
    to.write_text(page, "utf-8")
    return to


def _summary(content: Letter, written: Path) -> dict[str, object]:
    return {
        "file": str(written),
        "rung": content.rung,
        "step": content.step,
        "number": content.number,
        "due": None if content.due is None else content.due.isoformat(),
        "issued": content.issued.isoformat(),
        "answer_by": content.answer_by.isoformat(),
    }
