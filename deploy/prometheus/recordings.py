"""Recording rules. First the copies that two workers may show of one partition become one: `max without (instance)`.

A sum over workers would count a partition twice while it moves, and its fall afterwards would look like a counter that
was reset.
"""

from typing import Final

from deploy.prometheus.rule import Recording

OBJECTIVE: Final = 0.98
"""Share of the runs of a clock that have to end in time."""
ALLOWED: Final = f"{1 - OBJECTIVE:.2f}"
PERIOD: Final = "28d"
"""Four whole weeks, so that every weekday is in it as often as any other."""

COUNTERS: Final = {
    "hotline_dispatches_received": "partition",
    "hotline_returns": "partition",
    "hotline_reopens": "partition",
    "hotline_sla_cycles_completed": "department_clock_outcome_partition",
    "hotline_sla_breaches": "department_clock_partition",
    "hotline_sla_warnings": "clock_threshold_partition",
    "hotline_supervision_escalations": "department_level_partition",
    "hotline_supervision_persons": "department_level_partition",
}
"""Metric without `_total` -> its labels."""

GAUGES: Final = {
    "hotline_dispatches": ("category", "channel"),
    "hotline_dispatches_open": ("department", "state"),
    "hotline_sla_clocks_open": ("department", "clock", "band"),
    "hotline_sla_clocks_paused": ("department", "clock"),
    "hotline_supervision_open": ("level",),
}
"""Metric -> what is left after the partitions were added up."""

RATIO_WINDOWS: Final = ("1h", "6h", "3d")


def one_of(metric: str) -> str:
    """The recorded counter of which every partition is there once."""
    return f"{COUNTERS[metric]}:{metric}:max"


def sum_of(metric: str) -> str:
    """The recorded gauge over all partitions."""
    return f"{'_'.join(GAUGES[metric])}:{metric}:sum"


CYCLES: Final = one_of("hotline_sla_cycles_completed")
BY_OUTCOME: Final = "clock_outcome:hotline_sla_cycles_completed:sum"
LATE: Final = "clock:hotline_sla_cycles_late_per_completed"
COMPLETED: Final = "clock:hotline_sla_cycles_completed"
BUDGET: Final = f"clock:hotline_sla_budget_used:ratio{PERIOD}"


def late_ratio(window: str) -> str:
    """The recorded share of runs that ended late, of those that ended in `window`."""
    return f"{LATE}:ratio_rate{window}"


def completed(window: str) -> str:
    """The recorded number of runs that ended in `window`."""
    return f"{COMPLETED}:increase{window}"


def ended_within(outcomes: str, period: str) -> str:
    """Exact difference of what the rows say, without what `increase` makes up; from 0 where there is no `period` yet.

    The highest value of a day, because while a partition is on no worker the sum lacks it.
    """
    was = f'sum by (clock) (max_over_time({BY_OUTCOME}{{outcome=~"{outcomes}"}}[1d]%s))'
    return f"({was % ''} - ({was % f' offset {period}'} or 0 * {was % ''}))"


def _ratio(window: str) -> str:
    late = f'sum by (clock) (rate({CYCLES}{{outcome="met_late"}}[{window}]))'
    every = f'sum by (clock) (rate({CYCLES}{{outcome=~"met|met_late"}}[{window}]))'
    return f"{late} / {every}"


RECORDINGS: Final = (
    *(Recording(record=one_of(metric), expr=f"max without (instance) ({metric}_total)") for metric in COUNTERS),
    *(
        Recording(record=sum_of(metric), expr=f"sum by ({', '.join(labels)}) (max without (instance) ({metric}))")
        for metric, labels in GAUGES.items()
    ),
    Recording(record=BY_OUTCOME, expr=f"sum by (clock, outcome) ({CYCLES})"),
    *(Recording(record=late_ratio(window), expr=_ratio(window)) for window in RATIO_WINDOWS),
    *(
        Recording(
            record=completed(window),
            expr=f'sum by (clock) (increase({CYCLES}{{outcome=~"met|met_late"}}[{window}]))',
        )
        for window in RATIO_WINDOWS
    ),
    Recording(record=f"{COMPLETED}:difference{PERIOD}", expr=ended_within("met|met_late", PERIOD)),
    Recording(
        record=BUDGET,
        expr=f"{ended_within('met_late', PERIOD)} / ({ALLOWED} * {COMPLETED}:difference{PERIOD} > 0)",
    ),
)
