"""The overview on a terminal of 80 columns or more, and as one JSON object."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from connectors.systems.notices.words import KINDS, said
from deploy.console import language, t
from deploy.explain.words import end, moment, seconds
from deploy.operators.clocks import band_word
from deploy.operators.words import clock_word, state_word
from deploy.top.overview import Overview
from streams.domain.tally import Band

Names = Mapping[str, str]
"""Department code -> name."""

TOP: Final = 10
"""Departments that are listed; the others as one."""

_BAND_STYLES: Final = {Band.BREACHED: "bold red", Band.LT100: "yellow"}


def picture(view: Overview, names: Names, zone: ZoneInfo) -> RenderableType:
    """All of it."""
    upper = Table.grid(expand=True)
    upper.add_column(ratio=1)
    upper.add_column(ratio=1)
    states = ((state_word(state), number) for state, number in view.states.items())
    upper.add_row(
        Panel(_counts(states), title=t("在办：按状态", "open, by state")),
        Panel(_counts(_leads(view, names)), title=t("在办：按主办单位", "open, by lead")),
    )
    notices = ((said(KINDS[kind], language()), number) for kind, number in view.notices.items())
    return Group(
        _head(view, zone),
        upper,
        Panel(_clocks(view), title=t("时限：用去多少", "clocks, by time used")),
        Panel(_next(view, names, zone), title=t("最近到期", "next deadlines")),
        Panel(_counts(notices), title=t("一小时内的提醒", "notices of the last hour")),
    )


def plain(view: Overview, names: Names) -> dict[str, Any]:
    """One JSON object."""
    return {
        "at": _iso(view.at),
        "cases": view.cases,
        "open": view.open,
        "states": {str(state): number for state, number in view.states.items()},
        "departments": view.departments,
        "clocks": {str(clock): {str(band): n for band, n in bands.items()} for clock, bands in view.clocks.items()},
        "paused": view.paused,
        "next": [
            {
                **one._asdict(),
                "due": _iso(one.due),
                "name": names.get(one.department, one.department),
                "left_s": round((one.due - view.at).total_seconds()),
            }
            for one in view.next
        ],
        "lag": view.lag,
        "notices": {str(kind): number for kind, number in view.notices.items()},
        "dead": view.dead,
        "unreadable": view.unreadable,
    }


def _head(view: Overview, zone: ZoneInfo) -> Text:
    breached = sum(bands[Band.BREACHED] for bands in view.clocks.values())
    lag = "?" if view.lag is None else f"{view.lag:,}"
    return Text.assemble(
        (moment(view.at.replace(microsecond=0), zone), "bold"),
        f"  {t('在办', 'open')} {view.open:,} / {view.cases:,}",
        ("  " + t("逾期时限", "overdue") + f" {breached:,}", "bold red" if breached else ""),
        f"  {t('暂停', 'paused')} {view.paused:,}",
        ("  " + t("积压", "lag") + f" {lag}", "yellow" if view.lag else ""),
        ("  " + t("死信", "dead") + f" {view.dead:,}", "bold red" if view.dead else ""),
        ("  " + t("无法读取", "unreadable") + f" {view.unreadable:,}" if view.unreadable else "", "bold red"),
    )


def _leads(view: Overview, names: Names) -> Iterable[tuple[str, int]]:
    listed = [*view.departments.items()]
    for code, number in listed[:TOP]:
        yield names.get(code, code) or t("尚无主办", "nobody yet"), number
    if rest := sum(number for _, number in listed[TOP:]):
        yield t(f"其他 {len(listed) - TOP} 个单位", f"{len(listed) - TOP} others"), rest


def _counts(rows: Iterable[tuple[str, int]]) -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(overflow="ellipsis", no_wrap=True, ratio=1)
    table.add_column(justify="right", no_wrap=True)
    for name, number in rows:
        table.add_row(name, f"{number:,}")
    if not table.rows:
        table.add_row(t("无", "none"), "")
    return table


def _clocks(view: Overview) -> Table:
    table = Table(box=None, pad_edge=False, expand=True)
    table.add_column(t("时限", "clock"))
    for band in Band:
        table.add_column(band_word(band), justify="right", style=_BAND_STYLES.get(band, ""))
    for clock, bands in view.clocks.items():
        if any(bands.values()):
            table.add_row(clock_word(clock), *(f"{bands[band]:,}" if bands[band] else "·" for band in Band))
    return table


def _next(view: Overview, names: Names, zone: ZoneInfo) -> Table:
    table = Table(box=None, pad_edge=False, expand=True)
    table.add_column(t("派单", "dispatch"), no_wrap=True, overflow="ellipsis", ratio=3)
    table.add_column(t("时限", "clock"), no_wrap=True)
    table.add_column(t("承办", "department"), no_wrap=True, overflow="ellipsis", ratio=3)
    table.add_column(t("到期", "due"), no_wrap=True)
    table.add_column(t("还剩", "left"), no_wrap=True, justify="right")
    for one in view.next:
        due = end(one.due.replace(microsecond=0), zone)[5 : len("2026-10-12 24:00")]
        left = seconds((one.due - view.at).total_seconds())
        table.add_row(
            one.dispatch,
            clock_word(one.clock),
            names.get(one.department, one.department) or "-",
            due + (t("暂定", "?") if one.provisional else ""),
            left,
        )
    return table


def _iso(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
