"""Crash-only: the one reaction to what is not one record's fault, and the named points where tests crash us.

A supervisor restarts the process; it comes back on the road that SIGKILL takes, which is the best tested one.
"""

import os
import sys
import traceback
from collections.abc import Callable
from typing import Final, NoReturn

import structlog

FATAL: Final = 70
"""Exit code (EX_SOFTWARE) of a worker that ended itself."""

POINTS: Final = (
    "run_taken",
    "outputs_half",
    "outputs_sent",
    "outputs_acked",
    "rows_half",
    "rows_sent",
    "rows_acked",
    "run_handled",
    "run_acked",
    "committing",
    "committed",
)
"""In the order a run meets them.

run_taken: handed to its agent, nothing done. *_half: between two batches of a wave (not met by a wave of one batch).
*_sent: all batches of a wave are with the client. *_acked: the broker has them all. run_handled: the agent is done,
the run not acked. run_acked: may be committed. committing: just before a commit. committed: the broker has it.
"""

At = Callable[[str], None]
"""Called with the name of each point as it is passed."""


def no_op(point: str) -> None:
    """Nobody crashes us."""


def fatal(what: str, problem: object) -> NoReturn:
    """End the process at once, from any thread, without acking, committing or flushing to Kafka.

    `problem` is logged by its type and text; whoever raises keeps record contents out of exception texts.
    """
    # Frames only: values of local variables, which some renderers add to exc_info, are personal data.
    frames = traceback.format_tb(problem.__traceback__) if isinstance(problem, BaseException) else []
    structlog.get_logger(__name__).error(
        "worker_died", what=what, error=type(problem).__name__, reason=str(problem), traceback="".join(frames)
    )
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(FATAL)
