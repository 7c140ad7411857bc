"""run_worker: Faust's worker in this process, until SIGTERM or SIGINT."""

import asyncio
import os
import threading
from typing import Any, Final

import faust
import structlog
from typing_extensions import override

from streams.engine.crash import FATAL
from streams.engine.overrides import App

STOP_SECONDS: Final = 30.0

log = structlog.get_logger(__name__)


class Worker(faust.Worker):
    """Leaves logging to the process, prints nothing, and does not stop for ever."""

    def __init__(self, app: App, *, stop_seconds: float) -> None:
        super().__init__(app, quiet=True, override_logging=False, redirect_stdouts=False, loglevel="WARN")
        self.spinner = None
        self._stop_seconds = stop_seconds

    @override
    async def stop(self) -> None:
        """Finish the runs in work and commit; where that takes too long, end like SIGKILL would."""
        timer = threading.Timer(self._stop_seconds, _give_up)
        timer.daemon = True
        timer.start()
        await super().stop()


def run_worker(app: App, *, stop_seconds: float = STOP_SECONDS) -> int:
    """Run until a signal; answers 0 after a clean stop. Does not return where the worker died: exit code 70."""
    # Whoever used asyncio.run() before us left this thread without a loop.
    asyncio.set_event_loop(asyncio.new_event_loop())
    try:
        Worker(app, stop_seconds=stop_seconds).execute_from_commandline()
    except SystemExit as end:
        return _code(end.code)


def _code(code: Any) -> int:
    return code if isinstance(code, int) else 0 if code is None else 1


def _give_up() -> None:
    log.error("worker_stop_took_too_long")
    os._exit(FATAL)
