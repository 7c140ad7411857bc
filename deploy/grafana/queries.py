"""Pieces of PromQL that more than one dashboard uses."""

from typing import Final

from deploy.grafana.panels import Panel
from deploy.prometheus.recordings import CYCLES, one_of, sum_of

RATE: Final = "$__rate_interval"
OPEN_CLOCKS: Final = sum_of("hotline_sla_clocks_open")
OPEN: Final = sum_of("hotline_dispatches_open")
RECEIVED: Final = one_of("hotline_dispatches_received")
LATE_SIGNS: Final = f'{CYCLES}{{clock="department_sign",outcome="met_late"}}'
STEPS: Final = one_of("hotline_supervision_escalations")


def of_day(recorded: str, by: str = "") -> str:
    """By how much a recorded counter grew in a day: the difference of what the rows say, so a whole number."""
    now = f"sum{f' by ({by})' if by else ''} (max_over_time({recorded}[10m]%s))"
    return f"{now % ''} - ({now % ' offset 1d'} or 0 * {now % ''})"


def p99(histogram: str, by: str) -> str:
    """The 99th percentile of a histogram, by one label."""
    labels = f"{by}, le" if by else "le"
    return f"histogram_quantile(0.99, sum by ({labels}) (rate({histogram}_bucket[{RATE}])))"


def tile(title: str, about: str, expr: str, red_from: float | None = None) -> Panel:
    """One number."""
    return Panel(title=title, about=about, expr=expr, kind="stat", width=4, height=4, red_from=red_from, unit="none")
