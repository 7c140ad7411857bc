"""Alerts on the bridge itself: whether workers run, timers tick, records move, and figures can be believed."""

from typing import Final

from deploy.prometheus.recordings import one_of
from deploy.prometheus.rule import Alert, Domain, Severity
from schemas.topics import INBOX, PARTITIONS

WORKERS: Final = 'job="paidan-streams"'
SILENT: Final = "3h"
"""Of office hours without a dispatch. A county of ten dispatches a day may want more."""
SAMPLE_LIMIT: Final = 50_000
"""Of one scrape; the same figure stands in prometheus.yml."""

PIPELINE_ALERTS: Final = (
    Alert(
        name="HotlineTimersStalled",
        expr="max by (instance) (time() - bridge_timer_tick_timestamp_seconds) > 90",
        held="30s",
        severity=Severity.CRITICAL,
        domain=Domain.PIPELINE,
        summary="{{ $labels.instance }} 的计时已停 {{ $value | humanizeDuration }}：到期不会提醒，时限数字不可信",
    ),
    Alert(
        name="HotlineTimerLate",
        expr="histogram_quantile(0.99, sum by (le) (rate(bridge_timer_lateness_seconds_bucket[10m]))) > 30",
        severity=Severity.CRITICAL,
        domain=Domain.PIPELINE,
        summary="提醒晚于应发时刻 {{ $value | humanizeDuration }}",
    ),
    Alert(
        name="HotlineClockStepped",
        expr="max by (instance) (abs(bridge_clock_step_seconds)) > 0",
        severity=Severity.CRITICAL,
        domain=Domain.PIPELINE,
        summary="{{ $labels.instance }} 的系统时间跳变 {{ $value | humanizeDuration }}，计时已暂停",
    ),
    Alert(
        name="HotlineHeartbeatLost",
        expr='max by (instance) (time() - bridge_heartbeat_timestamp_seconds{stage="loop"}) > 60',
        held="1m",
        severity=Severity.CRITICAL,
        domain=Domain.PIPELINE,
        summary="{{ $labels.instance }} 还在应答，但已 {{ $value | humanizeDuration }} 没有工作",
    ),
    Alert(
        name="HotlineWorkersMissing",
        expr=f"(count(up{{{WORKERS}}} == 0) > 0) or absent(up{{{WORKERS}}} == 1)",
        held="2m",
        severity=Severity.CRITICAL,
        domain=Domain.PIPELINE,
        summary="有流处理进程不应答",
    ),
    Alert(
        name="HotlinePartitionsUnserved",
        expr=f'(sum(bridge_assigned_partitions{{topic="{INBOX}"}}) or vector(0)) < {PARTITIONS}',
        held="2m",
        severity=Severity.CRITICAL,
        domain=Domain.PIPELINE,
        summary=f"{INBOX} 的 {PARTITIONS} 个分区只有 {{{{ $value }}}} 个有人处理",
    ),
    Alert(
        name="HotlineTableRecovering",
        expr="max by (instance) (bridge_table_recovering) == 1",
        held="10m",
        severity=Severity.WARNING,
        domain=Domain.PIPELINE,
        summary="{{ $labels.instance }} 读回派单表已超过十分钟",
    ),
    Alert(
        name="HotlineRecordsLate",
        expr="histogram_quantile(0.99, sum by (topic, le) (rate(bridge_event_age_seconds_bucket[10m]))) > 60",
        held="5m",
        severity=Severity.WARNING,
        domain=Domain.PIPELINE,
        summary="{{ $labels.topic }} 的记录 {{ $value | humanizeDuration }} 后才处理",
    ),
    Alert(
        name="HotlineLagGrowing",
        expr=(
            "(sum by (topic) (delta(bridge_consumer_lag_records[10m])) > 0)"
            " and on (topic) (sum by (topic) (bridge_consumer_lag_records) > 100)"
        ),
        held="15m",
        kept="10m",
        severity=Severity.WARNING,
        domain=Domain.PIPELINE,
        summary="{{ $labels.topic }} 的积压持续增加",
    ),
    Alert(
        name="HotlineDeadLetters",
        expr='sum by (topic, reason) (increase(bridge_dead_letters_total{reason!="parked"}[15m])) > 0',
        severity=Severity.WARNING,
        domain=Domain.PIPELINE,
        summary="{{ $labels.topic }} 有新的死信，原因 {{ $labels.reason }}",
    ),
    Alert(
        name="HotlineUnknownCodes",
        expr="sum by (field) (increase(bridge_dispatches_unknown_code_total[1d])) > 0",
        severity=Severity.WARNING,
        domain=Domain.PIPELINE,
        summary="派单里有对照表不认识的编码：{{ $labels.field }}",
    ),
    Alert(
        name="HotlineIntakeSilent",
        expr=(
            f"(sum(increase({one_of('hotline_dispatches_received')}[{SILENT}])) == 0)"
            f" and on () (max(hotline_working_time) == 1) and on () (max(hotline_working_time offset {SILENT}) == 1)"
        ),
        held="5m",
        severity=Severity.WARNING,
        domain=Domain.PIPELINE,
        summary="上班时间已三小时没有新派单",
    ),
    Alert(
        name="HotlineCollectErrors",
        expr="max by (instance) (hotline_collect_errors_total) > 0",
        severity=Severity.WARNING,
        domain=Domain.PIPELINE,
        summary="{{ $labels.instance }} 有 {{ $value }} 件派单没有计入指标",
    ),
    Alert(
        name="HotlineCardinalityHigh",
        expr=f'max by (instance) (scrape_samples_post_metric_relabeling{{job=~"paidan-.+"}}) > {SAMPLE_LIMIT * 4 // 5}',
        severity=Severity.WARNING,
        domain=Domain.META,
        summary="{{ $labels.instance }} 的指标有 {{ $value }} 条，超过 50000 条将整个被丢弃",
    ),
    Alert(
        name="Watchdog",
        expr="vector(1)",
        severity=Severity.NONE,
        domain=Domain.META,
        summary="一直在响：它停了，就是报警本身坏了",
    ),
)
