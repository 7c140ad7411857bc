"""What a fact of the journal says beside its kind, in the operator's words."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from connectors.systems.notices.translate import wall_time
from deploy.console import t
from deploy.operators.words import clock_word, flag_word, mark_word, reason_word, rung_word
from schemas.case import Flag
from schemas.dead_letter import DeadReason
from schemas.dispatch import Unknown
from schemas.fact import Fact, FactKind

ZONE = ZoneInfo("Asia/Shanghai")
"""Of the county, where nobody says another."""

LABELS: dict[str, tuple[str, str]] = {
    "lead": ("主办", "lead"),
    "assists": ("协办", "assists"),
    "open_assists": ("未办结协办", "assists still open"),
    "role": ("", ""),
    "action": ("", ""),
    "reason": ("原因", "reason"),
    "path": ("规则", "rule"),
    "kind": ("", ""),
    "outcome": ("", ""),
    "report": ("", ""),
    "feedback": ("反馈", "feedback"),
    "order": ("人工处理", "order"),
    "text": ("", ""),
    "solved": ("解决", "solved"),
    "founded": ("属实", "founded"),
    "passed": ("通过", "passed"),
    "to": ("转给", "to"),
    "into": ("并入", "into"),
    "days": ("工作日", "working days"),
    "version": ("版本", "version"),
    "status": ("市级状态", "the city's status"),
    "after": ("此前", "after"),
    "category": ("类别", "category"),
    "area": ("区划", "area"),
    "urgency": ("紧急程度", "urgency"),
    "channel": ("来源", "channel"),
    "attempts": ("次数", "attempts"),
    "code": ("市级返回码", "the city's code"),
    "behind": ("搁置于", "parked behind"),
    "issued_at": ("市级下达", "issued"),
    "updated_at": ("市级更新", "updated"),
    "due_at": ("市级时限", "the city's deadline"),
    "contacted": ("已联系群众", "citizen contacted"),
    "clock": ("", ""),
    "holder": ("承办单位", "holder"),
    "mark": ("", ""),
    "instant": ("应于", "was due to be told at"),
    "due": ("时限", "due"),
    "from": ("原时限", "from"),
    "late_s": ("迟报秒数", "seconds late"),
    "late": ("系统迟报", "late, by our fault"),
    "sent": ("已提醒", "told"),
    "band": ("区间", "band"),
    "cause": ("起因", "cause"),
    "why": ("因", "because"),
    "rung": ("", ""),
    "step": ("第几次", "step"),
    "no": ("文号", "number"),
    "by": ("经办", "by"),
    "whom": ("对象", "spoke to"),
    "persons": ("人数", "persons"),
    "answer": ("答复", "answer"),
    "open": ("待办", "still to be done"),
}
"""Every detail that a fact can have. An empty label: the word says enough."""

LABELS_OF: dict[FactKind, dict[str, tuple[str, str]]] = {
    FactKind.SUPERVISED: {"to": ("单位", "department")},
    FactKind.DEADLINE_CHANGED: {"to": ("改为", "to")},
    FactKind.EXTENDED: {"to": ("改为", "to"), "days": ("延期", "by"), "by": ("批准", "granted by")},
}
"""Details that mean something else in such a fact."""

WORDS: dict[str, tuple[str, str]] = {
    "lead": ("主办", "lead"),
    "assist": ("协办", "assist"),
    "rule": ("按规则", "by rule"),
    "backstop": ("兜底", "backstop"),
    "unknown_code": ("编码不明", "unknown code"),
    "arbiter": ("审定", "arbiter"),
    "ordered": ("人工指定", "ordered"),
    "again": ("原单位重办", "the same again"),
    "rerouted": ("改派", "rerouted"),
    "returned": ("已退单", "returned"),
    "transferred": ("已移交", "transferred"),
    "city_withdrew": ("市级撤单", "the city withdrew"),
    "city_closed": ("市级办结", "the city closed"),
    "open": ("在办", "open"),
    "closed": ("已办结", "closed"),
    "withdrawn": ("已撤单", "withdrawn"),
    "merged": ("已并单", "merged"),
    "not_ours": ("非本单位职责", "not ours"),
    "wrong_area": ("非本辖区", "wrong area"),
    "duplicate": ("重复件", "duplicate"),
    "insufficient": ("信息不足", "insufficient"),
    "not_government": ("非政府职责", "not for government"),
    "in_litigation": ("已进入诉讼", "in litigation"),
    "repeated": ("重复消息", "repeated"),
    "same": ("内容相同", "the same"),
    "stale": ("旧内容", "stale"),
    "unknown_dispatch": ("无此派单", "unknown dispatch"),
    "not_holder": ("已不承办", "no longer holds it"),
    "not_lead": ("非主办", "not the lead"),
    "old_round": ("前一轮的", "of an old round"),
    "not_awaited": ("已过时的回执", "overtaken"),
    "already_signed": ("已签收过", "signed before"),
    "already_answered": ("已反馈过", "answered before"),
    "returns_locked": ("不得再退", "no more returns"),
    "illegal": ("当前状态不允许", "the state does not allow it"),
    "incomplete": ("缺少必填项", "incomplete"),
    "unknown_department": ("单位不明", "unknown department"),
    "no_change": ("无变化", "no change"),
    "not_parked": ("未搁置", "not parked"),
    "signed": ("签收", "signed"),
    "contacted": ("联系群众", "contacted"),
    "sign": ("签收", "sign"),
    "contact": ("联系群众", "contact"),
    "progress": ("办理进展", "progress"),
    "result": ("办理结果", "result"),
    "return": ("退单", "return"),
    "extension": ("申请延期", "extension"),
    "transfer": ("移交", "transfer"),
    "delivered": ("已送达", "delivered"),
    "exists": ("市级已有", "there already"),
    "rejected": ("市级拒收", "rejected"),
    "assigned": ("交办", "assigned"),
    "amended": ("修改", "amended"),
    "redo": ("重办", "redo"),
    "route": ("转办", "route"),
    "close": ("办结", "close"),
    "note": ("备注", "note"),
    "pass": ("审核通过", "pass"),
    "fail": ("审核退回", "fail"),
    "ledger_open": ("挂账", "put on the ledger"),
    "ledger_close": ("销账", "take off the ledger"),
    "merge": ("并单", "merge"),
    "unpark": ("解除搁置", "unpark"),
    "consult": ("咨询", "consult"),
    "help": ("求助", "help"),
    "complaint": ("投诉", "complaint"),
    "report": ("举报", "report of an offence"),
    "suggestion": ("建议", "suggestion"),
    "praise": ("表扬", "praise"),
    "other": ("其他", "other"),
    "normal": ("一般", "normal"),
    "urgent": ("紧急", "urgent"),
    "critical": ("特急", "critical"),
    "phone": ("电话", "phone"),
    "web": ("网站", "web"),
    "wechat": ("微信", "WeChat"),
    "app": ("手机应用", "app"),
    "inspector": ("督查", "inspector"),
    "province": ("省级转来", "province"),
    "mail": ("信件", "mail"),
    "supervise": ("督办", "supervise"),
    "extend": ("延期", "extend"),
    "pause": ("时限暂停", "pause the clock"),
    "resume": ("时限恢复", "resume the clock"),
    "late_request": ("逾期后才申请", "asked for after the deadline"),
    "over_cap": ("超过可延期限", "over the cap"),
    "overtaken": ("时限已变", "overtaken"),
    "early": ("尚未到时", "not due yet"),
    "city": ("市级下达已晚", "the city was late"),
    "bridge": ("县级读取已晚", "we were late"),
    "arrived": ("到县之前已过", "passed before it came here"),
    "retroactive": ("时限前移所致", "the deadline was moved back"),
    "calendar": ("日历更新", "another calendar"),
    "routed": ("转办", "routed"),
    "resumed": ("恢复计时", "the pause is over"),
    "True": ("是", "yes"),
    "False": ("否", "no"),
}

UNKNOWN: dict[Unknown, tuple[str, str]] = {
    Unknown.CATEGORY: ("类别", "category"),
    Unknown.AREA: ("区划", "area"),
    Unknown.URGENCY: ("紧急程度", "urgency"),
    Unknown.KIND: ("工单类型", "kind"),
    Unknown.CHANNEL: ("来源", "channel"),
    Unknown.ABOUT: ("反映对象", "whom it is about"),
}
"""Fields whose code no table knows."""

OWN_WORDS: dict[str, Callable[[str], str]] = {"clock": clock_word, "mark": mark_word, "rung": rung_word}
"""Details with closed lists of their own, in which a word means another thing than elsewhere."""

DEADLINES = frozenset({"due", "from", "to", "due_at"})
INSTANTS = DEADLINES | {"instant", "issued_at", "updated_at"}
"""Details that may be an instant, in ISO 8601. A deadline at midnight is the end of a day."""

BRIEF = frozenset(
    {
        "lead", "assists", "role", "reason", "path", "kind", "outcome", "solved", "to", "into", "days", "report",
        "clock", "mark", "rung", "no",
    }
)  # fmt: skip
"""What is worth telling where there is little room."""


def details(fact: Fact, names: Mapping[str, str], only: Collection[str] | None = None, zone: ZoneInfo = ZONE) -> str:
    """The details of a fact in one line, all or `only` some. `names`: department code -> name, as far as known."""
    shown = []
    own = LABELS_OF.get(fact.fact, {})
    for name, value in fact.details.items():
        if value in (None, "") or (only is not None and name not in only):
            continue
        label, text = t(*own.get(name, LABELS.get(name, (name, name)))), _said(name, str(value), names, zone)
        shown.append(f"{label} {text}" if label else text)
    return t("，", ", ").join(shown)


def _said(name: str, value: str, names: Mapping[str, str], zone: ZoneInfo) -> str:
    if name in OWN_WORDS:
        return OWN_WORDS[name](value)
    if name in INSTANTS and "T" in value:
        moment = datetime.fromisoformat(value)
        return wall_time(moment, zone) if name in DEADLINES else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
    return word(value, names)


def word(value: str, names: Mapping[str, str]) -> str:
    """The word for what a topic says in code, or names for department codes with commas; else the text itself."""
    if value in WORDS:
        return t(*WORDS[value])
    if value in set(DeadReason):
        return reason_word(DeadReason(value))
    return t("、", ", ").join(names.get(part, part) for part in value.split(","))


def why(reason: str) -> str:
    """The reason of a notice: a word, fields that no table knew, or what the city said, as it said it."""
    if reason in set(Flag):
        return flag_word(Flag(reason))
    fields = [part.strip() for part in reason.split(",")]
    if set(fields) <= set(Unknown):
        return t("、", ", ").join(t(*UNKNOWN[Unknown(field)]) for field in fields)
    return word(reason, {}) if reason in WORDS or reason in set(DeadReason) else reason
