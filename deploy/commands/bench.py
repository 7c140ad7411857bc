"""`paidan bench`: figures, each beside its baseline, measured in this run and nowhere else."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from deploy.console import note, out, t

app = typer.Typer(no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help=t("输出一个 JSON 对象", "print one JSON object"))]
Repeats = Annotated[int, typer.Option(min=1, help=t("每项重复次数，取中位数", "repeats; medians are printed"))]


@app.command(help=t("一跳：引擎、原版 Faust、裸 aiokafka", "one hop: the engine, stock Faust, raw aiokafka"))
def engine(records: int = 300_000, repeats: Repeats = 3, json: Json = False) -> None:
    """Ratios of records per second."""
    from deploy.bench.engine import engine_bench

    _show({"engine": engine_bench(records, repeats=repeats)}, json)


@app.command(help=t("全程：接收、决定、投递；速度与延迟", "the whole job: rate, CPU and latency"))
def route(
    dispatches: int = 60_000,
    repeats: Repeats = 3,
    seconds: Annotated[int, typer.Option(min=1, help=t("测延迟的时长（秒）", "how long latency is watched"))] = 60,
    json: Json = False,
) -> None:
    """As it ships, beside the same decisions on stock Faust agents and a stock table."""
    from deploy.bench.route import route_bench

    _show({"route": route_bench(dispatches, repeats=repeats, latency_seconds=seconds)}, json)


@app.command(help=t("重启：读回案件表", "restart: reading the case table back"))
def recovery(cases: int = 1_000_000, json: Json = False) -> None:
    """Rows per second, seconds until ready, and memory."""
    from deploy.bench.recovery import recovery_bench

    _show({"recovery": recovery_bench(cases)}, json)


@app.command(help=t("拉取：从模拟市平台到 Kafka 确认", "pull: from the simulated city to acked in Kafka"))
def pull(records: int = 30_000, repeats: Repeats = 3, json: Json = False) -> None:
    """Records per second and peak memory of a connector."""
    from deploy.bench.pull import pull_bench

    _show({"pull": pull_bench(records, repeats=repeats)}, json)


@app.command(
    help=t("时限：一百万件在办，逾时多少、每秒多少", "a million open cases: how late marks fire, and how many")
)
def timers(
    cases: int = 1_000_000,
    seconds: Annotated[int, typer.Option(min=1, help=t("测迟到的时长（秒）", "how long lateness is watched"))] = 30,
    json: Json = False,
) -> None:
    """Readiness, memory, lateness under load, and the rate of a storm."""
    from deploy.bench.timers import timers_bench

    _show({"timers": timers_bench(cases, seconds=seconds)}, json)


@app.command(help=t("零件：派单规则、编解码、决定，各多少微秒", "parts: routing, codec, decision, in microseconds"))
def parts(json: Json = False) -> None:
    """Microseconds each."""
    from deploy.bench.parts import parts_bench

    _show({"parts": parts_bench()}, json)


@app.command("all", help=t("全部（约十分钟）", "all of them (about ten minutes)"))
def everything(json: Json = False) -> None:
    """In this order; a figure is printed when it is there."""
    from deploy.bench.engine import engine_bench
    from deploy.bench.parts import parts_bench
    from deploy.bench.pull import pull_bench
    from deploy.bench.recovery import recovery_bench
    from deploy.bench.route import route_bench
    from deploy.bench.timers import timers_bench

    benches: dict[str, Callable[[], dict[str, Any]]] = {
        "parts": parts_bench,
        "engine": engine_bench,
        "route": route_bench,
        "recovery_100k": lambda: recovery_bench(100_000),
        "recovery": recovery_bench,
        "timers": timers_bench,
        "pull": pull_bench,
    }
    figures = {}
    for number, (name, bench) in enumerate(benches.items(), 1):
        note(t(f"[{number}/{len(benches)}] 正在测量 {name} …", f"[{number}/{len(benches)}] measuring {name} ..."))
        figures[name] = bench()
        if not json:
            _show({name: figures[name]}, json)
    if json:
        out(figures)


GOALS: Final = {
    "engine.ratios.stock_faust": ">= 15",
    "engine.ratios.raw_aiokafka": ">= 0.8",
    "route.ratios.stock_faust": ">= 8",
    "route.dispatches_per_second": ">= 10000",
    "route.latency_p99_ms": "<= 30",
    "route.pull_latency_p99_ms": "<= 100",
    "recovery.rows_per_second": ">= 100000",
    "recovery.rss_mb": "<= 1000",
    "recovery_100k.rss_mb": "<= 250",
    "timers.lateness_p99_s": "<= 0.5",
    "timers.memory_mb": "<= 1000",
    "timers.ready_s": "<= 20",
    "timers.fires_per_second": ">= 3000",
    "parts.date_arithmetic_us": "<= 5",
    "parts.deadline_and_marks_us": "<= 30",
    "route.ratios.clocks": ">= 0.75",
    "pull.records_per_second": ">= 3000",
    "parts.routing_1000_rules_us": "<= 20",
}
"""What is aimed at on two cores; shown beside what was measured, and judged by nobody but the reader."""


def _show(figures: dict[str, dict[str, Any]], json: bool) -> None:
    if json:
        out(next(iter(figures.values())))
        return
    table = Table(t("项目", "measure"), t("测得", "measured"), t("目标", "aim"))
    for name, value in _flat(figures):
        table.add_row(name, f"{value:,.2f}" if isinstance(value, float) else str(value), GOALS.get(name, ""))
    out(table)


def _flat(figures: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in figures.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value
