"""`paidan up`: everything for one machine under one supervisor, until Ctrl-C or SIGTERM."""

import threading
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.live import Live
from rich.table import Table

from deploy import county, settings
from deploy.console import WRONG, UserError, note, out, stderr, t
from deploy.county import CountyError
from deploy.process import log_to_stderr, on_stop
from deploy.supervisor import Processes, Standing, Status
from deploy.supervisor.household import household, kafka_of
from schemas.kafka import KafkaSettings

app = typer.Typer()

LOOK_S = 0.5
"""Between two looks at the children."""


@app.command(help=t("一台机器上启动全部，直到 Ctrl-C 或 SIGTERM", "run everything here until Ctrl-C or SIGTERM"))
def up(
    workers: Annotated[int, typer.Option(min=1, max=32, help=t("流处理进程数", "number of workers"))] = 1,
    ports: Annotated[
        int | None,
        typer.Option(min=1024, max=65000, help=t("指标端口从此数起；不给则任选", "first port of /metrics; else any")),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help=t("每次变化输出一行 JSON", "one JSON object a line on every change"))
    ] = False,
) -> None:
    """Ends with 0 when it was asked to, 1 when a process had to be given up."""
    home = settings.home().absolute()
    try:
        pack = county.load(settings.county())
        outside = KafkaSettings()
    except CountyError as error:
        raise UserError(str(error)) from error
    except ValidationError as error:
        raise UserError(
            "\n".join(problem["msg"].removeprefix("Value error, ") for problem in error.errors())
        ) from error
    log_to_stderr("supervisor")
    stop = threading.Event()
    on_stop(stop.set)
    note(t(f"县区：{pack.name}；数据：{home}", f"county: {pack.name}; data: {home}"))
    with (
        kafka_of(home, outside, lambda _: note(t("正在启动 Kafka …", "starting Kafka ..."))) as kafka,
        household(home, pack, kafka, workers, ports) as processes,
    ):
        note(
            t(
                f"Kafka：{kafka.bootstrap}；日志：{home / 'logs'}",
                f"Kafka: {kafka.bootstrap}; logs: {home / 'logs'}",
            )
        )
        lost = _watch(processes, stop, home, json=json)
    raise typer.Exit(WRONG if lost else 0)


def _watch(processes: Processes, stop: threading.Event, home: Path, *, json: bool) -> bool:
    """Shows how the children stand until `stop`; True when one was given up: the others are then of no use."""
    console = stderr()
    if json or not console.is_terminal:
        return _lines(processes, stop, home, json=json)
    with Live(console=console, auto_refresh=False) as live:
        while not stop.wait(LOOK_S):
            status = processes.status()
            live.update(_table(status), refresh=True)
            if _given_up(status, home):
                return True
    return False


def _lines(processes: Processes, stop: threading.Event, home: Path, *, json: bool) -> bool:
    last: list[tuple[str, Standing, int | None]] = []
    while not stop.wait(LOOK_S):
        status = processes.status()
        now = [(child.name, child.standing, child.pid) for child in status]
        if now != last:
            last = now
            if json:
                out([_plain(child) for child in status])
            else:
                note("  ".join(f"{child.name}={_words(child.standing)}" for child in status))
        if _given_up(status, home):
            return True
    return False


def _given_up(status: list[Status], home: Path) -> bool:
    for child in status:
        if child.standing is Standing.GIVEN_UP:
            log = home / "logs" / f"{child.name}.log"
            last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-5:]
            note(t(f"{child.name} 的配置有误，已停止：", f"{child.name} cannot run with this configuration:"))
            note("\n".join(last))
            return True
    return False


def _table(status: list[Status]) -> Table:
    table = Table(t("进程", "process"), t("状态", "stands"), "pid", t("已运行（秒）", "up (s)"), t("重启", "restarts"))
    for child in status:
        table.add_row(
            child.name, _words(child.standing), str(child.pid or ""), f"{child.seconds:.0f}", str(child.restarts)
        )
    return table


def _plain(child: Status) -> dict[str, Any]:
    return {"name": child.name, "standing": child.standing, "pid": child.pid, "restarts": child.restarts}


def _words(standing: Standing) -> str:
    return {
        Standing.RUNNING: t("运行中", "running"),
        Standing.WAITING: t("等待重启", "restarting"),
        Standing.GIVEN_UP: t("已放弃", "given up"),
        Standing.STOPPED: t("已停止", "stopped"),
    }[standing]
