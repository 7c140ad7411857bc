"""What a strict city accepts of what it is told, and why it refuses the rest."""

from dataclasses import dataclass
from enum import StrEnum

from deploy.sim.city.order import Order, Status


class ToldKind(StrEnum):
    """签收, 联系, 进展, 办理结果, 申请退回, 申请延期."""

    SIGN = "sign"
    CONTACT = "contact"
    PROGRESS = "progress"
    RESULT = "result"
    RETURN = "return"
    EXTENSION = "extension"


class Refusal(StrEnum):
    """Why the city will not have it."""

    MISSING_FIELD = "missing_field"
    NOT_OPEN = "not_open"
    NOT_SIGNED = "not_signed"
    WRONG_ROUND = "wrong_round"
    ALREADY_ANSWERED = "already_answered"
    NO_PUBLIC_REPLY = "no_public_reply"
    NO_UNSOLVED_REASON = "no_unsolved_reason"
    NO_RETURN_REASON = "no_return_reason"
    NO_EXTEND_DAYS = "no_extend_days"
    TOO_LONG = "too_long"


REFUSALS = {
    Refusal.MISSING_FIELD: "必填项缺失或格式不正确",
    Refusal.NOT_OPEN: "工单已办结、已撤销或已合并，不能再操作",
    Refusal.NOT_SIGNED: "工单尚未签收",
    Refusal.WRONG_ROUND: "办理次数与当前不一致",
    Refusal.ALREADY_ANSWERED: "本次办理结果已提交",
    Refusal.NO_PUBLIC_REPLY: "办理结果必须填写公开答复",
    Refusal.NO_UNSOLVED_REASON: "未解决的必须说明原因",
    Refusal.NO_RETURN_REASON: "申请退回必须说明理由",
    Refusal.NO_EXTEND_DAYS: "申请延期必须填写天数",
    Refusal.TOO_LONG: "延期天数超过上限",
}
"""The city's own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the county tells about one order. `round` None where the interface does not ask for it (signing)."""

    order: str
    serial: str
    kind: ToldKind
    round: int | None = None
    unit: str = ""
    note: str = ""
    reply: str = ""
    contacted: bool | None = None
    founded: bool | None = None
    solved: bool | None = None
    unsolved_reason: str = ""
    return_reason: str = ""
    extend_days: int = 0


def refusal(order: Order, told: Told, *, signed: bool, answered_round: int, extend_cap: int = 0) -> Refusal | None:
    """Why `told` is not accepted now, or None. `answered_round` is the last round with a result, 0 for none.

    `extend_cap`: the longest extension in days, 0 for any.
    """
    if order.status is not Status.OPEN:
        return Refusal.NOT_OPEN
    if told.kind is ToldKind.SIGN:
        return None
    if not signed:
        return Refusal.NOT_SIGNED
    if told.round != order.round:
        return Refusal.WRONG_ROUND
    if answered_round == order.round:
        return Refusal.ALREADY_ANSWERED
    match told.kind:
        case ToldKind.RESULT if not told.reply:
            return Refusal.NO_PUBLIC_REPLY
        case ToldKind.RESULT if told.solved is False and not told.unsolved_reason:
            return Refusal.NO_UNSOLVED_REASON
        case ToldKind.RETURN if not told.return_reason:
            return Refusal.NO_RETURN_REASON
        case ToldKind.EXTENSION if told.extend_days < 1:
            return Refusal.NO_EXTEND_DAYS
        case ToldKind.EXTENSION if 0 < extend_cap < told.extend_days:
            return Refusal.TOO_LONG
        case _:
            return None
