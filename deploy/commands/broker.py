"""`paidan broker`: the embedded Kafka, by hand."""

import os
from collections import deque
from dataclasses import asdict
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.broker import BrokerStatus, EmbeddedBroker
from deploy.broker.jars import class_path
from deploy.broker.java import find_java
from deploy.console import OK, WRONG, fail, note, out, stderr, t
from deploy.settings import home

app = typer.Typer(no_args_is_help=True, help=t("内嵌的 Kafka", "the embedded Kafka"))

Json = Annotated[bool, typer.Option("--json", help=t("输出一个 JSON 对象", "print one JSON object"))]


class FetchBar:
    """A progress bar that appears only when jars really are fetched; one line where nobody watches."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=stderr(),
            transient=True,
        )
        self._task = self._bar.add_task(t("首次下载 Kafka", "fetching Kafka, once"), total=None)

    def __call__(self, done: int, total: int) -> None:
        if not self._bar.console.is_terminal:
            if done in (0, total):
                note(t(f"首次下载 Kafka：{done}/{total} 个文件", f"fetching Kafka, once: {done} of {total} jars"))
            return
        if not self._bar.live.is_started:
            self._bar.start()
        self._bar.update(self._task, completed=done, total=total)
        if done == total:
            self._bar.stop()

    def close(self) -> None:
        """Leaves the terminal as it was, also after an error."""
        if self._bar.live.is_started:
            self._bar.stop()


@app.command(help=t("启动；数据在 PAIDAN_HOME/broker", "start it; its data are in PAIDAN_HOME/broker"))
def start(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help=t("监听端口", "port to listen on"))] = None,
    json: Json = False,
) -> None:
    """Starts the broker and returns once it serves; it lives on after this command and its terminal."""
    broker = EmbeddedBroker(home(), port=port)
    bar = FetchBar()
    try:
        broker.start(bar)
    finally:
        bar.close()
    _show(broker.status(), json)


@app.command(help=t("停止", "stop it"))
def stop(json: Json = False) -> None:
    """Stops the broker cleanly; that none was running is no error."""
    broker = EmbeddedBroker(home())
    if not broker.stop():
        note(t("Kafka 没有在运行", "Kafka was not running"))
    _show(broker.status(), json)


@app.command(help=t("状态；没有运行时退出码为 1", "its state; exit code 1 when it is not running"))
def status(json: Json = False) -> None:
    """Shows where the broker listens, its process and its data."""
    known = EmbeddedBroker(home()).status()
    _show(known, json)
    raise typer.Exit(OK if known.running else WRONG)


@app.command(help=t("日志的最后若干行", "the last lines of its log"))
def logs(
    lines: Annotated[int, typer.Option("-n", "--lines", min=1, help=t("行数", "how many"))] = 100,
) -> None:
    """Prints the end of the broker's log, then what Java itself said, if anything."""
    folder = EmbeddedBroker(home()).folder
    found = [file for file in (folder / "broker.log", folder / "broker.out") if file.exists()]
    if not found:
        fail(t(f"{folder} 没有日志：Kafka 从未启动", f"no log in {folder}: Kafka was never started"), WRONG)
    for file in found:
        with file.open(encoding="utf-8", errors="replace") as log:
            for line in deque(log, maxlen=lines):
                print(line, end="")


@app.command(help=t("预先下载所需文件，之后可离线启动", "fetch what it needs, so that it starts offline later"))
def fetch(json: Json = False) -> None:
    """Fetches the jars that are missing, checks all, and names the Java that will run them."""
    bar = FetchBar()
    try:
        jars = class_path(bar).split(os.pathsep)
    finally:
        bar.close()
    java = find_java()
    if json:
        out({"jars": len(jars), "java": java.path, "release": java.release})
    else:
        note(
            t(
                f"Kafka：{len(jars)} 个文件齐全；Java {java.release}",
                f"Kafka: all {len(jars)} jars; Java {java.release}",
            )
        )


def _show(known: BrokerStatus, json: bool) -> None:
    if json:
        out(asdict(known))
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_row(t("状态", "state"), t("运行中", "running") if known.running else t("已停止", "stopped"))
    table.add_row(t("地址", "address"), known.bootstrap or t("从未启动", "never started"))
    if known.running:
        table.add_row(t("进程", "process"), f"{known.pid}")
        table.add_row(t("启动于", "started"), known.started or "")
    table.add_row(t("数据", "data"), f"{known.home}/broker ({known.data_bytes / 2**20:.1f} MB)")
    table.add_row(t("日志", "log"), known.log)
    out(table)
