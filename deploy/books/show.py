"""The books as an operator reads them."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from deploy.books.balance import Books
from deploy.console import t

_FIGURES: tuple[tuple[str, str, str], ...] = (
    ("pulled", "市级派单", "dispatches pulled"),
    ("routed", "已交办", "routed"),
    ("reported", "单位已反馈", "reported on"),
    ("fed_back", "已报市级", "fed back"),
    ("dead", "死信", "dead letters"),
    ("parked", "等待在死信之后", "parked behind one"),
)
_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("lost", "丢失", "lost"),
    ("misrouted", "错送", "misrouted"),
    ("repeated_effects", "重复生效", "repeated effects"),
    ("out_of_order", "次序颠倒", "out of order"),
    ("stale_rows", "案卷表陈旧", "stale rows"),
    ("unexplained", "来历不明", "unexplained"),
)


def table(books: Books, shown: int = 20) -> RenderableType:
    """Figures, columns, verdict, and the first `shown` offences."""
    figures = Table(show_header=False, box=None, pad_edge=False)
    for name, zh, en in _FIGURES:
        figures.add_row(t(zh, en), f"{getattr(books, name):,}")
    figures.add_row("", "")
    for name, zh, en in _COLUMNS:
        count = getattr(books, name)
        figures.add_row(t(zh, en), Text(f"{count:,}", style="bold red" if count else "green"))
    verdict = (
        Text(t("账目相符", "the books balance"), style="bold green")
        if books.balanced
        else Text(t("账目不符", "the books do not balance"), style="bold red")
    )
    read = t(
        f"读取 {books.records:,} 条记录，重复投递 {books.repeats:,} 条（同号同文，不算重复生效），{books.seconds} 秒",
        f"{books.records:,} records read, {books.repeats:,} of them repeats (same id, same bytes), {books.seconds} s",
    )
    parts: list[RenderableType] = [figures, verdict, Text(read, style="dim")]
    if books.offences:
        parts.append(_offences(books, shown))
    return Group(*parts)


def _offences(books: Books, shown: int) -> Table:
    titles = {name: (zh, en) for name, zh, en in _COLUMNS}
    listed = Table(
        t("栏目", "column"),
        t("派单", "dispatch"),
        t("在哪里", "where"),
        t("问题", "what is wrong"),
        box=None,
        pad_edge=False,
    )
    for offence in books.offences[:shown]:
        listed.add_row(t(*titles[offence.column]), offence.dispatch, offence.where, t(offence.zh, offence.en))
    if len(books.offences) > shown:
        listed.add_row("…", "", "", t("其余见 --json", "the rest with --json"))
    return listed
