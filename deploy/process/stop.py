"""How a process is asked to end."""

import signal
from collections.abc import Callable

import structlog


def on_stop(stop: Callable[[], None]) -> None:
    """Calls `stop` on SIGTERM and SIGINT; a second signal ends the process at once. Main thread only."""

    def first(number: int, _frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        structlog.get_logger("deploy.process").info("stop_asked", signal=signal.Signals(number).name)
        stop()

    signal.signal(signal.SIGTERM, first)
    signal.signal(signal.SIGINT, first)
