"""The operator's words for what the topics say in code."""

from connectors.systems.notices.words import CLOCKS
from deploy.console import t
from schemas.case import Flag, State
from schemas.clock import ClockName
from schemas.dead_letter import DeadReason
from schemas.fact import Actor, FactKind
from schemas.order import Rung
from streams.domain.deadlines import Mark

_REASONS: dict[DeadReason, tuple[str, str]] = {
    DeadReason.TOO_LARGE: ("过大", "too large"),
    DeadReason.TOO_DEEP: ("嵌套过深", "nested too deep"),
    DeadReason.NOT_UTF8: ("不是 UTF-8", "not UTF-8"),
    DeadReason.NOT_JSON: ("不是 JSON", "not JSON"),
    DeadReason.DUPLICATE_KEY: ("键重复", "duplicate key"),
    DeadReason.NOT_A_NUMBER: ("NaN 或无穷", "NaN or infinity"),
    DeadReason.CONTROL_CHARACTER: ("含控制字符", "control character"),
    DeadReason.BIDI_CONTROL: ("含双向控制符", "bidi control"),
    DeadReason.LONE_SURROGATE: ("残缺字符", "lone surrogate"),
    DeadReason.HUGE_NUMBER: ("数字过大", "huge number"),
    DeadReason.INVALID: ("内容不合要求", "invalid"),
    DeadReason.UNKNOWN_TYPE: ("类型不明", "unknown type"),
    DeadReason.KEY_MISMATCH: ("键与编号不符", "key mismatch"),
    DeadReason.NO_NUMBER: ("没有工单编号", "no number"),
    DeadReason.NO_TIME: ("没有可用时间", "no usable time"),
    DeadReason.UNREADABLE: ("无法读取", "unreadable"),
    DeadReason.HANDLER_FAILED: ("处理失败", "handler failed"),
    DeadReason.PARKED: ("搁置在后", "parked behind another"),
    DeadReason.CITY_REJECTED: ("市平台拒收", "rejected by the city"),
}

_FACTS: dict[FactKind, tuple[str, str]] = {
    FactKind.RECEIVED: ("接入", "received"),
    FactKind.AMENDED: ("市级修改", "amended"),
    FactKind.WITHDRAWN: ("市级撤单", "withdrawn"),
    FactKind.MERGED: ("并单", "merged"),
    FactKind.CLOSED: ("办结", "closed"),
    FactKind.REOPENED: ("重办", "reopened"),
    FactKind.ROUTED: ("转办", "routed"),
    FactKind.ASSIGNED: ("交办", "assigned"),
    FactKind.UNASSIGNED: ("收回交办", "unassigned"),
    FactKind.SIGNED: ("签收", "signed"),
    FactKind.CONTACTED: ("联系群众", "contacted"),
    FactKind.PROGRESSED: ("办理进展", "progressed"),
    FactKind.ANSWERED: ("办理结果", "answered"),
    FactKind.RETURNED: ("退单", "returned"),
    FactKind.TRANSFERRED: ("移交", "transferred"),
    FactKind.EXTENSION_REQUESTED: ("申请延期", "extension requested"),
    FactKind.REVIEWED: ("审核", "reviewed"),
    FactKind.LEDGER_OPENED: ("挂账", "put on the ledger"),
    FactKind.LEDGER_CLOSED: ("销账", "taken off the ledger"),
    FactKind.FEEDBACK_SENT: ("回复市级", "feedback sent"),
    FactKind.FEEDBACK_DELIVERED: ("市级已收", "feedback delivered"),
    FactKind.FEEDBACK_REJECTED: ("市级拒收", "feedback rejected"),
    FactKind.NOTED: ("备注", "noted"),
    FactKind.IGNORED: ("未予处理", "ignored"),
    FactKind.PARKED: ("搁置", "parked"),
    FactKind.UNPARKED: ("解除搁置", "unparked"),
    FactKind.MARKED: ("时限提醒", "deadline mark"),
    FactKind.EXTENDED: ("延期", "extended"),
    FactKind.PAUSED: ("时限暂停", "clock paused"),
    FactKind.RESUMED: ("时限恢复", "clock resumed"),
    FactKind.DEADLINE_CHANGED: ("时限变更", "deadline changed"),
    FactKind.SUPERVISED: ("督办", "supervised"),
}

_ACTORS: dict[Actor, tuple[str, str]] = {
    Actor.CITY: ("市", "city"),
    Actor.DEPARTMENT: ("承办单位", "department"),
    Actor.OPERATOR: ("县中心", "operator"),
    Actor.BRIDGE: ("系统", "bridge"),
}


def reason_word(reason: DeadReason) -> str:
    """Why a record is dead."""
    return t(*_REASONS.get(reason, (str(reason), str(reason))))


def fact_word(fact: FactKind) -> str:
    """What happened."""
    return t(*_FACTS.get(fact, (str(fact), str(fact))))


def actor_word(actor: Actor) -> str:
    """Who did it."""
    return t(*_ACTORS[actor])


_STATES: dict[State, tuple[str, str]] = {
    State.RECEIVED: ("已接入", "received"),
    State.QUARANTINED: ("待补正", "quarantined"),
    State.PENDING_SIGN: ("待签收", "pending sign"),
    State.SIGNED: ("待转办", "signed"),
    State.RETURN_UP_REQ: ("申请退回市级", "asked the city to take it back"),
    State.RETURNED_UP: ("已退回市级", "returned to the city"),
    State.DISPATCHED: ("已转办", "dispatched"),
    State.HANDLING: ("办理中", "handling"),
    State.ON_LEDGER: ("挂账", "on the ledger"),
    State.REVIEW: ("县级审核", "in review"),
    State.REPORTING: ("待反馈市级", "reporting"),
    State.REPORTED: ("已反馈，待回访", "reported"),
    State.REOPENED: ("重办", "reopened"),
    State.CLOSED: ("办结", "closed"),
    State.CANCELLED: ("撤单", "cancelled"),
    State.MERGED: ("并单", "merged"),
}


def state_word(state: str) -> str:
    """Where a case is."""
    return t(*_STATES[State(state)]) if state in set(State) else state


_FLAGS: dict[Flag, tuple[str, str]] = {
    Flag.UNKNOWN_CODE: ("编码不明", "a code that no table knows"),
    Flag.LEAD_BY_UNKNOWN_CODE: ("类别不明，暂由值班台主办", "the duty desk leads: unknown category"),
    Flag.ABOUT_LEAD: ("反映对象为主办单位", "the complaint is about the lead"),
    Flag.CITY_REJECTED: ("市级拒收反馈", "the city refused a feedback"),
}


def flag_word(flag: Flag) -> str:
    """What an operator should know about a case."""
    return t(*_FLAGS[flag])


_MARKS: dict[Mark, tuple[str, str]] = {
    Mark.P50: ("过半", "50 %"),
    Mark.P75: ("过 75%", "75 %"),
    Mark.P90: ("过 90%", "90 %"),
    Mark.YELLOW: ("黄牌", "yellow card"),
    Mark.BREACH: ("逾期", "overdue"),
    Mark.RED: ("红牌", "red card"),
    Mark.OVERDUE5: ("逾期五个工作日", "5 working days overdue"),
}

_RUNGS: dict[Rung, tuple[str, str]] = {
    Rung.PHONE: ("电话", "telephone"),
    Rung.WRITTEN: ("书面", "in writing"),
    Rung.ONSITE: ("现场", "on site"),
    Rung.INTERVIEW: ("约谈", "interview"),
}


def clock_word(clock: str) -> str:
    """Which clock."""
    return t(*CLOCKS[ClockName(clock)]) if clock in set(ClockName) else clock


def mark_word(mark: str) -> str:
    """Which mark of a clock was passed, in a word."""
    return t(*_MARKS[Mark(mark)]) if mark in set(Mark) else mark


def rung_word(rung: str) -> str:
    """Which rung of the ladder of supervision."""
    return t(*_RUNGS[Rung(rung)]) if rung in set(Rung) else rung
