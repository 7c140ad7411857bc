"""The words of a notice, in Chinese and English: closed lists, each with every value of its list. Pure."""

from collections.abc import Mapping
from typing import Final, Literal

from schemas.clock import ClockName
from schemas.dispatch import Urgency
from schemas.notice import Audience, NoticeKind
from schemas.order import Rung

Language = Literal["zh", "en"]
Pair = tuple[str, str]

KINDS: Final[Mapping[NoticeKind, Pair]] = {
    NoticeKind.ASSIGNED: ("新派单，请签收", "a new dispatch, to be signed"),
    NoticeKind.AMENDED: ("派单内容已修改，请查看", "the dispatch was amended"),
    NoticeKind.WITHDRAWN: ("派单已收回，不再由本单位办理", "the dispatch was taken back"),
    NoticeKind.REDO: ("群众或市级不认可，要求重办", "ordered again: the answer was not accepted"),
    NoticeKind.RETURNED: ("承办单位退单，请复核", "returned by a department"),
    NoticeKind.ARBITRATION: ("需审定承办单位", "somebody must decide who handles it"),
    NoticeKind.UNKNOWN_CODE: ("市级编码不明，请核对", "a code of the city that no table knows"),
    NoticeKind.CITY_REJECTED: ("市级拒收反馈", "the city refused a feedback"),
    NoticeKind.PARKED: ("派单已搁置，需人工处理", "the dispatch stands still until a person acts"),
    NoticeKind.MARK: ("时限提醒", "a deadline"),
    NoticeKind.SUPERVISION: ("督办", "supervision"),
    NoticeKind.EXTENDED: ("延期已批准", "the extension was granted"),
    NoticeKind.EXTENSION_REFUSED: ("延期未获批准", "the extension was refused"),
}

CLOCKS: Final[Mapping[ClockName, Pair]] = {
    ClockName.SIGN: ("县级签收", "county sign"),
    ClockName.ROUTE: ("转办", "routing"),
    ClockName.DEPARTMENT_SIGN: ("部门签收", "department sign"),
    ClockName.CONTACT: ("联系群众", "contact"),
    ClockName.HANDLING: ("办理", "handling"),
    ClockName.REVIEW: ("审核", "review"),
    ClockName.CALLBACK: ("回访", "call-back"),
}

MARKS: Final[Mapping[str, Pair]] = {
    "p50": ("{clock}时限已过半", "{clock}: half of the time is gone"),
    "p75": ("{clock}时限已过四分之三", "{clock}: three quarters of the time are gone"),
    "p90": ("{clock}时限已过九成，即将到期", "{clock}: nine tenths of the time are gone"),
    "yellow": ("黄牌：{clock}还剩一个工作日", "yellow card: one working day left, {clock}"),
    "breach": ("{clock}逾期", "{clock} is overdue"),
    "red": ("红牌：{clock}逾期第一个工作日", "red card: first working day overdue, {clock}"),
    "overdue5": ("{clock}逾期已到第五个工作日", "fifth working day overdue, {clock}"),
}
"""By the mark's name; `{clock}` stands where the clock's word goes."""

RUNGS: Final[Mapping[Rung, Pair]] = {
    Rung.PHONE: ("电话督办", "supervision by telephone"),
    Rung.WRITTEN: ("书面督办（催办单）", "written supervision (a letter)"),
    Rung.ONSITE: ("现场督办", "supervision on site"),
    Rung.INTERVIEW: ("约谈", "an interview"),
}

AUDIENCES: Final[Mapping[Audience, Pair]] = {
    Audience.DEPARTMENT: ("经办人", "handler"),
    Audience.LEADER: ("分管领导", "leader"),
    Audience.DUTY_DESK: ("县中心", "county centre"),
}

URGENCIES: Final[Mapping[Urgency, Pair]] = {
    Urgency.NORMAL: ("", ""),
    Urgency.URGENT: ("【紧急】", "[urgent] "),
    Urgency.CRITICAL: ("【特急】", "[critical] "),
}

CHANNELS: Final[Mapping[str, Pair]] = {
    "wecom": ("企业微信", "WeCom"),
    "sms": ("短信", "SMS"),
    "email": ("邮件", "e-mail"),
    "voice": ("电话", "telephone"),
}
"""By the channel's name in the county pack; a name that is not here is shown as it is."""


def said(pair: Pair, language: Language) -> str:
    """The one of the two."""
    return pair[language == "en"]


def mark_words(mark: str, clock: ClockName | None, language: Language) -> str:
    """What passed, as a person would say it; a mark that no table knows by its name."""
    running = said(CLOCKS[clock], language) if clock is not None else said(("时限", "deadline"), language)
    return said(MARKS.get(mark, (f"{{clock}}：{mark}", f"{{clock}}: {mark}")), language).format(clock=running)
