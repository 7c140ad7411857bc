"""`paidan demo`: the guided tour."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.console import OK, WRONG, fail, out, t
from deploy.demo.plan import QUARTER
from deploy.demo.run import SETTLE_S, Options, run
from deploy.demo.story import draw

app = typer.Typer(help=t("演示", "the guided tour"))


@app.command(
    help=t(
        "演示：一个季度的派单，从市到县再回到市；途中反复中断，最后对账。账目相符时退出码为 0",
        "one quarter of dispatches, from city to county and back, with processes killed; exit code 0 when it balances",
    )
)
def demo(
    dispatches: Annotated[int, typer.Option(min=10, help=t("派单件数", "how many dispatches"))] = QUARTER,
    seed: Annotated[int, typer.Option(help=t("随机种子：同一种子，同样的派单", "same seed, same dispatches"))] = 1,
    keep: Annotated[bool, typer.Option("--keep", help=t("保留数据", "keep the data"))] = False,
    home: Annotated[Path | None, typer.Option(help=t("数据目录，不删除", "where the data go; they stay"))] = None,
    wait: Annotated[float, typer.Option(help=t("最多等多少秒办结", "seconds to wait for the end"))] = SETTLE_S,
    svg: Annotated[Path | None, typer.Option(help=t("把最后一屏存为 SVG", "save the last screen as SVG"))] = None,
    json: Annotated[bool, typer.Option("--json", help=t("输出一个 JSON 对象", "print one JSON object"))] = False,
) -> None:
    """Exit code 1 when the books do not balance, or when something was not finished in time."""
    try:
        came_to, screen = run(Options(dispatches=dispatches, seed=seed, keep=keep, home=home, settle_s=wait))
    except KeyboardInterrupt:
        fail(t("已中断，全部清理完毕", "interrupted; everything is cleaned up"), 130)
    if svg is not None:
        draw(screen, svg, t("派单 演示", "paidan demo"))
    out(came_to if json else screen)
    raise typer.Exit(OK if came_to.good else WRONG)
