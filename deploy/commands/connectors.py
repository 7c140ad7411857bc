"""`paidan connectors`: runs the links to the city's platform, tries them, shows how far they are, and steers them."""

import getpass
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from prometheus_client import CollectorRegistry
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from connectors.runtime.budget import Budget
from connectors.runtime.checkpoints import ASKED, Checkpoints
from connectors.runtime.city_topic import TopicsMissingError
from connectors.runtime.indirect import UnresolvedError
from connectors.runtime.meter import Meter
from connectors.runtime.metrics import Metrics
from connectors.runtime.ports import Finding, Fittings, State
from connectors.runtime.service import Entry, LoopBrokenError, Service, utc_now
from connectors.runtime.settings import duration
from connectors.runtime.source_clock import LearnedClock
from connectors.runtime.writer_kafka import KafkaWriter
from deploy import settings as environment
from deploy.connecting import entries
from deploy.console import OK, WRONG, UserError, fail, note, out, stderr, t
from deploy.process import crash_points, log_to_stderr, on_stop, serve
from deploy.provision import missing_error, require_topics
from schemas.checkpoint import Checkpoint, Control, Desired
from schemas.kafka import KafkaSettings

app = typer.Typer(no_args_is_help=True, help=t("与市级平台的连接", "the links to the city's platform"))

STALE = timedelta(minutes=2)
"""A live checkpoint is written twice a minute at least; one older than this belongs to a process that is gone."""
BEGUN_S = 20.0

Json = Annotated[bool, typer.Option("--json", help=t("输出一个 JSON 对象", "print one JSON object"))]
CountyOption = Annotated[
    str | None, typer.Option("--county", help=t("县区配置：名称或目录", "county pack: a name or a folder"))
]
FileOption = Annotated[
    list[Path] | None,
    typer.Option("--file", help=t("直接指定连接器的 YAML（代替县区配置）", "a connector's YAML, instead of a county")),
]
NameArgument = Annotated[str, typer.Argument(help=t("连接器名称", "the connector's name"))]
NamesArgument = Annotated[list[str] | None, typer.Argument(help=t("只要这些连接器", "only these connectors"))]


@app.command(help=t("运行本县全部连接器", "run all connectors of the county"))
def run(
    names: NamesArgument = None,
    county: CountyOption = None,
    file: FileOption = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help=t("指标端口", "port of /metrics, 0: a free one"))] = 0,
) -> None:
    """Pulls and pushes until SIGTERM. A loop that breaks ends the process: a supervisor is to start it again."""
    log_to_stderr("connectors")
    service = Service(entries(names, county, file), environment.kafka(), at=crash_points())
    on_stop(service.stop)
    with serve(port, service.registry, service.health) as listening:
        note(t(f"连接器运行中，指标在 127.0.0.1:{listening}/metrics", f"metrics at 127.0.0.1:{listening}/metrics"))
        try:
            service.run()
        except UnresolvedError as problem:
            raise UserError(_unresolved(problem)) from problem
        except TopicsMissingError as problem:
            raise missing_error(problem.topics) from problem
        except LoopBrokenError as problem:
            fail(t(f"连接器中断：{problem}；原因见日志", f"a connector broke: {problem}; the log says why"), WRONG)


@app.command(help=t("逐项检查：域名、TLS、登录、读一页、时钟、字段、主题", "try everything, one line each"))
def check(
    names: NamesArgument = None, county: CountyOption = None, file: FileOption = None, json: Json = False
) -> None:
    """Exit code 1 when anything is wrong. Changes nothing, at the city or in Kafka."""
    found = {entry.name: list(_findings(entry)) for entry in entries(names, county, file)}
    topics = _topics_finding()
    good = topics.ok and all(finding.ok for findings in found.values() for finding in findings)
    if json:
        shown = {
            name: [{"check": one.name, "ok": one.ok, "detail": one.detail} for one in findings]
            for name, findings in found.items()
        }
        out({"ok": good, "topics": {"ok": topics.ok, "detail": topics.detail}, "connectors": shown})
    else:
        table = Table(t("连接器", "connector"), t("检查", "check"), t("结果", "result"), t("说明", "detail"))
        for name, findings in [*found.items(), ("Kafka", [topics])]:
            for one in findings:
                result = t("[green]正常[/]", "[green]ok[/]") if one.ok else t("[red]不正常[/]", "[red]wrong[/]")
                table.add_row(
                    name, _CHECKS.get(one.name, (one.name, one.name))[t("", "en") == "en"], result, one.detail
                )
        out(table)
    raise typer.Exit(OK if good else WRONG)


_CHECKS: dict[str, tuple[str, str]] = {
    "settings": ("配置", "settings"),
    "name": ("域名", "name"),
    "connection": ("连接与 TLS", "connection, TLS"),
    "login": ("登录", "login"),
    "page": ("读一页", "one page"),
    "order": ("排序", "order"),
    "clock": ("时钟相差", "clock skew"),
    "mapping": ("字段与编码", "mapping"),
    "folder": ("目录", "folder"),
    "topics": ("主题", "topics"),
}


@app.command(help=t("读到哪里了；有停滞或失败时退出码为 1", "how far they are; exit code 1 when one stands still"))
def status(names: NamesArgument = None, json: Json = False) -> None:
    """From the checkpoints alone: works from any machine that reaches Kafka."""
    with _checkpoints(environment.kafka()) as checkpoints:
        known = [
            (one, checkpoints.desired(connector))
            for (connector, _), one in sorted(checkpoints.all().items())
            if not names or connector in names
        ]
    rows = [_status(one, desired) for one, desired in known]
    if json:
        out({"streams": rows})
    elif not rows:
        note(t("没有任何连接器运行过", "no connector ever ran"))
    else:
        table = Table(
            t("连接器", "connector"), t("流", "stream"), t("状态", "state"), t("读到", "read to"), t("落后", "behind"),
            t("上次成功", "last success"), t("说明", "why"),
        )  # fmt: skip
        for row in rows:
            behind = "" if row["lag_seconds"] is None else f"{row['lag_seconds']:.0f} s"
            table.add_row(
                row["connector"], row["stream"], row["state"], row["cursor"], behind, row["last_success_at"] or "",
                row["why"],
            )  # fmt: skip
        out(table)
    raise typer.Exit(WRONG if any(row["state"] in ("failed", "stale") for row in rows) else OK)


@app.command(help=t("补读一段时间；可中断续读，不影响日常读取", "read a period again; resumable, beside the live one"))
def backfill(
    name: NameArgument,
    start: Annotated[str, typer.Option("--from", help=t("起（含），如 2026-03-01", "start, e.g. 2026-03-01"))],
    end: Annotated[str, typer.Option("--to", help=t("止（不含）", "end, not included"))],
    chunk: Annotated[str, typer.Option(help=t("每次读多长，如 6h、1d", "how much at a time: 6h, 1d"))] = "1d",
    again: Annotated[bool, typer.Option(help=t("已读完的也重读", "also when it was done before"))] = False,
    wait: Annotated[bool, typer.Option(help=t("等它读完", "wait until it is through"))] = True,
    zone: Annotated[str, typer.Option(help=t("起止时间的时区", "zone of the two times"))] = "Asia/Shanghai",
    json: Json = False,
) -> None:
    """Asks the running connectors for it: they share the city's call budget, and it comes last in it.

    Exit code 1 when no running connector takes it up; the wish is kept, and met when one runs.
    """
    begins, ends = _moment(start, zone), _moment(end, zone)
    if not begins < ends <= utc_now():
        fail(t("起要早于止，止不能在将来", "--from must be before --to, and --to not in the future"))
    stream = f"backfill/{begins:%Y%m%dT%H%M%SZ}/{ends:%Y%m%dT%H%M%SZ}"
    kafka = environment.kafka()
    with _checkpoints(kafka, writing=True) as checkpoints:
        known = checkpoints.of(name, stream)
        if checkpoints.of(name, "live") is None:
            fail(t(f"连接器 {name} 从未运行过", f"connector {name} never ran"), WRONG)
        if known is None or (again and known.cursor >= ends):
            seconds = int(_duration(chunk).total_seconds())
            known = checkpoints.save(
                Checkpoint(
                    connector=name, stream=stream, cursor=begins, until=ends, began=utc_now(), chunk_seconds=seconds,
                    state=ASKED, written_at=utc_now(),
                )
            )  # fmt: skip
        if wait:
            known = _follow(checkpoints, known)
    out(_status(known, Desired.RUNNING)) if json else note(f"{stream}: {known.state}")
    raise typer.Exit(OK if known.state == State.DONE or not wait else WRONG)


@app.command(help=t("暂停一个连接器，直到 resume", "pause a connector until resume"))
def pause(name: NameArgument, reason: Annotated[str, typer.Option(help=t("原因", "why"))] = "") -> None:
    """It stops pulling and pushing within a second, wherever it runs, and stays so over restarts."""
    _wish(name, Desired.PAUSED, reason)


@app.command(help=t("继续", "go on"))
def resume(name: NameArgument, reason: Annotated[str, typer.Option(help=t("原因", "why"))] = "") -> None:
    """It goes on where it was."""
    _wish(name, Desired.RUNNING, reason)


def _wish(name: str, desired: Desired, reason: str) -> None:
    with _checkpoints(environment.kafka(), writing=True) as checkpoints:
        if checkpoints.of(name, "live") is None and name not in {entry.name for entry in entries(None, None, None)}:
            fail(t(f"没有连接器 {name}", f"there is no connector {name}"))
        checkpoints.control(Control(connector=name, desired=desired, by=getpass.getuser(), at=utc_now(), reason=reason))
    words = {Desired.PAUSED: t("已要求暂停", "asked to pause"), Desired.RUNNING: t("已要求继续", "asked to go on")}
    note(f"{name}: {words[desired]}")


def _follow(checkpoints: Checkpoints, known: Checkpoint) -> Checkpoint:
    """Until it is through, or nobody has begun it for a while."""
    total = (known.until or known.cursor) - known.cursor
    first, given_up = known, time.monotonic() + BEGUN_S
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn(),
        console=stderr(), transient=True,
    ) as bar:  # fmt: skip
        task = bar.add_task(known.stream, total=max(total.total_seconds(), 1))
        while known.state != State.DONE:
            if known.state == ASKED and time.monotonic() > given_up:
                note(
                    t("没有运行中的连接器接手；运行后会继续", "no running connector took it up; one will, once it runs")
                )
                return known
            time.sleep(0.3)
            checkpoints.refresh()
            known = checkpoints.of(known.connector, known.stream) or known
            bar.update(task, completed=(known.cursor - first.cursor).total_seconds())
    return known


def _status(one: Checkpoint, desired: Desired) -> dict[str, Any]:
    now = utc_now()
    live = one.until is None
    state = one.state
    if live and now - one.written_at > STALE:
        state = "stale"
    elif live and desired is Desired.PAUSED:
        state = State.PAUSED.value
    return {
        "connector": one.connector,
        "stream": one.stream,
        "state": state,
        "desired": desired.value,
        "cursor": one.cursor.isoformat(timespec="seconds"),
        "lag_seconds": (now - one.cursor).total_seconds() if live else None,
        "last_success_at": one.last_success_at.isoformat(timespec="seconds") if one.last_success_at else None,
        "why": one.why,
        "writer": one.writer,
    }


@contextmanager
def _checkpoints(kafka: KafkaSettings, *, writing: bool = False) -> Iterator[Checkpoints]:
    require_topics(kafka, ())
    writer = KafkaWriter(kafka, "paidan-connectors-cli") if writing else None
    checkpoints = Checkpoints(kafka, writer, utc_now)
    try:
        checkpoints.load()
        yield checkpoints
    finally:
        checkpoints.close()
        if writer is not None:
            writer.close()


def _findings(entry: Entry) -> Iterator[Finding]:
    meter = Meter(entry.name, Budget(entry.settings.budget), Metrics(CollectorRegistry(), [entry.name]))
    try:
        parts = entry.build(Fittings(entry.name, meter, LearnedClock(utc_now)))
    except UnresolvedError as problem:
        yield Finding("settings", False, _unresolved(problem))
        return
    yield Finding("settings", True)
    try:
        if parts.probe is not None:
            yield from parts.probe()
    finally:
        if parts.close is not None:
            parts.close()


def _topics_finding() -> Finding:
    try:
        require_topics(environment.kafka(), ())
    except UserError as problem:
        return Finding("topics", False, problem.message)
    return Finding("topics", True)


def _unresolved(problem: UnresolvedError) -> str:
    return t(f"配置指向的值取不到：{problem}", f"a setting cannot be resolved: {problem}")


def _moment(text: str, zone: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, KeyError):
        fail(t(f"看不懂的时间 {text}", f"{text} is no time"))


def _duration(text: str) -> timedelta:
    try:
        found = duration(text)
    except ValueError as problem:
        fail(str(problem))
    assert isinstance(found, timedelta)
    return found
