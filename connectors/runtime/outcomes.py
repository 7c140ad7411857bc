"""What follows from each failure: the retry policy, as two tables. Pure."""

from enum import StrEnum
from typing import Final

from connectors.runtime.ports import Failure
from connectors.runtime.settings import RetryRules


class Next(StrEnum):
    """What a loop does after a failure."""

    RETRY = "retry"
    """Wait and do the same again."""
    ASK = "ask"
    """It may have been done: wait, find out, and only then do it again."""
    EXISTS = "exists"
    """It is done."""
    REJECT = "reject"
    """It will never be done: a dead letter."""
    STOP = "stop"
    """Not a matter of waiting: show FAILED, and try again slowly."""


PULL: Final[dict[Failure, Next]] = {
    Failure.UNREACHABLE: Next.RETRY,
    Failure.TIMEOUT: Next.RETRY,
    Failure.CUT_OFF: Next.RETRY,
    Failure.SERVER_ERROR: Next.RETRY,
    Failure.BUSY: Next.RETRY,
    Failure.SESSION: Next.RETRY,
    Failure.LOGIN_REFUSED: Next.STOP,
    Failure.TOO_LARGE: Next.STOP,
    Failure.UNREADABLE: Next.STOP,
    Failure.SHAPE: Next.STOP,
    Failure.NOT_FOUND: Next.STOP,
    Failure.EXISTS: Next.STOP,
    Failure.REJECTED: Next.STOP,
}
"""For reading. STOP is for what repeats: the first `PATIENCE` in a row are retried like any other."""

PUSH: Final[dict[Failure, Next]] = {
    Failure.UNREACHABLE: Next.RETRY,
    Failure.TIMEOUT: Next.ASK,
    Failure.CUT_OFF: Next.ASK,
    Failure.SERVER_ERROR: Next.ASK,
    Failure.BUSY: Next.RETRY,
    Failure.SESSION: Next.RETRY,
    Failure.LOGIN_REFUSED: Next.RETRY,
    Failure.TOO_LARGE: Next.ASK,
    Failure.UNREADABLE: Next.ASK,
    Failure.SHAPE: Next.ASK,
    Failure.NOT_FOUND: Next.REJECT,
    Failure.EXISTS: Next.EXISTS,
    Failure.REJECTED: Next.REJECT,
}
"""For telling."""

PATIENCE: Final = 5

TRIPS: Final[frozenset[Failure]] = frozenset(
    {
        Failure.UNREACHABLE,
        Failure.TIMEOUT,
        Failure.CUT_OFF,
        Failure.SERVER_ERROR,
        Failure.SESSION,
        Failure.LOGIN_REFUSED,
    }
)
"""What counts against the breaker: the system as a whole is ill. An answer it thought about never counts."""


def delay(attempt: int, retry_after: float | None, rules: RetryRules) -> float:
    """Seconds to wait after the `attempt`-th failure in a row, counted from 1. What the system asked for goes first."""
    if retry_after is not None:
        return min(max(retry_after, 0.0), rules.longest_asked.total_seconds())
    longest = rules.longest.total_seconds()
    first = rules.first.total_seconds()
    # beyond 64 doublings any base is longer than the longest
    return min(first * rules.factor ** min(attempt - 1, 64), longest)
