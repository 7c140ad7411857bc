"""`paidan chaos`: the bridge under load while everything around it fails, and the books afterwards."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.books.show import table as books_table
from deploy.chaos.outcome import Outcome
from deploy.chaos.run import Moment, Options, run
from deploy.console import OK, WRONG, fail, out, stderr, t
from deploy.process import log_to_stderr

app = typer.Typer(help=t("故障试验", "faults under load"))

_PHASES: dict[str, tuple[str, str]] = {
    "start": ("启动", "starting"),
    "load": ("派单与故障", "load and faults"),
    "rest": ("等待全部落定", "coming to rest"),
    "books": ("对账", "the books"),
}


@app.command(
    help=t("负载之下反复中断，然后对账；不符时退出码为 1", "kills under load, then the books; exit code 1 if wrong")
)
def chaos(
    dispatches: Annotated[int, typer.Option(min=10, help=t("派单数", "how many dispatches"))] = 2000,
    kills: Annotated[int, typer.Option(min=0, help=t("SIGKILL 次数", "how many kills"))] = 10,
    seed: Annotated[int, typer.Option(help=t("种子：同一种子，同一计划", "the same seed makes the same plan"))] = 1,
    home: Annotated[
        Path | None, typer.Option(file_okay=False, help=t("数据目录，保留", "where its data are kept"))
    ] = None,
    limit: Annotated[float, typer.Option(min=10, help=t("最长秒数", "seconds at most, the books apart"))] = 270.0,
    verbose: Annotated[bool, typer.Option("--verbose", help=t("逐项报告故障", "tell of every fault"))] = False,
    json: Annotated[bool, typer.Option("--json", help=t("输出一个 JSON 对象", "print one JSON object"))] = False,
) -> None:
    """Exit code 0 only when everything came to rest and the books balance."""
    log_to_stderr("chaos", logging.INFO if verbose else logging.ERROR)
    # a broker that is down is what this is about
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    options = Options(dispatches=dispatches, kills=kills, seed=seed, home=home, limit_s=limit)
    try:
        with _bar() as show:
            outcome, books = run(options, show)
    except TimeoutError as problem:
        fail(str(problem), WRONG)
    except KeyboardInterrupt:
        fail(t("已中断", "interrupted"), WRONG)
    out(outcome if json else Group(_table(outcome), books_table(books)))
    for words in outcome.missing:
        stderr().print(t(f"未完成：{words}", f"not finished: {words}"))
    raise typer.Exit(OK if outcome.good else WRONG)


@contextmanager
def _bar() -> Iterator[Callable[[Moment], None]]:
    """A progress bar on stderr; nothing where that is no terminal."""
    console = stderr()
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[kills]} kills"), TimeElapsedColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    ) as progress:  # fmt: skip
        task = progress.add_task("", total=1.0, kills=0)
        yield lambda moment: progress.update(
            task, description=t(*_PHASES[moment.phase]), completed=moment.share, kills=moment.kills
        )


def _table(outcome: Outcome) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False)
    for words, value in (
        (t("派单", "dispatches"), f"{outcome.dispatches:,}"),
        (t("SIGKILL（其中在指定代码位置）", "kills (at named points)"), f"{outcome.kills} ({outcome.at_crash_points})"),
        (t("暂停超过会话时限", "pauses past the session"), str(outcome.pauses)),
        (t("Kafka 中断", "broker stops"), str(outcome.broker_stops)),
        (t("流处理进程加入与离开", "workers joined and left"), str(outcome.joins)),
        (t("市级接口故障（次）", "calls the city spoilt"), f"{outcome.city_faults:,}"),
        (t("恢复 p99（秒）", "recovered, p99 (s)"), f"{outcome.recovered_p99_s}"),
        (t("用时（秒）", "seconds"), f"{outcome.seconds}"),
    ):
        table.add_row(words, value)
    return table
