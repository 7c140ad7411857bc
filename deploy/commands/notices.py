"""`paidan notices`: tells people what they must know, on this terminal or in files."""

import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from kafka.errors import KafkaError
from prometheus_client import CollectorRegistry

from connectors.runtime.deliver import Delivery
from connectors.runtime.notices import NoticeSink
from connectors.runtime.topic_reader import TopicReader
from connectors.runtime.writer_kafka import KafkaWriter, WriteError
from connectors.systems.notices import ConsoleSink, Contact, Directory, FileSink, FolderTakenError, Office, Translator
from deploy import settings
from deploy.commands.county import usable
from deploy.console import WRONG, UserError, fail, language, note, t
from deploy.county import County
from deploy.operators.details import why
from deploy.process import crash_points, log_to_stderr, on_stop, serve
from deploy.provision import require_topics
from schemas.topics import NOTICES

app = typer.Typer(no_args_is_help=True, help=t("提醒：送到终端或文件", "notices: to a terminal, or into files"))


class Sink(StrEnum):
    """Where notices go."""

    CONSOLE = "console"
    FILE = "file"


@app.callback()
def notices() -> None:
    """Keeps `run` a word of its own while it is the only one."""


@app.command(help=t("送出提醒，直到 SIGTERM", "deliver notices until SIGTERM"))
def run(
    sink: Annotated[Sink, typer.Option(help=t("送到哪里", "where to"))] = Sink.CONSOLE,
    folder: Annotated[
        Path | None, typer.Option("--dir", help=t("file：写入的目录", "file: the folder to write into"))
    ] = None,
    group: Annotated[
        str, typer.Option(help=t("消费组，默认按去处命名", "consumer group; by the sink's name if not given"))
    ] = "",
    county: Annotated[
        str | None, typer.Option("--county", help=t("县区配置：名称或目录", "county pack: a name or a folder"))
    ] = None,
    once: Annotated[bool, typer.Option("--once", help=t("送完现有的即结束", "end when all there is was told"))] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help=t("指标端口", "port of /metrics, 0: a free one"))] = 0,
) -> None:
    """At least once, and each notice once where the sink can know: files can, a terminal only while the process lives.

    A group that is new begins with the oldest notice there is; each group is told everything.
    """
    if (sink is Sink.FILE) != (folder is not None):
        fail(t("file 需要 --dir，console 不用", "file needs --dir, and console does not take it"))
    known = usable(county)
    log_to_stderr("notices")
    kafka = settings.kafka()
    require_topics(kafka, ())
    registry, at = CollectorRegistry(), crash_points()
    shown_by = _sink(folder, known, at)
    with ExitStack() as stack:
        try:
            writer = stack.enter_context(closing(KafkaWriter(kafka, "paidan-notices")))
            reader = stack.enter_context(closing(TopicReader(kafka, NOTICES, group or f"paidan.notices.{sink}")))
            delivery = Delivery(reader, shown_by, writer, registry, at=at)
            on_stop(delivery.stop)
            listening = stack.enter_context(serve(port, registry, delivery.health))
            note(t(f"提醒送出中，指标在 127.0.0.1:{listening}/metrics", f"metrics at 127.0.0.1:{listening}/metrics"))
            delivery.run(once=once)
        except KafkaError as problem:
            name = type(problem).__name__
            fail(t(f"连不上 Kafka：{name}", f"Kafka cannot be reached: {name}"), WRONG)
        except WriteError as problem:
            fail(t(f"写不进 Kafka：{problem}", f"Kafka took no record: {problem}"), WRONG)


def _sink(folder: Path | None, county: County, at: Callable[[str], None]) -> NoticeSink:
    translator = Translator(directory(county), county.zone, language(), why)
    if folder is None:
        return ConsoleSink(translator, sys.stdout)
    try:
        return FileSink(translator, folder, at)
    except FolderTakenError as taken:
        raise UserError(t(f"另一个进程正在写 {folder}", f"another process writes into {folder}")) from taken
    except OSError as problem:
        raise UserError(f"{folder}: {problem.strerror}") from problem


def directory(county: County) -> Directory:
    """The offices and contacts of a county pack, as the sinks want them."""
    offices = {
        one.code: Office(
            code=one.code,
            name=one.name,
            name_en=one.name_en,
            contacts=tuple(Contact(**contact.model_dump()) for contact in one.contacts),
        )
        for one in county.departments
    }
    return Directory(offices, county.policy.duty_desk)
