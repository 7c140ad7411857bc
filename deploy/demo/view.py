"""The live view on a terminal, and lines now and then where there is none."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from deploy.console import stderr, t
from deploy.demo.tour import Moment
from schemas.topics import department_dispatches, department_of

BAR = 18
LEFT, RIGHT = 46, 33
"""Side by side on a terminal of 80 columns."""
LINE_EVERY_S = 5.0
TOP = 8
NOTES = 8


class Show(Protocol):
    """What the tour calls."""

    def __call__(self, moment: Moment) -> None:
        """Shows this moment."""
        ...


@contextmanager
def shown(names: Mapping[str, str]) -> Iterator[Show]:
    """The view on stderr, so that stdout holds results only. `names`: department code -> name."""
    console = stderr()
    if not console.is_terminal:
        yield Lines(console)
        return
    with Live(console=console, refresh_per_second=4, transient=True, vertical_overflow="crop") as live:
        yield lambda moment: live.update(picture(moment, names))


class Lines:
    """One line every few seconds, and one for each thing that happens."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._phase = ""
        self._noted = 0
        self._last = 0.0

    def __call__(self, moment: Moment) -> None:
        """Prints what is new."""
        for at, text in moment.notes[self._noted :]:
            self._console.print(f"{at:5.1f}s  {text}")
        self._noted = len(moment.notes)
        if moment.phase != self._phase:
            self._phase, self._last = moment.phase, moment.seconds
            self._console.print(f"{moment.seconds:5.1f}s  {moment.phase}")
        elif moment.seconds - self._last >= LINE_EVERY_S:
            self._last = moment.seconds
            self._console.print(f"{moment.seconds:5.1f}s  {_counts(moment)}")


def picture(moment: Moment, names: Mapping[str, str]) -> RenderableType:
    """The whole view of one moment."""
    head = Text.assemble(
        (t("派单", "paidan") + "  ", "bold"),
        f"{moment.seconds:5.1f} s  ",
        (moment.phase, "cyan"),
        "   ",
        _parts(moment),
    )
    clocks = _clocks(moment)
    notes = Text("\n".join(f"{at:5.1f}s  {text}" for at, text in moment.notes[-NOTES:]) or " ", style="yellow")
    grid = Table.grid(padding=0)
    grid.add_row(
        Panel(_flow(moment), title=t("派单", "dispatches"), width=LEFT),
        Panel(_traffic(moment), title=t("消息", "records"), width=RIGHT, height=10),
    )
    grid.add_row(
        Panel(_departments(moment, names), title=t("承办单位", "departments"), width=LEFT, height=TOP + 2),
        Panel(notes, title=t("故障", "faults"), width=RIGHT, height=TOP + 2),
    )
    return Group(head, clocks, grid)


def _clocks(moment: Moment) -> Text:
    """The time there, and what the clocks have done by now."""
    watched = moment.watched
    if moment.time is None:
        return Text("")
    weekday = t("一二三四五六日", "MTWTFSS")[moment.time.weekday()]
    over = len(watched.breached)
    return Text.assemble(
        (f"{moment.time:%m-%d}{t('周', ' ')}{weekday} {moment.time:%H:%M}", "bold"),
        t(f"  标记 {watched.marks:,}  ", f"  marks {watched.marks:,}  "),
        (t(f"逾期 {over:,}", f"over {over:,}"), "red" if over else ""),
        t(
            f"  督办 {watched.steps.total():,}  延期 {watched.extended:,}",
            f"  supervised {watched.steps.total():,}  extended {watched.extended:,}",
        ),
    )


def _flow(moment: Moment) -> Table:
    state = moment.state
    statuses = state.get("statuses", {})
    rows = (
        (t("市级派出", "issued"), state.get("orders", 0) + state.get("unreadable", 0)),
        (t("已接入", "pulled"), state.get("seen", 0)),
        (t("已签收", "signed"), state.get("signed", 0)),
        (t("已答复", "answered"), state.get("answered", 0)),
        (t("已办结", "closed"), sum(n for status, n in statuses.items() if status != "open")),
        (t("修改", "amended"), moment.amended),
        (t("撤单", "withdrawn"), moment.withdrawn),
        (t("重办", "ordered again"), state.get("counts", {}).get("redo_ordered", 0)),
    )
    table = Table.grid(padding=(0, 1))
    for place, (name, number) in enumerate(rows):
        bar = _bar(number, moment.total, "green") if place < 5 else Text("")
        table.add_row(name, bar, f"{number:,}")
    return table


def _traffic(moment: Moment) -> Table:
    written = moment.lag.written if moment.lag else {}
    behind = moment.lag.behind if moment.lag else {}
    departments = {topic: n for topic, n in written.items() if topic.startswith("dept.")}
    rows = (
        ("city.dispatches", written.get("city.dispatches", 0)),
        ("dept.*.dispatches", sum(n for topic, n in departments.items() if topic.endswith(".dispatches"))),
        ("dept.*.reports", sum(n for topic, n in departments.items() if topic.endswith(".reports"))),
        ("city.feedback", written.get("city.feedback", 0)),
        ("bridge.journal", written.get("bridge.journal", 0)),
        ("bridge.dead", written.get("bridge.dead", 0)),
        (t("尚未处理", "lag"), sum(behind.values())),
    )
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column()
    table.add_column(justify="right")
    for name, number in rows:
        table.add_row(name, f"{number:,}")
    return table


def _departments(moment: Moment, names: Mapping[str, str]) -> Table:
    table = Table.grid(padding=(0, 1))
    busiest = _busiest(moment)
    most = max((number for _, number in busiest), default=1)
    for code, number in busiest:
        table.add_row(Text(names.get(code, code)[:10], no_wrap=True), _bar(number, most, "blue"), f"{number:,}")
    return table


def _busiest(moment: Moment) -> list[tuple[str, int]]:
    written = moment.lag.written if moment.lag else {}
    given = {topic: n for topic, n in written.items() if topic == department_dispatches(department_of(topic)) and n}
    return [(department_of(topic), n) for topic, n in sorted(given.items(), key=lambda one: -one[1])[:TOP]]


def _parts(moment: Moment) -> Text:
    text = Text()
    for name, up in (("kafka", moment.broker_up), *moment.running.items()):
        kills = moment.kills.get(name, 0)
        text.append("● " if up else "○ ", "green" if up else "red")
        text.append(f"{name}{f' ✝{kills}' if kills else ''}  ", "" if up else "red")
    return text


def _bar(number: int, most: int, style: str) -> Text:
    filled = round(BAR * min(1.0, number / most)) if most else 0
    return Text("━" * filled, style) + Text("┄" * (BAR - filled), "grey30")


def _counts(moment: Moment) -> str:
    state = moment.state
    closed = sum(n for status, n in state.get("statuses", {}).items() if status != "open")
    lag = sum(moment.lag.behind.values()) if moment.lag else 0
    issued = state.get("orders", 0) + state.get("unreadable", 0)
    said = t(
        f"派出 {issued}  接入 {state.get('seen', 0)}  签收 {state.get('signed', 0)}  答复 {state.get('answered', 0)}  "
        f"办结 {closed}  未处理 {lag}",
        f"issued {issued}  pulled {state.get('seen', 0)}  signed {state.get('signed', 0)}  "
        f"answered {state.get('answered', 0)}  closed {closed}  lag {lag}",
    )
    return f"{said}  {_clocks(moment).plain}".rstrip()
