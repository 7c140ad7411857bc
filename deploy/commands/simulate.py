"""`paidan sla simulate`: a year of the real agents in minutes, on simulated time, checked by an oracle of its own."""

from typing import Annotated, Any

import typer
from rich.table import Table

from deploy import simulate as simulated
from deploy.console import OK, WRONG, note, out, t
from deploy.simulate import Outcome

Year = Annotated[int, typer.Option(min=2008, max=2100, help=t("模拟哪一年", "the year to simulate"))]
Dispatches = Annotated[int, typer.Option(min=1, max=1_000_000, help=t("派单数", "how many dispatches"))]
Seed = Annotated[int, typer.Option(help=t("种子：同一种子，同一世界", "one seed is one world"))]
Seeds = Annotated[int, typer.Option(min=1, help=t("连续几个种子", "how many seeds, from this one on"))]
Json = Annotated[bool, typer.Option("--json", help=t("输出一个 JSON 对象", "print one JSON object"))]


def simulate(
    year: Year = 2025, dispatches: Dispatches = 20_000, seed: Seed = 1, seeds: Seeds = 1, json: Json = False
) -> None:
    """Exit code 1 where the oracle or the books disagree. With several seeds the object has a list `worlds`."""
    worlds = []
    for number in range(seed, seed + seeds):
        outcome = simulated.simulate(year, dispatches, number)
        worlds.append(outcome)
        if seeds > 1:
            verdict = t("正确", "right") if outcome.right else t("有误", "WRONG")
            note(f"{number}: {verdict}  {outcome.marks_due} {t('个标记', 'marks')}  {outcome.seconds} s")
    wrong = [outcome for outcome in worlds if not outcome.right]
    if json:
        out(_plain(worlds[0]) if seeds == 1 else {"worlds": [_plain(outcome) for outcome in worlds]})
    else:
        out(_figures(worlds))
        if wrong:
            out(_offences(wrong))
    raise typer.Exit(WRONG if wrong else OK)


def _plain(outcome: Outcome) -> dict[str, Any]:
    return outcome.model_dump(mode="json")


def _figures(worlds: list[Outcome]) -> Table:
    """One column for each world, or the sums of many."""
    words = {
        "dispatches": t("派单", "dispatches"),
        "marks_due": t("应记标记", "marks due"),
        "notices": t("提醒", "notices"),
        "early": t("提前", "early"),
        "missing": t("遗漏", "missing"),
        "twice": t("重复", "twice"),
        "wrong_recipient": t("发错对象", "wrong recipient"),
        "misjudged": t("延期或责任判错", "extension or cause misjudged"),
        "lost": t("账目：丢失", "books: lost"),
        "misrouted": t("账目：送错", "books: misrouted"),
        "repeated_effects": t("账目：重复生效", "books: repeated effects"),
        "out_of_order": t("账目：顺序错", "books: out of order"),
        "stale_rows": t("账目：案卷过时", "books: stale rows"),
        "unexplained": t("账目：来历不明", "books: unexplained"),
        "late": t("因停机迟记（已标明）", "late for an outage of ours, flagged"),
        "crashes": t("进程被杀", "crashes"),
        "stalls": t("进程停顿", "stalls"),
        "zombies": t("僵尸进程", "zombies"),
        "rebalances": t("重新分配", "rebalances"),
        "lost_acks": t("确认丢失", "lost acks"),
        "repeats": t("重复到达的记录", "records that came again"),
        "repaired": t("修复的旧行", "stale rows repaired"),
        "records": t("消息", "records"),
        "dead": t("死信", "dead letters"),
        "simulated_days": t("模拟天数", "simulated days"),
        "seconds": t("用时（秒）", "seconds"),
    }
    title = t(f"{worlds[0].year} 年，种子 {worlds[0].seed}", f"{worlds[0].year}, seed {worlds[0].seed}")
    if len(worlds) > 1:
        title += f"–{worlds[-1].seed}"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, word in words.items():
        total = sum(getattr(outcome, name) for outcome in worlds)
        table.add_row(word, f"{total:,.1f}" if isinstance(total, float) else f"{total:,}")
    return table


def _offences(wrong: list[Outcome]) -> Table:
    table = Table(
        t("种子", "seed"), t("类别", "kind"), t("派单", "dispatch"), t("经过", "what"), box=None, pad_edge=False
    )
    for outcome in wrong:
        for one in outcome.offences:
            table.add_row(str(outcome.seed), one.kind, one.dispatch, one.what)
    return table
