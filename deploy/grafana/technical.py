"""Dashboards for who keeps it running: does the bridge do its work, is the city's platform there."""

from typing import Final

from deploy.grafana.panels import Dashboard, Panel
from deploy.grafana.queries import RATE, p99, tile

PIPELINE: Final = Dashboard(
    uid="paidan-pipeline",
    title="派单 · 处理",
    panels=(
        tile("流处理进程", "在应答的", 'count(up{job="paidan-streams"} == 1) or vector(0)'),
        tile("有人处理的分区", "应为 12", 'sum(bridge_assigned_partitions{topic="bridge.inbox"}) or vector(0)'),
        tile("正在读回", "重启或换手之后的几秒", "sum(bridge_table_recovering)"),
        tile("待发的提醒点", "各进程手里的计时", "sum(bridge_timers_pending)"),
        tile("派单表行数", "全部派单，含已办结", "sum(bridge_table_rows)"),
        tile("未计入指标的行", "应为 0", "sum(hotline_collect_errors_total)", 1),
        Panel(
            title="处理的记录",
            about="每秒，按主题",
            expr=f"sum by (topic) (rate(bridge_records_consumed_total[{RATE}]))",
            legend="{{topic}}",
            unit="ops",
        ),
        Panel(
            title="记录的年龄 p99",
            about="从写入到处理完",
            expr=p99("bridge_event_age_seconds", "topic"),
            legend="{{topic}}",
            unit="s",
            red_from=60,
        ),
        Panel(
            title="积压",
            about="没有处理的记录；短暂的尖峰不是故障",
            expr="sum by (topic) (bridge_consumer_lag_records)",
            legend="{{topic}}",
        ),
        Panel(
            title="提醒的迟到 p99",
            about="从应发到发出",
            expr=p99("bridge_timer_lateness_seconds", ""),
            legend="p99",
            unit="s",
            red_from=30,
        ),
        Panel(
            title="每一步的用时 p99",
            about="一批记录的接入、判定、发出、写表",
            expr=p99("bridge_processing_seconds", "stage"),
            legend="{{stage}}",
            unit="s",
        ),
        Panel(
            title="时钟跳变",
            about="系统时间与单调时间之差；应为 0",
            expr="max by (instance) (bridge_clock_step_seconds)",
            legend="{{instance}}",
            unit="s",
        ),
        Panel(
            title="消息的结果",
            about="每秒；moved 是办成了的，其余是不改变什么的原因",
            expr=f"sum by (verdict) (rate(bridge_messages_total[{RATE}]))",
            legend="{{verdict}}",
            unit="ops",
        ),
        Panel(
            title="死信",
            about="每秒，按原因",
            expr=f"sum by (reason) (rate(bridge_dead_letters_total[{RATE}]))",
            legend="{{reason}}",
            unit="ops",
        ),
        Panel(
            title="失败后重试",
            about="一条记录要试几次；不为 0 说明程序有错",
            expr=f"sum by (topic) (rate(bridge_records_failed_total[{RATE}]))",
            legend="{{topic}}",
            unit="ops",
        ),
        Panel(
            title="不认识的编码",
            about="24 小时，按字段",
            expr="sum by (field) (increase(bridge_dispatches_unknown_code_total[1d]))",
            legend="{{field}}",
        ),
        Panel(
            title="心跳",
            about="各进程上次干活距今",
            expr='max by (instance) (time() - bridge_heartbeat_timestamp_seconds{stage="loop"})',
            legend="{{instance}}",
            unit="s",
            red_from=60,
        ),
        Panel(
            title="日历还剩几天",
            about="少于 45 天要取新表",
            expr="min by (calendar) (hotline_calendar_covered_days_left)",
            legend="{{calendar}}",
        ),
    ),
)

CITY: Final = Dashboard(
    uid="paidan-city",
    title="派单 · 市级平台",
    panels=(
        Panel(
            title="取单落后",
            about="二十分钟签收从市级派出算起",
            expr="max by (connector) (connector_cursor_lag_seconds)",
            legend="{{connector}}",
            unit="s",
            red_from=600,
        ),
        Panel(
            title="上次成功距今",
            about="取单与回复分开看",
            expr="time() - max by (connector, loop) (connector_last_success_timestamp_seconds)",
            legend="{{connector}} {{loop}}",
            unit="s",
        ),
        Panel(
            title="连接状态",
            about="0 通，1 试探，2 断开",
            expr="max by (connector, loop) (connector_breaker_state)",
            legend="{{connector}} {{loop}}",
            red_from=2,
        ),
        Panel(
            title="调用",
            about="每秒，按结果",
            expr=f"sum by (outcome) (rate(connector_http_requests_total[{RATE}]))",
            legend="{{outcome}}",
            unit="ops",
        ),
        Panel(
            title="调用的平均用时",
            about="总用时除以次数",
            expr=(
                f"sum by (operation) (rate(connector_http_request_seconds_total[{RATE}]))"
                f" / sum by (operation) (rate(connector_http_requests_total[{RATE}]))"
            ),
            legend="{{operation}}",
            unit="s",
        ),
        Panel(
            title="一页的用时 p99",
            about="从请求到 Kafka 收下",
            expr=p99("connector_page_seconds", "connector"),
            legend="{{connector}}",
            unit="s",
        ),
        Panel(
            title="等着的回复",
            about="已从 Kafka 读出、市级未收下",
            expr="sum by (connector) (connector_feedback_waiting)",
            legend="{{connector}}",
        ),
        Panel(
            title="最早一件等了多久",
            about="超过 300 秒会报警",
            expr="max by (connector) (connector_unacked_age_seconds)",
            legend="{{connector}}",
            unit="s",
            red_from=300,
        ),
        Panel(
            title="回复的结果",
            about="每秒；rejected 要人看",
            expr=f"sum by (outcome) (rate(connector_feedback_total[{RATE}]))",
            legend="{{outcome}}",
            unit="ops",
        ),
        Panel(
            title="取到的记录",
            about="每秒；same 是重读，正常",
            expr=f"sum by (decision) (rate(connector_pull_records_total[{RATE}]))",
            legend="{{decision}}",
            unit="ops",
        ),
        Panel(
            title="复查补到的",
            about="24 小时；missing 说明平时的窗口漏了",
            expr="sum by (what) (increase(connector_sweep_found_total[1d]))",
            legend="{{what}}",
        ),
        Panel(
            title="读不懂的记录",
            about="24 小时，按原因",
            expr="sum by (reason) (increase(connector_quarantined_total[1d]))",
            legend="{{reason}}",
        ),
        Panel(
            title="时钟相差",
            about="市级减本机",
            expr="max by (connector) (connector_clock_skew_seconds)",
            legend="{{connector}}",
            unit="s",
        ),
        Panel(
            title="分页对不上",
            about="每秒；重读或切小的窗口",
            expr=f"sum by (trouble) (rate(connector_page_troubles_total[{RATE}]))",
            legend="{{trouble}}",
            unit="ops",
        ),
        Panel(
            title="等配额",
            about="每秒等多久；接近 1 说明限流太紧",
            expr=f"sum by (priority) (rate(connector_budget_wait_seconds_total[{RATE}]))",
            legend="{{priority}}",
            unit="s",
        ),
    ),
)
