"""`paidan dead`: what could not be handled; look at it, send it again, or give it up."""

import json as json_text
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from deploy import settings
from deploy.console import OK, WRONG, UserError, fail, note, out, t
from deploy.operators import dead
from deploy.operators.letters import Letter, discard, replay
from deploy.operators.masking import masked
from deploy.operators.requarantine import retranslate
from deploy.operators.words import reason_word
from schemas.dead_letter import DeadReason

app = typer.Typer(no_args_is_help=True, help=t("死信", "dead letters"))

SHORT = 8

Json = Annotated[bool, typer.Option("--json", help=t("输出一个 JSON 对象", "print one JSON object"))]
Ids = Annotated[list[str] | None, typer.Argument(help=t("死信编号的开头几位", "first characters of the letters' ids"))]
Of = Annotated[DeadReason | None, typer.Option("--reason-code", help=t("某一原因的全部", "all of one reason"))]
As = Annotated[str, typer.Option("--as", help=t("经办人", "who does it"))]
Why = Annotated[str, typer.Option("--reason", help=t("理由", "why"))]


@app.command("list", help=t("列出未处理的死信；有则退出码为 1", "list the open ones; exit code 1 when there are any"))
def list_letters(reason: Of = None, json: Json = False) -> None:
    """Shows no key and no content: nothing of a citizen."""
    now = datetime.now(UTC)
    found = [one for one in dead.letters(settings.kafka()) if reason in (None, one.reason)]
    if json:
        out({"open": len(found), "letters": [_head(one, now) for one in found]})
    elif not found:
        note(t("没有死信", "no dead letters"))
    else:
        table = Table(
            t("编号", "id"), t("原因", "reason"), t("来源", "origin"), t("何时", "age"), t("次数", "seen"),
            t("位置", "detail"), box=None, pad_edge=False,
        )  # fmt: skip
        for one in found:
            table.add_row(
                one.id[:SHORT], f"{reason_word(one.reason)} ({one.reason})", one.origin, _age(one, now),
                str(one.seen), one.detail,
            )  # fmt: skip
        out(table)
    raise typer.Exit(WRONG if found else OK)


@app.command(help=t("查看一封", "show one"))
def show(
    id: Annotated[str, typer.Argument(help=t("编号的开头几位", "first characters of its id"))],
    reveal: Annotated[
        bool, typer.Option("--reveal", help=t("显示原文（含个人信息）", "show the original, personal data included"))
    ] = False,
    json: Json = False,
) -> None:
    """Masks every value, unless asked to reveal."""
    one = dead.choose(dead.letters(settings.kafka()), [id])[0]
    value = (one.value or b"").decode(errors="replace") if reveal else masked(one.value)
    shown = _head(one, datetime.now(UTC)) | {
        "key": (one.key or b"").decode(errors="replace") if reveal else masked(one.key),
        "headers": {name: content.decode(errors="replace") for name, content in one.headers} if reveal else
        [name for name, _ in one.headers],
        "bytes": len(one.value or b""),
        "value": value,
    }  # fmt: skip
    if json:
        out(shown)
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, content in shown.items():
        table.add_row(name, content if isinstance(content, str) else json_text.dumps(content, ensure_ascii=False))
    out(table)


@app.command(
    "replay", help=t("重新送回原处；同一派单被搁置的记录一并按序重放", "send back, with all that was parked behind")
)
def replay_letters(
    ids: Ids = None,
    reason_code: Of = None,
    by: As = "",
    reason: Why = "",
    json: Json = False,
) -> None:
    """Doing it twice is harmless: whoever reads knows a repeat by its id."""
    open_now = dead.letters(settings.kafka())
    chosen = _chosen(open_now, ids, reason_code)
    now = datetime.now(UTC)
    who, why = by or "operator", reason or "replay"
    plan = replay(chosen, open_now, by=who, reason=why, at=now)
    _tell(dead.carry_out(settings.kafka(), plan, retranslate, by=who, reason=why, at=now), json)


@app.command("discard", help=t("作废；派单解除搁置", "give up; the dispatch goes on"))
def discard_letters(
    by: As,
    reason: Why,
    ids: Ids = None,
    reason_code: Of = None,
    json: Json = False,
) -> None:
    """Who and why are written to `bridge.dead`, and to the journal where a dispatch was parked."""
    open_now = dead.letters(settings.kafka())
    chosen = _chosen(open_now, ids, reason_code)
    if not by.strip() or not reason.strip():
        fail(t("--as 和 --reason 不能为空", "--as and --reason must say something"))
    now = datetime.now(UTC)
    plan = discard(chosen, open_now, by=by, reason=reason, at=now)
    _tell(dead.carry_out(settings.kafka(), plan, retranslate, by=by, reason=reason, at=now), json)


def _chosen(open_now: Sequence[Letter], ids: list[str] | None, reason: DeadReason | None) -> list[Letter]:
    if bool(ids) == (reason is not None):
        raise UserError(t("请给出编号，或 --reason-code", "name letters, or a --reason-code"))
    chosen = dead.choose(open_now, ids or [], reason)
    if not chosen:
        raise UserError(t("没有这样的死信", "there is no such dead letter"), code=WRONG)
    return chosen


def _tell(done: dead.Done, json: bool) -> None:
    for one, fault in done.refused:
        note(t(f"{one.id[:SHORT]}：仍然无法读取：{fault}", f"{one.id[:SHORT]}: still cannot be read: {fault}"))
    if done.unsettled:
        note(
            t(
                "没有看到流处理进程继续处理：稍后再看一次 paidan dead list",
                "no worker was seen to go on: look at paidan dead list again later",
            )
        )
    if json:
        out(
            {
                "replayed": [one.id for one in done.replayed],
                "discarded": [one.id for one in done.discarded],
                "refused": [one.id for one, _ in done.refused],
                "settled": not done.unsettled,
            }
        )
    else:
        note(
            t(
                f"重放 {len(done.replayed)} 封，作废 {len(done.discarded)} 封，退回 {len(done.refused)} 封",
                f"{len(done.replayed)} replayed, {len(done.discarded)} discarded, {len(done.refused)} refused",
            )
        )
    raise typer.Exit(WRONG if done.refused or done.unsettled else OK)


def _head(one: Letter, now: datetime) -> dict[str, Any]:
    return {
        "id": one.id,
        "reason": str(one.reason),
        "origin": one.origin,
        "detail": one.detail,
        "died_at": one.died_at.isoformat(),
        "age_seconds": int((now - one.died_at).total_seconds()),
        "seen": one.seen,
    }


def _age(one: Letter, now: datetime) -> str:
    minutes = max(0, int((now - one.died_at).total_seconds() // 60))
    if minutes < 60:
        return t(f"{minutes} 分钟前", f"{minutes} min ago")
    if minutes < 48 * 60:
        return t(f"{minutes // 60} 小时前", f"{minutes // 60} h ago")
    return t(f"{minutes // 1440} 天前", f"{minutes // 1440} d ago")
