"""Alerts on the connection with the city's platform: what comes in, what goes back, and whether both are whole."""

from typing import Final

from deploy.prometheus.rule import Alert, Domain, Severity

CONNECTORS: Final = 'job="paidan-connectors"'

CITY_ALERTS: Final = (
    Alert(
        name="HotlineConnectorsDown",
        expr=f"absent(up{{{CONNECTORS}}} == 1)",
        held="2m",
        severity=Severity.CRITICAL,
        domain=Domain.CITY,
        summary="连接器进程不应答：不取派单，也不回复市级",
    ),
    Alert(
        name="HotlineConnectorFailed",
        expr='max by (connector, loop) (connector_state{state="failed"}) == 1',
        held="2m",
        severity=Severity.CRITICAL,
        domain=Domain.CITY,
        summary="连接器 {{ $labels.connector }}（{{ $labels.loop }}）已停下，需要人处理",
    ),
    Alert(
        name="HotlineCityUnreachable",
        expr="max by (connector, loop) (connector_breaker_state) == 2",
        held="5m",
        severity=Severity.CRITICAL,
        domain=Domain.CITY,
        summary="{{ $labels.connector }} 的市级平台五分钟以上连不上（{{ $labels.loop }}）",
    ),
    Alert(
        name="HotlinePullBehind",
        expr="max by (connector) (connector_cursor_lag_seconds) > 600",
        held="5m",
        severity=Severity.CRITICAL,
        domain=Domain.CITY,
        summary="{{ $labels.connector }} 取派单落后 {{ $value | humanizeDuration }}，二十分钟签收会来不及",
    ),
    Alert(
        name="HotlineOutboxStuck",
        expr="max by (connector) (connector_unacked_age_seconds) > 300",
        severity=Severity.CRITICAL,
        domain=Domain.CITY,
        summary="{{ $labels.connector }} 有回复已 {{ $value | humanizeDuration }} 未被市级收下",
    ),
    Alert(
        name="HotlineFeedbackRejected",
        expr='sum by (connector, kind) (increase(connector_feedback_total{outcome="rejected"}[1h])) > 0',
        severity=Severity.WARNING,
        domain=Domain.CITY,
        summary="市级拒收回复：{{ $labels.connector }}，{{ $labels.kind }}",
    ),
    Alert(
        name="HotlineRecordsQuarantined",
        expr="sum by (connector, reason) (increase(connector_quarantined_total[15m])) > 0",
        severity=Severity.WARNING,
        domain=Domain.CITY,
        summary="{{ $labels.connector }} 有读不懂的记录，原因 {{ $labels.reason }}",
    ),
    Alert(
        name="HotlineRecordsUnreachable",
        expr="sum by (connector) (increase(connector_unreachable_records_total[1h])) > 0",
        severity=Severity.CRITICAL,
        domain=Domain.CITY,
        summary="{{ $labels.connector }} 说有的记录，怎么问都取不到",
    ),
    Alert(
        name="HotlineSweepFoundMissing",
        expr='sum by (connector) (increase(connector_sweep_found_total{what="missing"}[1h])) > 0',
        severity=Severity.WARNING,
        domain=Domain.CITY,
        summary="{{ $labels.connector }} 复查时补到平时没有取到的记录",
    ),
    Alert(
        name="HotlineCityClockSkewed",
        expr="max by (connector) (abs(connector_clock_skew_seconds)) > 60",
        held="10m",
        severity=Severity.WARNING,
        domain=Domain.CITY,
        summary="{{ $labels.connector }} 的市级时钟与本机相差 {{ $value | humanizeDuration }}",
    ),
    Alert(
        name="HotlineTwoConnectors",
        expr="sum by (connector) (increase(connector_other_writers_total[15m])) > 0",
        severity=Severity.WARNING,
        domain=Domain.CITY,
        summary="{{ $labels.connector }} 同时有两个进程在跑",
    ),
)
