"""The words of an explanation: amounts, instants, days and why they do not count."""

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from deploy.console import language, t
from deploy.explain.explanation import PAUSED, Days
from schemas.clock import ClockOutcome, Unit
from schemas.fact import FactKind
from streams.domain.calendar import Why
from streams.domain.replaying import Difference
from streams.domain.spans import Amount, DayEnd

Pair = tuple[str, str]

UNITS: Final[dict[Unit, Pair]] = {
    Unit.MINUTES: ("分钟", "minutes"),
    Unit.HOURS: ("小时", "hours"),
    Unit.NATURAL_DAYS: ("个自然日", "natural days"),
    Unit.WORKING_DAYS: ("个工作日", "working days"),
    Unit.WORKING_HOURS: ("个工作小时", "working hours"),
}

DAY_ENDS: Final[dict[DayEnd, Pair]] = {
    DayEnd.MIDNIGHT: ("末日 24:00 截止", "until 24:00 of the last day"),
    DayEnd.CLOSE: ("末日下班时截止", "until the office closes on the last day"),
    DayEnd.SAME_TIME: ("末日同一时刻截止", "until the same time on the last day"),
}

HOW: Final[dict[Unit, Pair]] = {
    Unit.MINUTES: ("昼夜连续计时，节假日不停", "counted day and night, holidays too"),
    Unit.HOURS: ("昼夜连续计时，节假日不停", "counted day and night, holidays too"),
    Unit.NATURAL_DAYS: (
        "起始日不计，逐日计算；末日逢休息日顺延",
        "the day it starts is not counted; every later day is; a last day of rest moves on",
    ),
    Unit.WORKING_DAYS: (
        "起始日不计，只计工作日；调休上班的周末算，放假的不算",
        "the day it starts is not counted; working days are, make-up weekends among them",
    ),
    Unit.WORKING_HOURS: ("只计上班时间", "office hours only"),
}

OUTCOMES: Final[dict[ClockOutcome, Pair]] = {
    ClockOutcome.MET: ("按时", "in time"),
    ClockOutcome.MET_LATE: ("已办，逾期", "done, but late"),
    ClockOutcome.OPEN_IN_TIME: ("进行中，未到期", "running, in time"),
    ClockOutcome.OPEN_OVERDUE: ("进行中，已逾期", "running, overdue"),
    ClockOutcome.CANCELLED: ("已取消，不计考核", "cancelled"),
    ClockOutcome.EXCLUDED: ("已剔除，不计考核", "excluded"),
}

REASONS: Final[dict[str, Pair]] = {
    "reopened": ("市级要求重办，另起一轮", "ordered again: another round began"),
    "returned_up": ("已退回市级", "returned to the city"),
    "merged": ("已并单", "merged"),
}

MOVES: Final[dict[FactKind, Pair]] = {
    FactKind.EXTENDED: ("延期", "extended"),
    FactKind.RESUMED: ("暂停结束，顺延", "the pause is over"),
    FactKind.LEDGER_CLOSED: ("销账，顺延", "taken off the ledger"),
    FactKind.AMENDED: ("市级修改派单", "the city amended it"),
    FactKind.ROUTED: ("主办单位确定", "the lead was decided"),
    FactKind.DEADLINE_CHANGED: ("日历更新，重新计算", "another calendar: computed again"),
}

DIFFERENCES: Final[dict[Difference, Pair]] = {
    Difference.UNREADABLE: ("无法读取", "cannot be read"),
    Difference.GAP: ("全程记录有缺", "facts are missing"),
    Difference.RUNS: ("在计的时限不同", "other clocks run"),
    Difference.RULE: ("规则", "rule"),
    Difference.START: ("起点", "start"),
    Difference.DUE: ("时限", "deadline"),
    Difference.CITY: ("市级时限", "the city's deadline"),
    Difference.ORIGINAL: ("原时限", "first deadline"),
    Difference.EXTENDED: ("延期", "extension"),
    Difference.PAUSES: ("暂停", "pauses"),
    Difference.FIRED: ("已记标记", "marks"),
    Difference.NEXT: ("下一标记", "next mark"),
    Difference.PROVISIONAL: ("是否暂定", "provisional"),
    Difference.LATE_CAUSE: ("迟到原因", "cause of lateness"),
    Difference.ENDED: ("已结束的时限", "ended clocks"),
}

_WHY: Final[dict[str, Pair]] = {
    Why.WORKING: ("班", "work"),
    Why.WEEKEND: ("周末 休", "weekend"),
    Why.HOLIDAY: ("休", "holiday"),
    Why.MAKE_UP: ("班（调休）", "work (make-up day)"),
    Why.COUNTY_HOLIDAY: ("本地放假 休", "holiday here"),
    Why.COUNTY_WORKING: ("本地上班 班", "work here"),
    Why.START: ("起始日", "the day it starts"),
    Why.MOVED: ("顺延至此", "moved on to here"),
    PAUSED: ("暂停期间", "paused"),
}

NAMED: Final = frozenset({Why.HOLIDAY, Why.COUNTY_HOLIDAY, Why.COUNTY_WORKING})
"""Days whose name says something."""

_WEEKDAYS: Final = ("周一周二周三周四周五周六周日", "MonTueWedThuFriSatSun")


def amount(said: Amount) -> str:
    """`5 个工作日`."""
    return of_unit(said.value, said.unit)


def of_unit(value: float, unit: Unit) -> str:
    """So many of a unit."""
    words = t(*UNITS[unit])
    shown = f"{value:g}"
    return shown + t("", " ") + (words.removesuffix("s") if language() == "en" and value == 1 else words)


def small(value: int, unit: Unit) -> str:
    """An amount of small units (days, or minutes) of a clock that counts `unit`."""
    if unit in {Unit.NATURAL_DAYS, Unit.WORKING_DAYS}:
        return of_unit(value, unit)
    office = unit is Unit.WORKING_HOURS
    if value % 60 == 0 and value:
        return of_unit(value // 60, Unit.WORKING_HOURS if office else Unit.HOURS)
    return t("工作时间 ", "office time: ") * office + of_unit(value, Unit.MINUTES)


def seconds(value: float) -> str:
    """A length on the wall clock, in the two largest parts that it has."""
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [
        f"{number}{t('', ' ')}{t(zh, en)}"
        for number, zh, en in (
            (days, "天", "d"), (hours, "小时", "h"), (minutes, "分", "min"), (rest, "秒", "s"),
        ) if number
    ]  # fmt: skip
    return t("", " ").join(parts[:2]) or t("0秒", "0 s")


def moment(instant: datetime, zone: ZoneInfo) -> str:
    """`2026-10-12 09:30`, with seconds where it has some."""
    local = instant.astimezone(zone)
    return local.strftime("%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M")


def end(instant: datetime, zone: ZoneInfo) -> str:
    """As people name a deadline: 00:00 is 24:00 of the day before; with its weekday."""
    local = instant.astimezone(zone)
    if (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0):
        day = local.date() - timedelta(days=1)
        return f"{day:%Y-%m-%d} 24:00{weekday(day)}"
    return f"{moment(instant, zone)}{weekday(local.date())}"


def brief(instant: datetime, zone: ZoneInfo, year: int) -> str:
    """As `end`, without its weekday; without the year too, where that is `year`."""
    shown = end(instant, zone)[: len("2026-10-12 24:00")]
    return shown.removeprefix(f"{year}-")


def weekday(day: date) -> str:
    """In brackets."""
    zh, en = _WEEKDAYS
    at = day.weekday()
    return t(f"（{zh[2 * at : 2 * at + 2]}）", f" ({en[3 * at : 3 * at + 3]})")


def why_said(group: Days) -> str:
    """`国庆节 休`, `班（调休）`."""
    why, name = t(*_WHY[group.why]), group.name if group.why in NAMED else ""
    return f"{name} {why}" if name else why


def dates(first: date, last: date) -> str:
    """`10月1日至8日`."""
    if language() == "en":
        one = f"{first.day} {first:%b}"
        if first == last:
            return one
        return f"{first.day}-{last.day} {last:%b}" if first.month == last.month else f"{one} - {last.day} {last:%b}"
    one = f"{first.month}月{first.day}日"
    if first == last:
        return one
    return f"{one}至{last.day}日" if first.month == last.month else f"{one}至{last.month}月{last.day}日"
