"""An explanation in sentences: for each clock pairs of a label and what is to be read out beside it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from deploy.console import t
from deploy.explain.days import number
from deploy.explain.explanation import ClockSaid, Moved, Stood
from deploy.explain.mark_sentences import CAUSES, Names
from deploy.explain.words import (
    DAY_ENDS,
    HOW,
    MOVES,
    OUTCOMES,
    REASONS,
    amount,
    dates,
    end,
    moment,
    of_unit,
    seconds,
    small,
    why_said,
)  # fmt: skip
from deploy.operators.words import actor_word, clock_word, fact_word
from schemas.clock import ClockOutcome
from schemas.fact import Actor, Fact, FactKind
from streams.domain.own_time import SMALL_UNITS_ARE_DAYS

Line = tuple[str, str]

LATE_SECONDS: Final = 60

_STARTS: Final = {
    FactKind.RECEIVED: ("市级下达", "the city's order"),
    FactKind.REOPENED: ("市级要求重办", "the city ordered it again"),
    FactKind.SIGNED: ("县级签收", "the county signed"),
    FactKind.ANSWERED: ("收到办理结果", "the result came in"),
    FactKind.FEEDBACK_DELIVERED: ("市级收下办理结果", "the city has the result"),
}
_ENDS: Final = {
    FactKind.FEEDBACK_DELIVERED: ("市级收下办理结果", "the city has the result"),
    FactKind.FEEDBACK_REJECTED: ("市级拒收办理结果", "the city refused the result"),
    FactKind.CLOSED: ("办结", "closed"),
}


def title(one: ClockSaid, names: Names) -> str:
    """`办理 第 1 轮 · 进行中，已逾期`."""
    holder = f" · {names.get(one.holder, one.holder)}" if one.holder else ""
    round_ = t(f"第{one.round}轮", f"round {one.round}")
    provisional = t(" · 暂定", " · PROVISIONAL") if one.provisional else ""
    return f"{clock_word(one.clock)}{holder} · {round_} · {outcome(one)}{provisional}"


def outcome(one: ClockSaid) -> str:
    """How it stands or ended."""
    if one.paused:
        return t("暂停中", "paused")
    words, reason = t(*OUTCOMES[one.outcome]), t(*REASONS[one.reason]) if one.reason in REASONS else one.reason
    return t(f"{words}（{reason}）", f"{words} ({reason})") if reason else words


def clock_lines(one: ClockSaid, names: Names, zone: ZoneInfo, covered_to: str) -> list[Line]:
    """Everything but the days and the marks, in the order in which a clerk tells it."""
    return [
        (t("起点", "starts"), _start(one, names, zone)),
        (t("依据", "rule"), _rule(one)),
        *_pauses(one, zone),
        *((t("变更", "moved"), _moved(move, one, zone)) for move in one.moves),
        *_deadlines(one, zone),
        *_provisional(one, covered_to),
        *_end(one, names, zone),
    ]


def day_lines(one: ClockSaid) -> list[tuple[str, str, str]]:
    """Dates, why, and which of the days that count they are."""
    rows, so_far = [], 0
    for group in one.days:
        shown = t("不计", "not counted")
        if group.counts:
            first, so_far = so_far + 1, so_far + group.number
            shown = t(f"第{_to(first, so_far)}天", f"day {_to(first, so_far)}")
        rows.append((dates(group.first, group.last), why_said(group), shown))
    return rows


def counted(one: ClockSaid) -> str:
    """How many days were counted, in the clock's own unit."""
    if one.unit is None or one.unit not in SMALL_UNITS_ARE_DAYS or not one.days:
        return ""
    return t(f"共计{of_unit(number(one.days), one.unit)}", f"{of_unit(number(one.days), one.unit)} in all")


def _to(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _start(one: ClockSaid, names: Names, zone: ZoneInfo) -> str:
    fact = one.begun
    if fact.fact is FactKind.ASSIGNED:
        what = t(f"交办 {names.get(one.holder, one.holder)}", f"given to {names.get(one.holder, one.holder)}")
    else:
        what = t(*_STARTS[fact.fact]) if fact.fact in _STARTS else fact_word(fact.fact)
    parts = [f"{moment(one.start, zone)} {what}"]
    behind = (fact.occurred_at - one.start).total_seconds()
    if fact.fact in {FactKind.RECEIVED, FactKind.REOPENED} and behind >= LATE_SECONDS:
        read = moment(fact.occurred_at, zone)
        parts.append(t(f"县级 {read} 读到，晚{seconds(behind)}", f"read at {read}, {seconds(behind)} later"))
    if one.late_cause is not None:
        parts.append(t(*CAUSES[one.late_cause]))
    return t("；", "; ").join(parts)


def _rule(one: ClockSaid) -> str:
    rule = one.rule
    where = f"{rule.file} " + t(f"第 {rule.line} 行", f"line {rule.line}")
    if rule.amount is None:
        return t(
            f"{rule.name}：{rule.file} 中已无此规则，只能给出记录的时限",
            f"{rule.name}: no longer in {rule.file}; only the deadline on record is known",
        )
    unit = rule.amount.unit
    parts = [t(*HOW[unit])]
    if unit in SMALL_UNITS_ARE_DAYS and rule.day_end is not None:
        parts.append(t(*DAY_ENDS[rule.day_end]))
    how = t("；", "; ").join(parts)
    return t(
        f"{rule.name}（{where}）：{amount(rule.amount)}。{how}", f"{rule.name} ({where}): {amount(rule.amount)}. {how}"
    )


def _pauses(one: ClockSaid, zone: ZoneInfo) -> Iterator[Line]:
    for pause in one.pauses:
        yield t("暂停", "paused"), _pause(pause, one, zone)


def _pause(pause: Stood, one: ClockSaid, zone: ZoneInfo) -> str:
    by = t(f"，经办 {pause.by}", f", by {pause.by}") if pause.by else ""
    since = moment(pause.since, zone)
    if pause.to is None:
        return t(f"{since} 起，至今未恢复；恢复后时限顺延{by}", f"since {since}; the deadline moves on afterwards{by}")
    adds = (
        ""
        if one.unit is None
        else t(f"，顺延{small(pause.amount, one.unit)}", f", adds {small(pause.amount, one.unit)}")
    )
    return f"{since} — {moment(pause.to, zone)}{adds}{by}"


def _moved(move: Moved, one: ClockSaid, zone: ZoneInfo) -> str:
    why = t(*MOVES[move.why]) if move.why in MOVES else fact_word(move.why)
    if move.granted and one.unit is not None:
        why += t("", " ") + of_unit(move.granted, one.unit)
    by = t(f"，批准 {move.by}", f", granted by {move.by}") if move.by and move.granted else ""
    before, after = end(move.before, zone), end(move.after, zone)
    return t(
        f"{moment(move.at, zone)} {why}：{before} → {after}{by}",
        f"{moment(move.at, zone)} {why}: {before} → {after}{by}",
    )


def _deadlines(one: ClockSaid, zone: ZoneInfo) -> Iterator[Line]:
    if one.ours is not None and (one.city is not None or one.ours != one.due):
        yield t("县级时限", "ours"), end(one.ours, zone)
    if one.city is not None:
        which = (
            t("，不晚于县级，以此为准", ", not later than ours: it binds")
            if one.binds == "city"
            else t("，晚于县级", ", later than ours")
        )
        yield t("市级时限", "the city's"), end(one.city, zone) + which
    if one.original is not None:
        yield t("原时限", "first"), end(one.original, zone)
    yield t("时限", "due"), end(one.due, zone) + (t("（暂停中）", " (paused)") if one.paused else "")
    if one.department_due is not None and one.margin is not None:
        least, percent = one.margin.least_minutes, one.margin.percent
        yield (
            t("部门时限", "department"),
            t(
                f"{end(one.department_due, zone)}，比县级提前 {percent}%，至少 {least} 分钟",
                f"{end(one.department_due, zone)}, earlier by {percent} %, at least {least} minutes",
            ),
        )


def _provisional(one: ClockSaid, covered_to: str) -> Iterator[Line]:
    if one.provisional:
        yield (
            t("暂定", "PROVISIONAL"),
            t(
                f"日历只公布到 {covered_to}，其后按周一至周五推算；新日历公布后重算，时限可能改变，请勿当作最终答复",
                f"the calendar ends on {covered_to}; later days are counted by their weekday. The deadline is computed "
                "again when the next year is published, and may change",
            ),
        )


def _end(one: ClockSaid, names: Names, zone: ZoneInfo) -> Iterator[Line]:
    label = t("结果", "outcome")
    if one.ended is None or one.over is None:
        yield label, outcome(one)
        return
    words = [f"{moment(one.ended, zone)} {_ended_by(one.over, names)}{t('：', ': ')}{outcome(one)}"]
    if one.outcome in {ClockOutcome.MET, ClockOutcome.MET_LATE}:
        took = seconds((one.ended - one.start).total_seconds())
        words.append(t(f"历时{took}", f"after {took}"))
        if one.ended > one.due:
            late = seconds((one.ended - one.due).total_seconds())
            words.append(t(f"超过时限{late}", f"{late} over"))
    yield label, t("，", ", ").join(words)


def _ended_by(fact: Fact, names: Names) -> str:
    what = t(*_ENDS[fact.fact]) if fact.fact in _ENDS else fact_word(fact.fact)
    who = names.get(fact.department, fact.department) if fact.department else ""
    if not who and fact.actor is Actor.OPERATOR:
        who = fact.by or actor_word(fact.actor)
    return f"{who} {what}".strip()


def as_of(at: datetime, zone: ZoneInfo) -> str:
    """The instant that open runs are judged at."""
    return t(f"截至 {moment(at, zone)}", f"as of {moment(at, zone)}")
