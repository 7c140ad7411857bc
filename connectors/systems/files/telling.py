"""One feedback in the words of the file's readers. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.systems.files.settings import Tell
from schemas.feedback import Feedback


class NoWordError(ValueError):
    """Our word has no counterpart in a table of the YAML; the text names the table."""


def values(feedback: Feedback, id: str, tell: Tell, zone: ZoneInfo) -> dict[str, str]:
    """Every value that a column may hold. Raises NoWordError."""

    def written(moment: datetime | None) -> str:
        return "" if moment is None else moment.astimezone(zone).strftime(tell.time)

    def flag(value: bool | None) -> str:
        return "" if value is None else _word(tell.flag, "yes" if value else "no", "flag")

    return {
        "id": id,
        "number": feedback.number,
        "round": str(feedback.round),
        "kind": _word(tell.kind, feedback.kind.value, "kind"),
        "occurred_at": written(feedback.occurred_at),
        "unit": feedback.department_name or tell.unit,
        "note": feedback.note,
        "public_reply": feedback.public_reply,
        "contacted": flag(feedback.contacted),
        "contacted_at": written(feedback.contacted_at),
        "founded": flag(feedback.founded),
        "solved": flag(feedback.solved),
        "unsolved_reason": feedback.unsolved_reason,
        "reason": "" if feedback.reason is None else _word(tell.reason, feedback.reason.value, "reason"),
        "extend_days": "" if feedback.extend_days is None else str(feedback.extend_days),
        "attachments": ",".join(attachment.url or attachment.name for attachment in feedback.attachments),
    }


def _word(table: Mapping[Any, str], ours: str, name: str) -> str:
    """An empty table leaves our own words."""
    if not table:
        return ours
    if ours not in table:
        raise NoWordError(name)
    return table[ours]
