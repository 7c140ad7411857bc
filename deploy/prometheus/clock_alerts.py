"""Alerts on deadlines and supervision. Low traffic decides their shape: a county has some fifty dispatches a day.

So they look at clocks by band and at what is left of the period's budget; how fast it burns is asked only over six
hours and more, and only where enough runs ended to say anything (two late answers in an hour are no trend).
"""

from typing import Final

from deploy.prometheus.recordings import BUDGET, COMPLETED, PERIOD, completed, late_ratio, sum_of
from deploy.prometheus.rule import Alert, Domain, Severity
from schemas.clock import ClockName
from streams.domain.tally import Band

RESPONSE: Final = '{clock=~"sign|department_sign|contact"}'
FEWEST_FAST: Final = 20
FEWEST_SLOW: Final = 50
"""Runs that must have ended in the window before a share of them is believed."""
DAYS_LEFT: Final = 45

WORDS: Final = {
    ClockName.SIGN: "县级签收",
    ClockName.ROUTE: "转办",
    ClockName.DEPARTMENT_SIGN: "部门签收",
    ClockName.CONTACT: "联系群众",
    ClockName.HANDLING: "办理",
    ClockName.REVIEW: "审核",
    ClockName.CALLBACK: "回访",
}
CLOCK: Final = "".join(f'{{{{ if eq $labels.clock "{clock}" }}}}{word}{{{{ end }}}}' for clock, word in WORDS.items())
WHO: Final = '{{ or $labels.name $labels.department "县中心" }}'
NAMES: Final = "max by (department, name) (hotline_department_info)"


def open_in(band: Band) -> str:
    """Departments and clocks with open runs in `band`, with the department's name where it is known."""
    some = f'(sum by (department, clock) ({sum_of("hotline_sla_clocks_open")}{{band="{band}"}}) > 0)'
    return f"({some} * on (department) group_left (name) {NAMES}) or on (department, clock) {some}"


ENOUGH: Final = f"{COMPLETED}:difference{PERIOD} >= {FEWEST_SLOW}"

CLOCK_ALERTS: Final = (
    Alert(
        name="HotlineClockNearDeadline",
        expr=open_in(Band.LT100),
        severity=Severity.WARNING,
        domain=Domain.SLA,
        summary=f"{WHO}有 {{{{ $value }}}} 件的{CLOCK}时限即将到期",
    ),
    Alert(
        name="HotlineClockBreached",
        expr=open_in(Band.BREACHED),
        severity=Severity.CRITICAL,
        domain=Domain.SLA,
        summary=f"{WHO}有 {{{{ $value }}}} 件的{CLOCK}时限已超期",
    ),
    Alert(
        name="HotlineBreachBudgetLow",
        expr=f"({BUDGET} >= 0.75) and on (clock) ({ENOUGH})",
        severity=Severity.WARNING,
        domain=Domain.SLA,
        summary=f"{CLOCK}：四周内允许的超期件数已用去 {{{{ $value | humanizePercentage }}}}",
    ),
    Alert(
        name="HotlineBreachBudgetExhausted",
        expr=f"({BUDGET} >= 1) and on (clock) ({ENOUGH})",
        severity=Severity.CRITICAL,
        domain=Domain.SLA,
        summary=f"{CLOCK}：四周内允许的超期件数已用完（{{{{ $value | humanizePercentage }}}}）",
    ),
    Alert(
        name="HotlineResponseBudgetBurnFast",
        expr=(
            f"({late_ratio('6h')}{RESPONSE} > 6 * 0.02) and on (clock) ({late_ratio('1h')}{RESPONSE} > 6 * 0.02)"
            f" and on (clock) ({completed('6h')} >= {FEWEST_FAST})"
        ),
        severity=Severity.CRITICAL,
        domain=Domain.SLA,
        summary=f"{CLOCK}：六小时内超期占 {{{{ $value | humanizePercentage }}}}，是允许值的六倍以上",
    ),
    Alert(
        name="HotlineResponseBudgetBurnSlow",
        expr=(
            f"({late_ratio('3d')}{RESPONSE} > 0.02) and on (clock) ({late_ratio('6h')}{RESPONSE} > 0.02)"
            f" and on (clock) ({completed('3d')} >= {FEWEST_SLOW})"
        ),
        severity=Severity.WARNING,
        domain=Domain.SLA,
        summary=f"{CLOCK}：三天内超期占 {{{{ $value | humanizePercentage }}}}，照此下去四周的允许件数会用完",
    ),
    Alert(
        name="HotlineSupervisionInterviewOpen",
        expr=f'{sum_of("hotline_supervision_open")}{{level="interview"}} > 0',
        severity=Severity.WARNING,
        domain=Domain.SUPERVISION,
        summary="有 {{ $value }} 件已到约谈仍未办结",
    ),
    Alert(
        name="HotlineCalendarExpiring",
        expr=f"min by (calendar) (hotline_calendar_covered_days_left) < {DAYS_LEFT}",
        severity=Severity.WARNING,
        domain=Domain.PIPELINE,
        summary="工作日历 {{ $labels.calendar }} 只剩 {{ $value }} 天，其后的时限只能暂算",
    ),
)
