"""`paidan streams`: the stream workers."""

from typing import Annotated

import typer

from deploy import county, settings
from deploy.console import UserError, note, t
from deploy.county import CountyError
from deploy.process import crash_points, log_to_stderr, serve
from deploy.provision import missing_error

app = typer.Typer(no_args_is_help=True, help=t("流处理进程", "the stream workers"))


@app.callback()
def streams() -> None:
    """Keeps `run` a word of its own while it is the only one."""


@app.command(help=t("运行一个流处理进程，直到 SIGTERM", "run one worker until SIGTERM"))
def run(
    name: Annotated[
        str,
        typer.Option("--name", help=t("名称：进程间唯一，重启后不变", "unique among workers, stable over restarts")),
    ] = "w1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help=t("指标端口，0 为任选", "port of /metrics, 0 for any"))
    ] = 0,
) -> None:
    """Ends with 0 after a clean stop, 70 when it ended itself (start it again), 2 when something must be put right."""
    try:
        pack = county.load(settings.county())
    except CountyError as error:
        raise UserError("\n".join(fault.text() for fault in error.faults)) from error
    kafka, lens = settings.kafka(), settings.lens()
    log_to_stderr("streams")
    if lens is not None:
        note(
            t(
                "PAIDAN_DEMO_CLOCK：时间是演示的，不是真实的",
                "PAIDAN_DEMO_CLOCK: the time is a demonstration's, not real",
            )
        )
    # Faust is slow to import and chooses its event loop while it is: only where it is needed, after the logs are set.
    from streams.app import build_worker
    from streams.engine import MissingTopicsError, UnsupportedError, quiet_logs

    quiet_logs()
    try:
        worker = build_worker(
            kafka,
            pack.policy,
            pack.timetable,
            name=name,
            datadir=settings.home() / "streams",
            at=crash_points(),
            lens=lens,
        )
        with serve(port, worker.registry, worker.health) as served:
            note(
                t(
                    f"流处理 {name}：http://127.0.0.1:{served}/metrics",
                    f"worker {name}: http://127.0.0.1:{served}/metrics",
                )
            )
            code = worker.run()
    except MissingTopicsError as missing:
        raise missing_error(missing.topics) from missing
    except UnsupportedError as unsupported:
        raise UserError(str(unsupported)) from unsupported
    raise typer.Exit(code)
