"""`paidan books`: city against bridge against departments."""

import json as json_
from pathlib import Path
from typing import Annotated

import typer

from deploy import settings
from deploy.books import run_books
from deploy.books.reading import BooksUnreadableError
from deploy.books.show import table
from deploy.console import OK, WRONG, fail, out, t

app = typer.Typer(help=t("对账", "the books"))


@app.command(
    help=t("市、县、承办单位三方对账；不符时退出码为 1", "audits everything; exit code 1 where it does not balance")
)
def books(
    city_journal: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help=t("市级平台自己的记录", "the city's own journal"))
    ] = None,
    departments_journal: Annotated[
        list[Path] | None,
        typer.Option(exists=True, help=t("承办单位自己的记录：文件或目录", "a department's own journal, or a folder")),
    ] = None,
    expected: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False,
            help=t("预期的承办单位：JSON，派单编号 -> 代码列表", "JSON: dispatch id -> codes of the departments"),
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help=t("输出一个 JSON 对象", "print one JSON object"))] = False,
) -> None:  # fmt: skip
    """Prints the balance; exit code 0 when everything is accounted for, 1 and the list when not."""
    files = [file for given in departments_journal or () for file in _files(given)]
    try:
        wanted = json_.loads(expected.read_text(encoding="utf-8")) if expected else None
        found = run_books(settings.kafka(), city_journal, files, wanted)
    except BooksUnreadableError as problem:
        fail(t(f"Kafka 没有读完：{problem}", f"Kafka could not be read to the end: {problem}"), WRONG)
    except (OSError, ValueError) as problem:
        fail(t(f"记录无法读取：{problem}", f"a journal cannot be read: {problem}"))
    out(found if json else table(found))
    raise typer.Exit(OK if found.balanced else WRONG)


def _files(given: Path) -> list[Path]:
    return sorted(given.glob("*.jsonl")) if given.is_dir() else [given]
