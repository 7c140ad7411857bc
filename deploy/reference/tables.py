"""The tables: topics, metrics, settings. Pure: nothing is read but the code."""

from collections.abc import Iterable, Sequence
from typing import Final

from prometheus_client import CollectorRegistry

from connectors.runtime.deliver import NoticeMetrics
from connectors.runtime.metrics import Metrics as ConnectorMetrics
from deploy.settings import VARIABLES
from schemas.topics import INBOX, topics
from streams.case_metrics import CaseMetrics, Coverage
from streams.domain.decision import IgnoredReason
from streams.domain.policy import Department, DepartmentKind
from streams.metrics import Metrics as WorkerMetrics
from streams.metrics import Seen

NOTE: Final = "<!-- Made by `python -m deploy.reference`; do not edit. -->"
GENERATED: Final = ("_bucket", "_count", "_sum")


def table(title: str, about: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """One Markdown page with one table."""
    lines = [f"# {title}", "", NOTE, "", about, "", f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def topic_rows() -> list[list[str]]:
    """Name, what it is, key, payload, writer, readers, partitions, how long it keeps."""
    return [
        [
            f"`{topic.name}`",
            topic.about,
            topic.key,
            ", ".join(topic.payload),
            topic.writer,
            ", ".join(topic.readers),
            str(topic.partitions),
            "newest of each key" if topic.retention_days is None else f"{topic.retention_days} days",
        ]
        for topic in topics(["<code>"])
    ]


def metric_rows(registry: CollectorRegistry) -> list[list[str]]:
    """Name, type, labels, sentence; from what the registry would serve before anything happened."""
    rows = []
    for family in registry.collect():
        labels = sorted({label for sample in family.samples for label in sample.labels if label != "le"})
        name = f"{family.name}_total" if family.type == "counter" else family.name
        rows.append([f"`{name}`", family.type, ", ".join(f"`{label}`" for label in labels), family.documentation])
    return sorted(rows)


def _case_metrics() -> CaseMetrics:
    """Of a county with one department, nothing in its table."""
    one = Department(code="water", name="water", kind=DepartmentKind.UTILITY)
    found = CaseMetrics([one], working_time=lambda: True, calendars=lambda: [Coverage("cn", 0.0, 0)])
    found.serve(0)
    return found


def tables() -> dict[str, str]:
    """File name -> page."""
    connectors = CollectorRegistry()
    ConnectorMetrics(connectors, ["city"])
    workers = WorkerMetrics(str(reason) for reason in IgnoredReason)
    none = Seen(
        [(INBOX, 0)], lag=dict, assigned=lambda _: 0, recovering=lambda: False, rows=lambda: 0, timers=lambda: 0
    )
    workers.registry.register(none)
    business = CollectorRegistry()
    business.register(_case_metrics())
    notices = CollectorRegistry()
    NoticeMetrics(notices)
    heads = ("metric", "type", "labels", "says")
    return {
        "topics.md": table(
            "Topics",
            "From `schemas/topics.py`; `paidan topics apply` creates them.",
            ("topic", "holds", "key", "messages", "writer", "readers", "partitions", "keeps"),
            topic_rows(),
        ),
        "metrics.md": table(
            "Metrics of a worker", "Served on 127.0.0.1 by `paidan streams run`.", heads, metric_rows(workers.registry)
        )
        + "\n"
        + table(
            "Metrics of the connectors",
            "Served on 127.0.0.1 by `paidan connectors run`.",
            heads,
            metric_rows(connectors),
        ).replace(NOTE + "\n\n", "")
        + "\n"
        + table(
            "Business metrics",
            "Served with a worker's, counted from the rows of its partitions: take `max without (instance)` before "
            "anything else.",
            heads,
            metric_rows(business),
        ).replace(NOTE + "\n\n", "")
        + "\n"
        + table(
            "Metrics of a notice sink", "Served on 127.0.0.1 by `paidan notices run`.", heads, metric_rows(notices)
        ).replace(NOTE + "\n\n", ""),
        "settings.md": table(
            "Settings",
            "How a process runs is said by its environment; how the county works is said by its pack.",
            ("variable", "means", "default"),
            [[f"`{name}`", about, default] for name, about, default in VARIABLES],
        ),
    }
