"""`paidan top`: what is open, which clocks are near their end, what waits."""

import signal
from contextlib import closing
from datetime import timedelta
from threading import Event
from typing import Annotated

import typer
from rich.live import Live

from deploy import settings
from deploy.commands.county import usable
from deploy.commands.explain import department_names
from deploy.console import fail, out, stdout, t
from deploy.top.reading import Watch
from deploy.top.show import picture, plain

app = typer.Typer(help=t("实时概览", "a live view"))


@app.command(help=t("实时概览：状态、时限、最近到期、提醒、积压、死信", "a live view of the county"))
def top(
    once: Annotated[bool, typer.Option("--once", help=t("显示一次即结束", "show once and end"))] = False,
    json: Annotated[bool, typer.Option("--json", help=t("输出一个 JSON 对象后结束", "print one JSON object"))] = False,
    interval: Annotated[float, typer.Option("--interval", help=t("几秒刷新一次", "seconds between two views"))] = 2.0,
    county: Annotated[
        str | None, typer.Option("--county", help=t("县区配置：名称或目录", "county pack: a name or a folder"))
    ] = None,
) -> None:
    """Needs no worker. Until SIGINT or SIGTERM, unless --once or --json."""
    if not 0.2 <= interval <= 3600:
        fail(t("--interval 应为 0.2 至 3600", "--interval is from 0.2 to 3600"))
    pack = usable(county)
    names, zone = department_names(pack), pack.zone
    with closing(Watch(settings.kafka(), [one.code for one in pack.departments])) as watch:
        if json:
            out(plain(watch.now(), names))
            return
        if once:
            out(picture(watch.now(), names, zone))
            return
        stopped = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        pause = timedelta(seconds=interval)
        with Live(picture(watch.now(), names, zone), console=stdout(), auto_refresh=False, screen=True) as live:
            while not stopped.is_set():
                live.update(picture(watch.now(pause, stopped.is_set), names, zone), refresh=True)
