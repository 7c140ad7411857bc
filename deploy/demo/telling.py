"""One dispatch from beginning to end, in the words of whoever watches the tour."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from deploy.console import t
from deploy.operators.details import BRIEF, details
from deploy.operators.timeline import Timeline
from deploy.operators.words import actor_word, fact_word
from schemas.fact import Fact


def told(dispatch: str, known: Timeline, names: Mapping[str, str], zone: ZoneInfo) -> RenderableType:
    """The journal of one dispatch, fact by fact. `names`: department code -> name."""
    head = Text(dispatch, "bold")
    if known.dispatch is not None:
        head = Text.assemble((dispatch, "bold"), "  ", known.dispatch.title)
    table = Table(
        t("时间", "time"), t("事项", "fact"), t("谁", "who"), t("轮次", "round"), t("详情", "details"),
        box=None, pad_edge=False,
    )  # fmt: skip
    for fact in known.facts:
        at, who = _clock(fact.occurred_at, zone), _who(fact, names)
        table.add_row(at, fact_word(fact.fact), who, str(fact.round), details(fact, names, BRIEF))
    return Group(head, table)


def _who(fact: Fact, names: Mapping[str, str]) -> str:
    department = names.get(fact.department, fact.department) if fact.department else ""
    return " ".join(filter(None, (department, fact.by))) or actor_word(fact.actor)


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%m-%d %H:%M")
