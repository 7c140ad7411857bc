"""Dashboards for the county's centre: what is over, which deadlines are pressed, who is supervised."""

from typing import Final

from deploy.grafana.panels import Dashboard, Panel
from deploy.grafana.queries import LATE_SIGNS, OPEN, OPEN_CLOCKS, RECEIVED, STEPS, of_day, tile
from deploy.prometheus.recordings import BUDGET, CYCLES, late_ratio, one_of, sum_of

OVERVIEW: Final = Dashboard(
    uid="paidan-overview",
    title="派单 · 总览",
    panels=(
        tile("未办结", "已接入而未了结的派单", f"sum({OPEN}) or vector(0)"),
        tile("已超期的时限", "大于 0 就要有人管", f'sum({OPEN_CLOCKS}{{band="breached"}}) or vector(0)', 1),
        tile("临近到期", "用去九成时间、还没到期", f'sum({OPEN_CLOCKS}{{band="lt100"}}) or vector(0)', 1),
        tile("24 小时新派单", "与市级平台的数应当相同", of_day(RECEIVED)),
        tile(
            "计时停了几秒",
            "计时最慢的进程；超过 90 秒时限数字不可信",
            "max(time() - bridge_timer_tick_timestamp_seconds)",
            90,
        ),
        tile(
            "24 小时新死信",
            "处理不了的消息，用 paidan dead list 查看",
            'sum(increase(bridge_dead_letters_total{reason!="parked"}[1d]))',
            1,
        ),
        Panel(
            title="时限分档",
            about="进行中的时限按已用时间分档；往上走的应当是左边几档",
            expr=f"sum by (band) ({OPEN_CLOCKS})",
            legend="{{band}}",
            stacked=True,
            width=12,
        ),
        Panel(
            title="各状态的派单",
            about="积在哪一步，一眼可见",
            expr=f"sum by (state) ({OPEN})",
            legend="{{state}}",
            stacked=True,
            width=12,
        ),
        Panel(
            title="超期最多的单位",
            about="进行中且已超期的时限，按单位",
            expr=f'topk(10, sum by (department) ({OPEN_CLOCKS}{{band="breached"}}))',
            legend="{{department}}",
            kind="bargauge",
            width=12,
            red_from=1,
        ),
        Panel(
            title="每小时新派单",
            about="夜里没有不是故障",
            expr=f"sum(rate({RECEIVED}[1h])) * 3600",
            legend="新派单",
            width=12,
        ),
    ),
)

CLOCKS: Final = Dashboard(
    uid="paidan-clocks",
    title="派单 · 时限",
    since="now-7d",
    panels=(
        Panel(
            title="四周内允许的超期已用多少",
            about="达到 1 就是用完了；件数少时不作数",
            expr=BUDGET,
            legend="{{clock}}",
            unit="percentunit",
            kind="bargauge",
            red_from=1,
        ),
        Panel(
            title="三天内超期占比",
            about="已结束的时限中超期的；按件数合计后再除，不是平均数",
            expr=late_ratio("3d"),
            legend="{{clock}}",
            unit="percentunit",
        ),
        Panel(
            title="24 小时结束的时限",
            about="按结果：按时、超期、取消、剔除",
            expr=of_day(CYCLES, "outcome"),
            legend="{{outcome}}",
            stacked=True,
        ),
        Panel(
            title="进行中的时限",
            about="单位、时限、分档；空单位是县中心自己的",
            expr=f"{OPEN_CLOCKS} > 0",
            legend="",
            kind="table",
            width=12,
            height=10,
        ),
        Panel(
            title="24 小时部门签收超期",
            about="按单位",
            expr=f"topk(10, {of_day(LATE_SIGNS, 'department')})",
            legend="{{department}}",
            kind="bargauge",
            width=12,
            height=10,
        ),
        Panel(
            title="24 小时发生的超期",
            about="在到期那一刻计一次，不等办结",
            expr=of_day(one_of("hotline_sla_breaches"), "clock"),
            legend="{{clock}}",
        ),
        Panel(
            title="24 小时越过的提醒点",
            about="时间用去百分之几",
            expr=of_day(one_of("hotline_sla_warnings"), "threshold"),
            legend="{{threshold}} %",
        ),
        Panel(
            title="停着的时限",
            about="挂账等；长期不动的要过问",
            expr=f"sum by (clock) ({sum_of('hotline_sla_clocks_paused')}) or vector(0)",
            legend="{{clock}}",
        ),
    ),
)

SUPERVISION: Final = Dashboard(
    uid="paidan-supervision",
    title="派单 · 督办与分类",
    since="now-30d",
    panels=(
        Panel(
            title="督办次数",
            about="电话、书面、现场、约谈，累计",
            expr=f"sum by (level) ({STEPS})",
            legend="{{level}}",
            kind="bargauge",
        ),
        Panel(
            title="约谈人次",
            about="一次约谈可有多人",
            expr=f'sum by (level) ({one_of("hotline_supervision_persons")}{{level="interview"}})',
            legend="人次",
            kind="stat",
        ),
        Panel(
            title="正在督办",
            about="未办结的派单按到过的最高一级",
            expr=sum_of("hotline_supervision_open"),
            legend="{{level}}",
            kind="bargauge",
        ),
        Panel(
            title="24 小时督办最多的单位",
            about="不分级，按次",
            expr=f"topk(10, {of_day(STEPS, 'department')})",
            legend="{{department}}",
            kind="bargauge",
            width=12,
        ),
        Panel(
            title="24 小时退单与重办",
            about="退单含转给别的单位；重办由市级提出",
            expr=of_day(one_of("hotline_returns")),
            legend="退单",
            also=((of_day(one_of("hotline_reopens")), "重办"),),
            width=12,
        ),
        Panel(
            title="分类",
            about="全部派单，一级分类",
            expr=f"sort_desc(sum by (category) ({sum_of('hotline_dispatches')}))",
            legend="{{category}}",
            kind="bargauge",
            width=12,
        ),
        Panel(
            title="渠道",
            about="全部派单，来电、网站、微信等",
            expr=f"sort_desc(sum by (channel) ({sum_of('hotline_dispatches')}))",
            legend="{{channel}}",
            kind="bargauge",
            width=12,
        ),
    ),
)
