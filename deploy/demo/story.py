"""The last screen: the books, the busiest departments, one dispatch from beginning to end, and where to go next."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from deploy.books import Books
from deploy.books.show import table as books_table
from deploy.console import t
from deploy.demo.outcome import Outcome
from deploy.operators.kafka import read
from deploy.operators.words import reason_word
from schemas.dead_letter import ORIGIN, REASON, DeadLetter, DeadReason
from schemas.kafka import KafkaSettings
from schemas.topics import DEAD, PARTITIONS

TOP = 8
SELF_CONTAINED = re.sub(r"@font-face \{\{.*?\}\}|<!--.*?-->", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
"""Rich's own picture without the fonts that it would fetch from elsewhere."""
INTEREST = {"return": 5, "redo_ordered": 4, "amended": 3, "extension": 1}
"""What makes a dispatch worth telling."""


def last_screen(
    outcome: Outcome,
    books: Books,
    departments: RenderableType,
    told: RenderableType,
    kept: Path | None,
    clocks: tuple[RenderableType, RenderableType] | None = None,
) -> RenderableType:
    """All of it, in the order it is read. `clocks`: their figures, and one dispatch explained."""
    figures, explained = clocks or ("", "")
    return Group(
        Panel(_summary(outcome), title=t("演示", "the tour"), title_align="left"),
        Panel(books_table(books), title=t("对账：市、县、承办单位", "the books"), title_align="left"),
        *([Panel(figures, title=t("时限与督办", "clocks and supervision"), title_align="left")] if figures else []),
        Panel(departments, title=t("最忙的承办单位", "the busiest departments"), title_align="left"),
        Panel(told, title=t("一件派单的全程", "one dispatch, all of it"), title_align="left"),
        *(
            [Panel(explained, title=t("时限是怎么算的", "how a deadline came about"), title_align="left")]
            if explained
            else []
        ),
        Panel(_next(kept), title=t("接下来", "where to go next"), title_align="left"),
    )


def busiest(journals: Iterable[Path], names: Mapping[str, str]) -> Table:
    """From what the departments wrote down themselves."""
    lead, assist, said = Counter[str](), Counter[str](), defaultdict[str, Counter[str]](Counter)
    for event in _events(journals):
        department = event["department"]
        if event["event"] == "received" and event["action"] == "assigned":
            (lead if event["role"] == "lead" else assist)[department] += 1
        elif event["event"] == "received" and event["action"] in ("redo", "amended", "withdrawn"):
            said[department][event["action"]] += 1
        elif event["event"] == "reported":
            said[department][event["kind"]] += 1
    table = Table(
        t("单位", "department"), t("主办", "leads"), t("协办", "assists"), t("修改", "amended"), t("重办", "redo"),
        t("收回", "taken back"), t("退单", "returned"), t("办结反馈", "results"), box=None, pad_edge=False,
    )  # fmt: skip
    for column in table.columns[1:]:
        column.justify = "right"
    for department, _ in (lead + assist).most_common(TOP):
        counts = said[department]
        events = [counts[what] for what in ("amended", "redo", "withdrawn", "return", "result")]
        figures = (lead[department], assist[department], *events)
        table.add_row(names.get(department, department), *(f"{figure:,}" for figure in figures))
    return table


def most_eventful(city: Path, journals: Iterable[Path], source: str) -> str:
    """The dispatch to which most happened: returned, ordered again, amended."""
    interest: dict[str, set[str]] = defaultdict(set)
    for event in _events([city]):
        if event["event"] in INTEREST:
            interest[f"{source}:{event['order']}"].add(event["event"])
    for event in _events(journals):
        if event["event"] == "reported" and event["kind"] in INTEREST:
            interest[event["dispatch"]].add(event["kind"])
    if not interest:
        return ""
    return max(sorted(interest), key=lambda dispatch: sum(INTEREST[what] for what in interest[dispatch]))


def dead_reasons(kafka: KafkaSettings) -> dict[str, int]:
    """Reason -> dead letters; the same record that died again counts once. Raises UserError for a failing Kafka."""
    found: dict[str, str] = {}
    for record in read(kafka, DEAD, range(PARTITIONS)):
        headers = dict(record.headers)
        if REASON not in headers:
            # a mark of what was dealt with, no dead letter
            continue
        place = headers.get("ce_id") or headers.get(ORIGIN) or str(record.offset).encode()
        found[place.decode()] = DeadLetter.read(record.headers).reason
    return dict(Counter(found.values()).most_common())


def draw(screen: RenderableType, file: Path, title: str, width: int = 118) -> None:
    """The screen as an SVG picture. Raises OSError."""
    canvas = Console(record=True, width=width, file=StringIO(), force_terminal=True)
    canvas.print(screen)
    file.write_text(canvas.export_svg(title=title, code_format=SELF_CONTAINED), encoding="utf-8")


def _summary(outcome: Outcome) -> Text:
    verdict = ("✔ ", "bold green") if outcome.good else ("✘ ", "bold red")
    words = t(
        f"{outcome.dispatches} 件派单（修改 {outcome.amended}，撤单 {outcome.withdrawn}，重办 {outcome.redone}，"
        f"无法读取 {outcome.unreadable}），{outcome.kills} 次 SIGKILL，Kafka 停机 {outcome.broker_stops} 次，"
        f"共 {outcome.seconds:.0f} 秒",
        f"{outcome.dispatches} dispatches ({outcome.amended} amended, {outcome.withdrawn} withdrawn, {outcome.redone} "
        f"ordered again, {outcome.unreadable} unreadable), SIGKILLs: {outcome.kills}, stops of Kafka: "
        f"{outcome.broker_stops}, {outcome.seconds:.0f} s in all",
    )
    text = Text.assemble(verdict, words)
    if outcome.dead_reasons:
        reasons = ", ".join(f"{reason_word(DeadReason(reason))} {n}" for reason, n in outcome.dead_reasons.items())
        text.append("\n" + t("死信：", "dead letters: ") + reasons, "dim")
    for missing in outcome.missing:
        text.append("\n" + t("未完成：", "not finished: ") + missing, "red")
    return text


def _next(kept: Path | None) -> Table:
    table = Table.grid(padding=(0, 2))
    if kept is not None:
        table.add_row(
            f"PAIDAN_HOME={kept} paidan broker start", t("再次打开这次演示的数据", "open this tour's data again")
        )
    rows = (
        ("paidan up", t("在本机启动全部", "run all of it on this machine")),
        ("paidan top", t("在办、时限、下一个到期", "what is open, the clocks, what is due next")),
        ("paidan routes explain -h", t("一件派单派给谁，为什么", "who gets a dispatch, and why")),
        ("paidan county check", t("检查县区配置", "check the county pack")),
        ("paidan chaos --dispatches 20000 --kills 30", t("负载之下反复中断", "faults under load")),
        ("docs/examples/department.py", t("不用我们的代码接入一个承办单位", "a department without any code of ours")),
        ("README.md", t("接真实的市级平台和 Kafka", "a real city, a real Kafka")),
    )
    for command, words in rows:
        table.add_row(Text(command, "cyan"), words)
    return table


def _events(files: Iterable[Path]) -> Iterable[dict[str, Any]]:
    for file in files:
        with file.open("rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):
                    yield json.loads(line)
