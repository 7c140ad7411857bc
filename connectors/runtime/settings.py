"""What a connector of any system can be told in its YAML: how often, how far back, how fast, how patient."""

import re
from datetime import time, timedelta
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from schemas.base import Code

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def duration(value: Any) -> Any:
    """`90s`, `10m`, `6h`, `7d`, `500ms` to a timedelta, a day being 24 hours; what is no text pydantic judges."""
    if isinstance(value, str) and (match := _DURATION.fullmatch(value.strip())):
        return timedelta(seconds=float(match[1]) * _UNITS[match[2]])
    if isinstance(value, str):
        raise ValueError("write a duration as 500ms, 90s, 10m, 6h or 7d")
    return value


Duration = Annotated[timedelta, BeforeValidator(duration)]


class Strict(BaseModel):
    """The base of all settings: frozen, and an unknown key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PullRules(Strict):
    """When and what to read by update time."""

    every: Duration = timedelta(seconds=10)
    overlap: Duration = timedelta(minutes=10)
    """Each pull reads so far back again: at least the source's longest late commit, plus its clock's error."""
    lag: Duration = timedelta(seconds=2)
    """The newest time is left alone for so long: records of the same second may still be on their way."""
    longest: Duration = timedelta(hours=6)
    """No window is longer; after an outage the way back is walked in steps."""
    first: Duration = timedelta(days=7)
    """How far back the very first pull goes."""
    retention: Duration | None = None
    """What the source serves at most; a cursor older than this needs a person."""
    invalid_share: float = Field(default=0.5, gt=0, le=1)
    """More refused records in a page than this share (and at least `invalid_least`): the page is at fault, not they."""
    invalid_least: int = Field(default=5, ge=1)

    @model_validator(mode="after")
    def _moves(self) -> Self:
        if self.every <= timedelta(0) or self.longest <= timedelta(0):
            raise ValueError("every and longest are more than nothing")
        return self


class SweepRules(Strict):
    """A sweep: reads the last `back` again, and counts what the windows had missed."""

    name: Code
    back: Duration
    at: time | None = None
    """Once a day at this local time (of the system's zone)."""
    every: Duration | None = None
    """Or again and again, after so long."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.at is None) == (self.every is None):
            raise ValueError("a sweep has either `at` (a time of day) or `every` (a duration)")
        return self


class RetryRules(Strict):
    """How long to wait after the n-th failure in a row: `first`, then `factor` times as long, at most `longest`."""

    first: Duration = timedelta(seconds=1)
    factor: float = Field(default=2.0, ge=1)
    longest: Duration = timedelta(minutes=1)
    longest_asked: Duration = timedelta(minutes=5)
    """A Retry-After beyond this is cut to it."""


class BreakerRules(Strict):
    """After `failures` in a row no call is made for `pause`; then one is tried, and a failure doubles the pause."""

    failures: int = Field(default=5, ge=1)
    pause: Duration = timedelta(seconds=5)
    longest: Duration = timedelta(minutes=2)


class BudgetRules(Strict):
    """How much one system may be asked, by everything together."""

    per_second: float = Field(default=10.0, gt=0)
    burst: int = Field(default=20, ge=1)


class PushRules(Strict):
    """How the system is told."""

    parallel: int = Field(default=4, ge=1, le=64)
    """Dispatches told at the same time; one dispatch's feedback always goes one after another."""
    waiting_most: int = Field(default=2000, ge=1)
    """Feedback held in memory; beyond it no more is read from Kafka."""
    settle: Duration = timedelta(seconds=1)
    """After an answer was lost, how long the system gets before it is asked what it knows."""
    give_up: Duration = timedelta(hours=24)
    """A feedback that fails by itself for so long, while others get through, is a dead letter."""


class ConnectorSettings(Strict):
    """What every system's settings have in common."""

    source: Code
    """The part of a dispatch's id before the colon; for ever."""
    pull: PullRules = PullRules()
    sweeps: tuple[SweepRules, ...] = ()
    retry: RetryRules = RetryRules()
    breaker: BreakerRules = BreakerRules()
    budget: BudgetRules = BudgetRules()
    push: PushRules = PushRules()
