"""Metrics that nobody scrapes: they would cost a tenth of a simulated year, and the journal is what counts."""

from collections import defaultdict
from typing import Any

from streams.case_metrics import CaseMetrics
from streams.domain.decision import IgnoredReason
from streams.metrics import Metrics


class Nothing:
    """In place of a counter, a gauge, a histogram and the business metrics."""

    def ignore(self, *args: object) -> None:
        """Whatever is said."""

    inc = observe = set = set_to_current_time = add = serve = drop = ignore


NOTHING: Any = Nothing()


def silent_metrics() -> Metrics:
    """Those of a worker."""
    metrics = Metrics(IgnoredReason)
    metrics.ages = metrics.timer_tick = metrics.clock_step = metrics.timer_lateness = NOTHING
    for name in ("consumed", "failed", "messages", "unknown_codes", "dead", "processing", "heartbeat"):
        setattr(metrics, name, defaultdict(lambda: NOTHING))
    return metrics


def silent_case_metrics() -> CaseMetrics:
    """Those of the rows."""
    nothing: CaseMetrics = NOTHING
    return nothing
