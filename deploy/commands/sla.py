"""`paidan sla`: the clocks of dispatches, in words and in proof. Each command lives in a module of its own."""

import typer

from deploy.commands.explain import explain, replay
from deploy.commands.letter import letter
from deploy.commands.simulate import simulate
from deploy.console import t

app = typer.Typer(no_args_is_help=True, help=t("时限：解释、复算、模拟", "deadlines: explain, replay, simulate"))

app.command("explain", help=t("逐条说明一件派单的各项时限", "say how each deadline of one dispatch came about"))(
    explain
)
app.command(
    "replay", help=t("按全程记录复算全部时限；有不符时退出码为 1", "compute every deadline again from the journal")
)(replay)
app.command("letter", help=t("打印一次督办的催办单、督办单", "the letter of a step of supervision, to be printed"))(
    letter
)
app.command("simulate", help=t("几分钟模拟一年，核对每个标记", "a year in minutes, every mark checked by an oracle"))(
    simulate
)
