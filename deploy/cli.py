"""The command `paidan`: every command is listed here once, and imported only when it is asked for."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer

from deploy import console
from deploy.console import MISUSE, UserError, fail, t


@dataclass(frozen=True)
class Entry:
    """One word after `paidan`, with one line of help."""

    name: str
    zh: str
    en: str

    @property
    def module(self) -> str:
        """Where the command lives; the module exposes `app: typer.Typer`."""
        return f"deploy.commands.{self.name}"


COMMANDS: tuple[Entry, ...] = (
    Entry("up", "一台机器上启动全部：Kafka、连接器、流处理", "everything for one machine under one supervisor"),
    Entry("demo", "演示：一个季度的派单，从市到县再回到市", "the guided tour: one quarter of dispatches"),
    Entry("broker", "内嵌的 Kafka：启动、停止、状态、日志", "the embedded Kafka: start, stop, status, logs"),
    Entry("topics", "主题：创建、比较、列出", "topics: create, compare, list"),
    Entry("county", "县区配置：检查与查看", "the county pack: check and show"),
    Entry("calendar", "工作日历：查看与更新", "the calendar of working days: show and update"),
    Entry("routes", "派单规则：测试与解释", "routing rules: test and explain"),
    Entry("connectors", "与市级平台的连接", "the links to the city's platform"),
    Entry("streams", "流处理进程", "the stream workers"),
    Entry("case", "一件派单：在哪里、全程记录、人工处理", "one dispatch: where it is, its timeline, orders"),
    Entry("sla", "时限：解释、复算", "deadlines: explain, replay"),
    Entry("top", "实时概览：状态、时限、提醒、积压", "a live view: states, clocks, notices, lag"),
    Entry("notices", "提醒：送到终端或文件", "notices: to a terminal, or into files"),
    Entry("dead", "死信：查看、重放、作废", "dead letters: list, show, replay, discard"),
    Entry("books", "对账：市、县、承办单位三方", "the books: city against bridge against departments"),
    Entry("chaos", "故障试验：负载之下反复中断", "faults under load"),
    Entry("bench", "性能数字，与基线并列", "figures beside a baseline"),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and ends the process: 0 done, 1 done and something is wrong, 2 wrong use or configuration."""
    language, rest = console.choose_language(
        list(sys.argv[1:] if arguments is None else arguments), os.environ.get("PAIDAN_LANG")
    )
    if language is None:
        fail("--lang / PAIDAN_LANG: zh | en", MISUSE)
    console.use_language(language)
    _translate_typer()
    try:
        assemble(rest[0] if rest else "")(args=rest, prog_name="paidan")
    except UserError as error:
        fail(error.message, error.code)


def assemble(asked: str) -> typer.Typer:
    """The whole command line, in which only the command `asked` is real and the others are their line of help."""
    root = typer.Typer(
        name="paidan",
        help=t(
            "把市 12345 平台的派单送到县里各承办单位，并把结果送回去。",
            "Carries a city's 12345 dispatches to a county's departments, and their answers back.",
        ),
        epilog=t("--lang en：改用英文；PAIDAN_LANG 设定默认语言", "--lang zh: Chinese; PAIDAN_LANG sets the default"),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for entry in COMMANDS:
        if entry.name == asked:
            _mount(root, entry)
        else:
            root.command(entry.name, help=t(entry.zh, entry.en))(_not_imported)
    return root


def _mount(root: typer.Typer, entry: Entry) -> None:
    try:
        module: Any = import_module(entry.module)
    except ModuleNotFoundError as error:
        if error.name != entry.module:
            raise
        fail(t(f"此版本尚无命令 {entry.name}", f"this version has no command {entry.name}"))
    app: typer.Typer = module.app
    if len(app.registered_commands) == 1 and not app.registered_groups and app.registered_callback is None:
        command = app.registered_commands[0]
        command.name = entry.name
        root.registered_commands.append(command)
    else:
        root.add_typer(app, name=entry.name, help=t(entry.zh, entry.en), no_args_is_help=True)


def _not_imported() -> None:
    raise AssertionError("only the command that was asked for is run")


def _translate_typer() -> None:
    from typer import rich_utils

    rich_utils.OPTIONS_PANEL_TITLE = t("选项", "Options")
    rich_utils.ARGUMENTS_PANEL_TITLE = t("参数", "Arguments")
    rich_utils.COMMANDS_PANEL_TITLE = t("命令", "Commands")
    rich_utils.ERRORS_PANEL_TITLE = t("错误", "Error")


if __name__ == "__main__":
    main()
