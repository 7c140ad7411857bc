"""For each alert: a world in which it must speak, with its words, and one beside it in which it must be silent."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from schemas.topics import INBOX

GAS = 'hotline_department_info{department="gas",name="燃气公司",kind="utility",instance="w1"}'
OPEN = "hotline_sla_clocks_open"
CYCLES = "hotline_sla_cycles_completed_total"


class Case(NamedTuple):
    """`series` in promtool's notation, one value each `step`; asked at `at`. `says` None: silent."""

    about: str
    at: str
    series: dict[str, str]
    says: str | None
    labels: Mapping[str, str] = MappingProxyType({})
    step: str = "1m"


def clocks(band, partition, instance, value, department="gas", clock="handling"):
    labels = f'department="{department}",clock="{clock}",band="{band}",partition="{partition}",instance="{instance}"'
    return {f"{OPEN}{{{labels}}}": f"{value}x60"}


def cycles(outcome, values, clock="contact", instance="w1"):
    return {
        f'{CYCLES}{{department="",clock="{clock}",outcome="{outcome}",partition="0",instance="{instance}"}}': values
    }


def counter(series, values="0x10 1x60"):
    return {series: values}


UP = 'up{job="paidan-streams",instance="%s"}'

CASES: dict[str, tuple[Case, ...]] = {
    "HotlineClockNearDeadline": (
        Case(
            "two partitions add up; a partition that two workers show counts once; the department is named",
            "5m",
            clocks("lt100", 0, "w1", 2) | clocks("lt100", 0, "w2", 2) | clocks("lt100", 1, "w2", 1) | {GAS: "1x60"},
            "燃气公司有 3 件的办理时限即将到期",
            {"department": "gas", "clock": "handling", "name": "燃气公司"},
        ),
        Case(
            "a department that no worker names still is told of",
            "5m",
            clocks("lt100", 0, "w1", 1, department="new") | {GAS: "1x60"},
            "new有 1 件的办理时限即将到期",
            {"department": "new", "clock": "handling"},
        ),
        Case("below 90 %", "5m", clocks("lt90", 0, "w1", 9) | clocks("lt100", 0, "w1", 0), None),
    ),
    "HotlineClockBreached": (
        Case(
            "the county's own clock",
            "5m",
            clocks("breached", 0, "w1", 1, department="", clock="sign"),
            "县中心有 1 件的县级签收时限已超期",
            {"clock": "sign"},
        ),
        Case("near is not over", "5m", clocks("lt100", 0, "w1", 5) | clocks("breached", 0, "w1", 0), None),
    ),
    "HotlineBreachBudgetLow": (
        Case(
            "8 of 10 allowed are used: 500 ended in the four weeks, 8 of them late; what was before does not count",
            "720h",
            cycles("met", "40x12 532x300") | cycles("met_late", "7x12 8x20 15x300"),
            "联系群众：四周内允许的超期件数已用去 80%",
            {"clock": "contact"},
            step="4h",
        ),
        Case(
            "too few to say anything",
            "720h",
            cycles("met", "0x12 30x300") | cycles("met_late", "0x12 5x300"),
            None,
            step="4h",
        ),
        Case(
            "half is used, and that no worker ran four weeks ago changes nothing",
            "720h",
            cycles("met", "0x10 _x3 0x2 495x100 _x3 495x300") | cycles("met_late", "9x10 _x3 9x2 14x100 _x3 14x300"),
            None,
            step="4h",
        ),
    ),
    "HotlineBreachBudgetExhausted": (
        Case(
            "the first weeks count from nothing",
            "200h",
            cycles("met", "0x5 98x300") | cycles("met_late", "0x5 2x300"),
            "联系群众：四周内允许的超期件数已用完（100%）",
            {"clock": "contact"},
            step="4h",
        ),
        Case(
            "one is left",
            "200h",
            cycles("met", "0x5 99x300") | cycles("met_late", "0x5 1x300"),
            None,
            step="4h",
        ),
    ),
    "HotlineResponseBudgetBurnFast": (
        Case(
            "a quarter is late for six hours; two workers show it, and it counts once",
            "8h",
            cycles("met", "0+3x200")
            | cycles("met_late", "0+1x200")
            | cycles("met", "0+3x200", instance="w2")
            | cycles("met_late", "0+1x200", instance="w2"),
            "联系群众：六小时内超期占 25%，是允许值的六倍以上",
            {"clock": "contact"},
            step="15m",
        ),
        Case(
            "two of five late in a quiet night are no trend",
            "8h",
            cycles("met", "0x27 3x200") | cycles("met_late", "0x27 2x200"),
            None,
            step="15m",
        ),
        Case(
            "it was bad and has been good for an hour",
            "8h",
            cycles("met", "0+3x32") | cycles("met_late", "0+1x27 27x100"),
            None,
            step="15m",
        ),
        Case(
            "handling in days is no response",
            "8h",
            cycles("met", "0+3x200", clock="handling") | cycles("met_late", "0+1x200", clock="handling"),
            None,
            step="15m",
        ),
    ),
    "HotlineResponseBudgetBurnSlow": (
        Case(
            "4 % late over three days",
            "80h",
            cycles("met", "0+24x200") | cycles("met_late", "0+1x200"),
            "联系群众：三天内超期占 4%，照此下去四周的允许件数会用完",
            {"clock": "contact"},
            step="2h",
        ),
        Case("1 % late", "80h", cycles("met", "0+99x200") | cycles("met_late", "0+1x200"), None, step="2h"),
    ),
    "HotlineSupervisionInterviewOpen": (
        Case(
            "over partitions",
            "5m",
            {
                'hotline_supervision_open{level="interview",partition="0",instance="w1"}': "1x10",
                'hotline_supervision_open{level="interview",partition="1",instance="w2"}': "1x10",
            },
            "有 2 件已到约谈仍未办结",
            {"level": "interview"},
        ),
        Case(
            "by telephone", "5m", {'hotline_supervision_open{level="phone",partition="0",instance="w1"}': "4x10"}, None
        ),
    ),
    "HotlineCalendarExpiring": (
        Case(
            "the worker with the older table says so",
            "5m",
            {
                'hotline_calendar_covered_days_left{calendar="cn",instance="w1"}': "44x10",
                'hotline_calendar_covered_days_left{calendar="cn",instance="w2"}': "409x10",
            },
            "工作日历 cn 只剩 44 天，其后的时限只能暂算",
            {"calendar": "cn"},
        ),
        Case("45 days", "5m", {'hotline_calendar_covered_days_left{calendar="cn",instance="w1"}': "45x10"}, None),
    ),
    "HotlineTimersStalled": (
        Case(
            "one of two workers stands still",
            "5m",
            {
                'bridge_timer_tick_timestamp_seconds{instance="w1"}': "0+60x10",
                'bridge_timer_tick_timestamp_seconds{instance="w2"}': "60x10",
            },
            "w2 的计时已停 4m 0s：到期不会提醒，时限数字不可信",
            {"instance": "w2"},
        ),
        Case("it ticks", "5m", {'bridge_timer_tick_timestamp_seconds{instance="w1"}': "0+60x10"}, None),
        Case(
            "the worker is gone: its partitions tick elsewhere, and that it is gone is another alert's",
            "12m",
            {'bridge_timer_tick_timestamp_seconds{instance="w1"}': "0+60x3 stale"},
            None,
        ),
    ),
    "HotlineTimerLate": (
        Case(
            "half of the marks a minute late",
            "15m",
            {
                'bridge_timer_lateness_seconds_bucket{le="1",instance="w1"}': "0+1x20",
                'bridge_timer_lateness_seconds_bucket{le="60",instance="w1"}': "0+2x20",
                'bridge_timer_lateness_seconds_bucket{le="+Inf",instance="w1"}': "0+2x20",
            },
            "提醒晚于应发时刻 58.82s",
        ),
        Case(
            "within a second",
            "15m",
            {
                'bridge_timer_lateness_seconds_bucket{le="1",instance="w1"}': "0+2x20",
                'bridge_timer_lateness_seconds_bucket{le="+Inf",instance="w1"}': "0+2x20",
            },
            None,
        ),
    ),
    "HotlineClockStepped": (
        Case(
            "an hour back",
            "5m",
            {'bridge_clock_step_seconds{instance="w1"}': "0x2 -3600x10"},
            "w1 的系统时间跳变 1h 0m 0s，计时已暂停",
            {"instance": "w1"},
        ),
        Case("it has been put right", "5m", {'bridge_clock_step_seconds{instance="w1"}': "0 -3600 0x10"}, None),
    ),
    "HotlineHeartbeatLost": (
        Case(
            "the loop hangs, /metrics answers",
            "5m",
            {'bridge_heartbeat_timestamp_seconds{stage="loop",instance="w1"}': "0x10"},
            "w1 还在应答，但已 5m 0s 没有工作",
            {"instance": "w1"},
        ),
        Case(
            "no reports for an hour are no fault",
            "60m",
            {
                'bridge_heartbeat_timestamp_seconds{stage="loop",instance="w1"}': "0+60x60",
                'bridge_heartbeat_timestamp_seconds{stage="dept.reports",instance="w1"}': "0x60",
            },
            None,
        ),
    ),
    "HotlineWorkersMissing": (
        Case("one of two", "5m", {UP % "w1": "1x10", UP % "w2": "1 0x10"}, "有流处理进程不应答"),
        Case("nobody is even scraped", "5m", {'up{job="other"}': "1x10"}, "有流处理进程不应答"),
        Case("a restart", "5m", {UP % "w1": "1x10", UP % "w2": "1 1 0 1x10"}, None),
    ),
    "HotlinePartitionsUnserved": (
        Case(
            "two workers have eleven",
            "5m",
            {
                f'bridge_assigned_partitions{{topic="{INBOX}",instance="w1"}}': "6x10",
                f'bridge_assigned_partitions{{topic="{INBOX}",instance="w2"}}': "5x10",
            },
            "bridge.inbox 的 12 个分区只有 11 个有人处理",
        ),
        Case("no worker", "5m", {"nothing": "1x10"}, "bridge.inbox 的 12 个分区只有 0 个有人处理"),
        Case("all", "5m", {f'bridge_assigned_partitions{{topic="{INBOX}",instance="w1"}}': "12x10"}, None),
    ),
    "HotlineTableRecovering": (
        Case(
            "a quarter of an hour",
            "15m",
            {'bridge_table_recovering{instance="w1"}': "1x20"},
            "w1 读回派单表已超过十分钟",
            {"instance": "w1"},
        ),
        Case("twenty seconds", "15m", {'bridge_table_recovering{instance="w1"}': "1 0x20"}, None),
    ),
    "HotlineRecordsLate": (
        Case(
            "most take minutes",
            "20m",
            {
                f'bridge_event_age_seconds_bucket{{topic="{INBOX}",le="60.0",instance="w1"}}': "0+1x20",
                f'bridge_event_age_seconds_bucket{{topic="{INBOX}",le="300.0",instance="w1"}}': "0+4x20",
                f'bridge_event_age_seconds_bucket{{topic="{INBOX}",le="+Inf",instance="w1"}}': "0+4x20",
            },
            "bridge.inbox 的记录 4m 56s 后才处理",
            {"topic": INBOX},
        ),
        Case(
            "seconds",
            "20m",
            {
                f'bridge_event_age_seconds_bucket{{topic="{INBOX}",le="60.0",instance="w1"}}': "0+4x20",
                f'bridge_event_age_seconds_bucket{{topic="{INBOX}",le="+Inf",instance="w1"}}': "0+4x20",
            },
            None,
        ),
    ),
    "HotlineLagGrowing": (
        Case(
            "more comes than is done",
            "40m",
            {f'bridge_consumer_lag_records{{topic="{INBOX}",partition="0",instance="w1"}}': "100+50x60"},
            "bridge.inbox 的积压持续增加",
            {"topic": INBOX},
        ),
        Case(
            "it is being worked off",
            "40m",
            {f'bridge_consumer_lag_records{{topic="{INBOX}",partition="0",instance="w1"}}': "9000-50x60"},
            None,
        ),
    ),
    "HotlineDeadLetters": (
        Case(
            "one",
            "15m",
            counter('bridge_dead_letters_total{topic="city.dispatches",reason="not_json",instance="w1"}'),
            "city.dispatches 有新的死信，原因 not_json",
            {"topic": "city.dispatches", "reason": "not_json"},
        ),
        Case(
            "what waits behind it is not another one",
            "15m",
            counter('bridge_dead_letters_total{topic="bridge.inbox",reason="parked",instance="w1"}'),
            None,
        ),
        Case(
            "yesterday's",
            "60m",
            counter('bridge_dead_letters_total{topic="bridge.inbox",reason="invalid",instance="w1"}', "0 1x90"),
            None,
        ),
    ),
    "HotlineUnknownCodes": (
        Case(
            "a category",
            "15m",
            counter('bridge_dispatches_unknown_code_total{field="category",instance="w1"}'),
            "派单里有对照表不认识的编码：category",
            {"field": "category"},
        ),
        Case("none", "15m", counter('bridge_dispatches_unknown_code_total{field="area",instance="w1"}', "0x30"), None),
    ),
    "HotlineIntakeSilent": (
        Case(
            "three office hours without one",
            "200m",
            {
                'hotline_dispatches_received_total{partition="0",instance="w1"}': "7x60",
                'hotline_working_time{instance="w1"}': "1x60",
            },
            "上班时间已三小时没有新派单",
            step="5m",
        ),
        Case(
            "the office has just opened",
            "200m",
            {
                'hotline_dispatches_received_total{partition="0",instance="w1"}': "7x60",
                'hotline_working_time{instance="w1"}': "0x30 1x30",
            },
            None,
            step="5m",
        ),
        Case(
            "one came, and its partition moved to another worker meanwhile",
            "200m",
            {
                'hotline_dispatches_received_total{partition="0",instance="w1"}': "7x20 8x4 stale",
                'hotline_dispatches_received_total{partition="0",instance="w2"}': "_x25 8x40",
                'hotline_working_time{instance="w1"}': "1x60",
            },
            None,
            step="5m",
        ),
    ),
    "HotlineCollectErrors": (
        Case(
            "three rows",
            "5m",
            {'hotline_collect_errors_total{instance="w1"}': "3x10"},
            "w1 有 3 件派单没有计入指标",
            {"instance": "w1"},
        ),
        Case("none", "5m", {'hotline_collect_errors_total{instance="w1"}': "0x10"}, None),
    ),
    "HotlineCardinalityHigh": (
        Case(
            "above four fifths",
            "5m",
            {'scrape_samples_post_metric_relabeling{job="paidan-streams",instance="w1"}': "40001x10"},
            "w1 的指标有 40001 条，超过 50000 条将整个被丢弃",
            {"instance": "w1"},
        ),
        Case(
            "as counted for fifty departments",
            "5m",
            {'scrape_samples_post_metric_relabeling{job="paidan-streams",instance="w1"}': "12000x10"},
            None,
        ),
    ),
    "Watchdog": (Case("always", "0m", {"nothing": "1"}, "一直在响：它停了，就是报警本身坏了"),),
    "HotlineConnectorsDown": (
        Case(
            "down",
            "5m",
            {'up{job="paidan-connectors",instance="c"}': "1 0x10"},
            "连接器进程不应答：不取派单，也不回复市级",
        ),
        Case("a restart", "5m", {'up{job="paidan-connectors",instance="c"}': "1 0 1x10"}, None),
    ),
    "HotlineConnectorFailed": (
        Case(
            "the pull loop",
            "5m",
            {'connector_state{connector="city",loop="pull",state="failed",instance="c"}': "1x10"},
            "连接器 city（pull）已停下，需要人处理",
            {"connector": "city", "loop": "pull"},
        ),
        Case(
            "a person paused it",
            "5m",
            {
                'connector_state{connector="city",loop="pull",state="failed",instance="c"}': "0x10",
                'connector_state{connector="city",loop="pull",state="paused",instance="c"}': "1x10",
            },
            None,
        ),
    ),
    "HotlineCityUnreachable": (
        Case(
            "for longer than five minutes",
            "10m",
            {'connector_breaker_state{connector="city",loop="push",instance="c"}': "2x20"},
            "city 的市级平台五分钟以上连不上（push）",
            {"connector": "city", "loop": "push"},
        ),
        Case(
            "it is being tried",
            "10m",
            {'connector_breaker_state{connector="city",loop="push",instance="c"}': "1x20"},
            None,
        ),
    ),
    "HotlinePullBehind": (
        Case(
            "a quarter of an hour",
            "10m",
            {'connector_cursor_lag_seconds{connector="city",instance="c"}': "900x20"},
            "city 取派单落后 15m 0s，二十分钟签收会来不及",
            {"connector": "city"},
        ),
        Case("a minute", "10m", {'connector_cursor_lag_seconds{connector="city",instance="c"}': "60x20"}, None),
    ),
    "HotlineOutboxStuck": (
        Case(
            "ten minutes",
            "5m",
            {'connector_unacked_age_seconds{connector="city",instance="c"}': "600x10"},
            "city 有回复已 10m 0s 未被市级收下",
            {"connector": "city"},
        ),
        Case("seconds", "5m", {'connector_unacked_age_seconds{connector="city",instance="c"}': "8x10"}, None),
    ),
    "HotlineFeedbackRejected": (
        Case(
            "a result",
            "15m",
            counter('connector_feedback_total{connector="city",kind="result",outcome="rejected",instance="c"}'),
            "市级拒收回复：city，result",
            {"connector": "city", "kind": "result"},
        ),
        Case(
            "taken",
            "15m",
            counter('connector_feedback_total{connector="city",kind="result",outcome="delivered",instance="c"}'),
            None,
        ),
    ),
    "HotlineRecordsQuarantined": (
        Case(
            "without a number",
            "15m",
            counter('connector_quarantined_total{connector="city",reason="no_number",instance="c"}'),
            "city 有读不懂的记录，原因 no_number",
            {"connector": "city", "reason": "no_number"},
        ),
        Case(
            "none",
            "15m",
            counter('connector_quarantined_total{connector="city",reason="no_time",instance="c"}', "5x30"),
            None,
        ),
    ),
    "HotlineRecordsUnreachable": (
        Case(
            "some",
            "15m",
            counter('connector_unreachable_records_total{connector="city",instance="c"}', "0x10 0+1x30"),
            "city 说有的记录，怎么问都取不到",
            {"connector": "city"},
        ),
        Case(
            "none", "15m", counter('connector_unreachable_records_total{connector="city",instance="c"}', "0x30"), None
        ),
    ),
    "HotlineSweepFoundMissing": (
        Case(
            "one that the windows had missed",
            "15m",
            counter('connector_sweep_found_total{connector="city",what="missing",instance="c"}'),
            "city 复查时补到平时没有取到的记录",
            {"connector": "city"},
        ),
        Case(
            "one that had changed meanwhile",
            "15m",
            counter('connector_sweep_found_total{connector="city",what="changed",instance="c"}'),
            None,
        ),
    ),
    "HotlineCityClockSkewed": (
        Case(
            "the city is behind",
            "15m",
            {'connector_clock_skew_seconds{connector="city",instance="c"}': "-90x20"},
            "city 的市级时钟与本机相差 1m 30s",
            {"connector": "city"},
        ),
        Case("a second", "15m", {'connector_clock_skew_seconds{connector="city",instance="c"}': "1x20"}, None),
    ),
    "HotlineTwoConnectors": (
        Case(
            "they overwrite each other's checkpoints",
            "15m",
            counter('connector_other_writers_total{connector="city",instance="c"}', "0+1x30"),
            "city 同时有两个进程在跑",
            {"connector": "city"},
        ),
        Case("one", "15m", counter('connector_other_writers_total{connector="city",instance="c"}', "0x30"), None),
    ),
}
