"""A breaker: leaves a system alone that does not answer, and tries it with one call at a time. Pure.

closed: all may call. open: nobody, until the pause is over. half-open: one call decides.
"""

from dataclasses import dataclass, replace
from enum import IntEnum

from connectors.runtime.settings import BreakerRules


class Position(IntEnum):
    """The number is the metric's value."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


@dataclass(frozen=True, slots=True)
class Breaker:
    """Times are seconds of a monotonic clock."""

    failures: int = 0
    """In a row, while closed."""
    opened: int = 0
    """Times it opened since the last success; each doubles the pause."""
    open_until: float | None = None
    """When the next call may be tried; None while closed."""
    trying: bool = False
    """A trial call is on its way."""


def position(breaker: Breaker, now: float) -> Position:
    """Where it stands."""
    if breaker.open_until is None:
        return Position.CLOSED
    return Position.OPEN if now < breaker.open_until else Position.HALF_OPEN


def wait(breaker: Breaker, now: float) -> float:
    """Seconds until a call may be made; 0 means now. While another's trial is on its way: a short while."""
    if breaker.open_until is None:
        return 0.0
    if now < breaker.open_until:
        return breaker.open_until - now
    return 0.05 if breaker.trying else 0.0


def calling(breaker: Breaker, now: float) -> Breaker:
    """A call is about to be made."""
    return breaker if position(breaker, now) is Position.CLOSED else replace(breaker, trying=True)


def succeeded(_: Breaker) -> Breaker:
    """The system answered, whatever it said."""
    return Breaker()


def failed(breaker: Breaker, now: float, rules: BreakerRules) -> Breaker:
    """The system did not answer."""
    failures = breaker.failures + 1
    if breaker.open_until is None and failures < rules.failures:
        return replace(breaker, failures=failures)
    if breaker.open_until is not None and now < breaker.open_until:
        # a call that was under way when it opened says nothing new
        return breaker
    pause = min(rules.pause.total_seconds() * 2 ** min(breaker.opened, 30), rules.longest.total_seconds())
    return Breaker(failures, breaker.opened + 1, now + pause)
