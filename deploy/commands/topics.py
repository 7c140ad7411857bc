"""`paidan topics`: creates, compares and lists the county's topics."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from deploy import provision, settings
from deploy.console import OK, WRONG, UserError, note, out, t
from deploy.county import CountyError, load
from deploy.provision import Difference, Kind
from deploy.provision.plan import APPLICABLE, REFUSED
from schemas.topics import Topic, topics

app = typer.Typer(no_args_is_help=True, help=t("主题", "topics"))

Json = Annotated[bool, typer.Option("--json", help=t("输出一个 JSON 对象", "print one JSON object"))]
County = Annotated[str | None, typer.Option(help=t("县区配置：名称或目录", "county pack: a name or a folder"))]
Departments = Annotated[
    str | None, typer.Option(help=t("承办单位代码，逗号分隔（代替县区配置）", "codes with commas, instead of a county"))
]

_KINDS: dict[Kind, tuple[str, str]] = {
    Kind.MISSING: ("缺少", "missing"),
    Kind.CONFIG: ("设置不同", "setting differs"),
    Kind.PARTITIONS: ("分区数不同", "partition count differs"),
    Kind.REPLICATION: ("副本太少", "too few copies"),
    Kind.UNDECLARED: ("另有设置", "set by somebody else"),
}

_REFUSALS: dict[Kind, tuple[str, str]] = {
    Kind.PARTITIONS: (
        "分区数不能改变：同一件派单会落到别的分区，顺序就断了。请新建集群，或删除该主题（数据会丢失）后重新 apply",
        "partition counts never change (keys would move and lose their order): use a fresh cluster or delete the topic",
    ),
    Kind.REPLICATION: (
        "副本数要用 Kafka 自带的 kafka-reassign-partitions 增加",
        "add copies with Kafka's own kafka-reassign-partitions",
    ),
}


@app.command(help=t("创建缺少的主题，改正不同的设置", "create what is missing, correct what differs"))
def apply(county: County = None, departments: Departments = None, json: Json = False) -> None:
    """Exit code 0 when the cluster is then as declared, 1 when something had to be refused."""
    declared = _declared(county, departments)
    kafka = settings.kafka()
    differences = provision.plan(declared, provision.look(kafka, _names(declared)))
    provision.apply(kafka, declared, differences)
    done = [difference for difference in differences if difference.kind in APPLICABLE]
    refused = [difference for difference in differences if difference.kind in REFUSED]
    if json:
        out({"topics": len(declared), "applied": [*map(asdict, done)], "refused": [*map(asdict, refused)]})
    else:
        if done:
            out(_difference_table(done))
        created = sum(difference.kind is Kind.MISSING for difference in done)
        corrected = len(done) - created
        note(
            t(
                f"{len(declared)} 个主题：新建 {created} 个，改正 {corrected} 处设置，拒绝 {len(refused)} 处",
                f"{len(declared)} topics: {created} created, {corrected} settings corrected, {len(refused)} refused",
            )
        )
    _tell_refused(refused)
    raise typer.Exit(WRONG if refused else OK)


@app.command(help=t("与声明比较；有差别时退出码为 1", "compare with what is declared; exit code 1 where it differs"))
def diff(county: County = None, departments: Departments = None, json: Json = False) -> None:
    """Shows every difference and changes nothing."""
    declared = _declared(county, departments)
    differences = provision.plan(declared, provision.look(settings.kafka(), _names(declared)))
    wrong = [difference for difference in differences if difference.kind is not Kind.UNDECLARED]
    if json:
        out({"topics": len(declared), "differences": [*map(asdict, differences)]})
    elif differences:
        out(_difference_table(differences))
    else:
        note(t(f"{len(declared)} 个主题，没有差别", f"{len(declared)} topics, no difference"))
    _tell_refused([difference for difference in differences if difference.kind in REFUSED])
    raise typer.Exit(WRONG if wrong else OK)


@app.command("list", help=t("列出声明的主题（无需 Kafka）", "list what is declared (needs no Kafka)"))
def list_topics(county: County = None, departments: Departments = None, json: Json = False) -> None:
    """Shows name, partitions, retention, writer and readers of every topic."""
    declared = _declared(county, departments)
    if json:
        out({"topics": [asdict(topic) for topic in declared]})
        return
    table = Table(
        t("主题", "topic"), t("分区", "partitions"), t("保留", "kept"), t("写", "writer"), t("读", "readers"),
        t("内容", "about"), box=None, pad_edge=False,
    )  # fmt: skip
    for topic in declared:
        table.add_row(
            topic.name, str(topic.partitions), _kept(topic), topic.writer, ", ".join(topic.readers), topic.about
        )
    out(table)


def _declared(county: str | None, departments: str | None) -> tuple[Topic, ...]:
    if departments is not None:
        return topics(code.strip() for code in departments.split(",") if code.strip())
    try:
        pack = load(county or settings.county())
    except CountyError as error:
        raise UserError(str(error)) from error
    return topics(department.code for department in pack.departments)


def _names(declared: Sequence[Topic]) -> list[str]:
    return [topic.name for topic in declared]


def _kept(topic: Topic) -> str:
    if topic.retention_days is None:
        return t("每键最新", "newest per key")
    return t(f"{topic.retention_days} 天", f"{topic.retention_days} d")


def _difference_table(differences: Sequence[Difference]) -> Table:
    table = Table(
        t("主题", "topic"), t("差别", "difference"), t("设置", "setting"), t("现在", "found"), t("应为", "declared"),
        box=None, pad_edge=False,
    )  # fmt: skip
    for one in differences:
        table.add_row(one.topic, t(*_KINDS[one.kind]), one.setting, one.found or "-", one.wanted or "-")
    return table


def _tell_refused(refused: Sequence[Difference]) -> None:
    for one in refused:
        note(f"{one.topic}: {one.setting} {one.found} -> {one.wanted}: {t(*_REFUSALS[one.kind])}")
