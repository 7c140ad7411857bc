"""What marks and steps of supervision did, in sentences."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from connectors.systems.notices.words import AUDIENCES, CHANNELS, said
from deploy.console import language, t
from deploy.explain.explanation import Heard, MarkSaid, StepTaken
from deploy.explain.words import moment, seconds
from deploy.operators.words import clock_word, mark_word, rung_word
from schemas.clock import LateCause
from schemas.notice import Audience

Names = Mapping[str, str]
"""Department code -> name."""

CAUSES: Final = {
    LateCause.CITY: ("市级下达时已超期：市级原因", "it was over when the city showed it: the city was late"),
    LateCause.BRIDGE: ("县级读到时已超期：我方原因", "it was over when we read it: we were late"),
    "arrived": ("派单到县之前已过", "passed before the dispatch came to the county"),
    "retroactive": ("因时限变动或恢复计时而到", "passed because the deadline changed"),
}


def mark_line(mark: MarkSaid, names: Names, zone: ZoneInfo) -> str:
    """What a mark did."""
    if mark.recorded_at is None:
        return t("未到", "lies ahead")
    return t("；", "; ").join(_of_mark(mark, names, zone))


def _of_mark(mark: MarkSaid, names: Names, zone: ZoneInfo) -> Iterator[str]:
    if mark.cause:
        yield t(*CAUSES[mark.cause]) if mark.cause in CAUSES else mark.cause
    if mark.late and mark.recorded_at is not None:
        at = moment(mark.recorded_at, zone)
        yield t(
            f"系统迟到{seconds(mark.late_s)}，{at} 才记录", f"recorded {seconds(mark.late_s)} late, at {at}: our fault"
        )
    yield _telling(mark, names, zone)
    for step in mark.steps:
        letter = f" {step.letter}" if step.letter else ""
        yield t(f"开出{rung_word(step.rung)}督办{letter}", f"supervision opened: {rung_word(step.rung)}{letter}")
    if mark.rearmed:
        yield t("时限后移，此标记重新计", "taken back when the deadline moved")


def _telling(mark: MarkSaid, names: Names, zone: ZoneInfo) -> str:
    if mark.told:
        whom = _heard(mark.told, names)
        late = next((one for one in mark.told if one.late), None)
        if late is not None:
            at = moment(late.at, zone)
            return t(f"夜间未打扰，{at} 随汇总告知{whom}", f"held in the quiet hours; told in a digest at {at}: {whom}")
        return t(f"已告知{whom}", f"told: {whom}")
    if mark.sent:
        return t("已提醒", "told")
    if mark.instead:
        return t(f"与“{mark_word(mark.instead)}”同时到达，只记录", f"only recorded: {mark_word(mark.instead)} was told")
    if mark.held_until is not None:
        until = moment(mark.held_until, zone)
        if mark.stands:
            return t("时限暂停，恢复后再告知", "to be told when the clock goes on")
        return t(f"夜间不打扰，{until} 再告知", f"quiet hours: to be told at {until}")
    if mark.at_the_end:
        return t("结束时已过，只记录", "only recorded, when it ended")
    return t("只记录，未告知", "only recorded")


def _heard(told: Sequence[Heard], names: Names) -> str:
    """Each department once, with the people of it; the channels once where all have the same."""
    offices: dict[str, list[str]] = {}
    for one in told:
        office = "" if one.audience is Audience.DUTY_DESK else names.get(one.department, one.department)
        offices.setdefault(office, []).append(said(AUDIENCES[one.audience], language()))
    whom = t("，", "; ").join(
        f"{office}{t('', ': ') if office else ''}{t('、', ', ').join(people)}" for office, people in offices.items()
    )
    ways = [name for name in told[0].channels if all(name in one.channels for one in told)]
    channels = t("、", ", ").join(said(CHANNELS.get(name, (name, name)), language()) for name in ways)
    return t(f"{whom}（{channels}）", f"{whom} ({channels})") if channels else whom


def step_line(step: StepTaken, names: Names, zone: ZoneInfo) -> str:
    """One step of supervision, whole."""
    parts = [f"{rung_word(step.rung)}{t('督办', '')} {names.get(step.department, step.department)}"]
    if step.letter:
        parts.append(t(f"文号 {step.letter}", f"letter {step.letter}"))
    if step.clock:
        cause = f"{clock_word(step.clock)} {mark_word(step.mark)}"
        parts.append(t(f"按规则：{cause}", f"by rule: {cause}"))
    if step.by:
        parts.append(t(f"经办 {step.by}", f"by {step.by}"))
    if step.whom:
        parts.append(t(f"对象 {step.whom}", f"spoke to {step.whom}"))
    if step.persons:
        parts.append(t(f"{step.persons} 人", f"{step.persons} persons"))
    if step.answer:
        parts.append(t(f"答复：{step.answer}", f"answer: {step.answer}"))
    if step.open:
        parts.append(t("待办", "still to be done"))
    return f"{moment(step.at, zone)}  " + t("，", ", ").join(parts)
