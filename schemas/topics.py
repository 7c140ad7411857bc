"""Every topic, once: who writes it, who reads it, its key, its payload, its partitions and how long it keeps.

Provisioning, AsyncAPI, documentation and access rules are made from this list.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

CITY: Final = "city.dispatches"
FEEDBACK: Final = "city.feedback"
INBOX: Final = "bridge.inbox"
CASES: Final = "bridge.cases"
JOURNAL: Final = "bridge.journal"
NOTICES: Final = "bridge.notices"
DEAD: Final = "bridge.dead"
CHECKPOINTS: Final = "bridge.checkpoints"

PARTITIONS: Final = 12
"""Of every topic keyed by dispatch, for ever: adding one would move keys and break their order."""

DAY_MS: Final = 86_400_000
MAX_MESSAGE_BYTES: Final = 1_048_576
"""Of a batch; one record is held to 256 KB by `schemas.limits`."""


def partition_of(key: bytes, partitions: int = PARTITIONS) -> int:
    """Where a dispatch lives on every keyed topic. All our writers pass it explicitly."""
    return crc32(key) % partitions


def department_dispatches(code: str) -> str:
    """What a department reads."""
    return f"dept.{code}.dispatches"


def department_reports(code: str) -> str:
    """What a department writes."""
    return f"dept.{code}.reports"


def department_of(topic: str) -> str:
    """The code in a department topic's name."""
    return topic.split(".")[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic. `retention_days` None means compacted: the last record of each key is kept for ever."""

    name: str
    about: str
    key: str = "dispatch id"
    payload: tuple[str, ...]
    """Message types, as in `schemas.types.TYPES`."""
    writer: str
    readers: tuple[str, ...]
    partitions: int = PARTITIONS
    retention_days: int | None
    extra: dict[str, str] = field(default_factory=dict)

    def config(self, min_insync: int) -> dict[str, str]:
        """Topic settings as Kafka names them (values: the reliability study, 7.1)."""
        shared = {
            "min.insync.replicas": str(min_insync),
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
            "unclean.leader.election.enable": "false",
        }
        if self.retention_days is None:
            return {
                **shared,
                "cleanup.policy": "compact",
                "min.compaction.lag.ms": str(DAY_MS),
                "segment.ms": "3600000",
                "delete.retention.ms": str(30 * DAY_MS),
                **self.extra,
            }
        return {
            **shared,
            "cleanup.policy": "delete",
            "retention.ms": str(self.retention_days * DAY_MS),
            "message.timestamp.type": "LogAppendTime",
            **self.extra,
        }


def topics(departments: Iterable[str]) -> tuple[Topic, ...]:
    """All topics of a county whose departments have these codes, in the order they are listed to people."""
    return (
        Topic(
            name=CITY, about="what the city shows, one snapshot per change", payload=("dispatch",),
            writer="connectors", readers=("intake",), retention_days=30,
        ),
        Topic(
            name=INBOX, about="everything that concerns a dispatch, totally ordered per dispatch",
            payload=("dispatch", "report", "outcome", "order", "due"),
            writer="intake, connectors, operators, timers", readers=("cases",), retention_days=30,
        ),
        Topic(
            name=CASES, about="the case table: the newest row of every dispatch", payload=("case",),
            writer="cases", readers=("cases",), retention_days=None,
        ),
        Topic(
            name=JOURNAL, about="every fact about every dispatch, in order", payload=("fact",),
            writer="cases", readers=("ledger", "operators"), retention_days=1095,
        ),
        Topic(
            name=FEEDBACK, about="what the city is told", payload=("feedback",),
            writer="cases", readers=("connectors",), retention_days=90,
        ),
        Topic(
            name=NOTICES, about="messages to people", payload=("notice",),
            writer="cases", readers=("connectors",), retention_days=30,
        ),
        Topic(
            name=DEAD, about="what could not be handled, with the original bytes", key="the original key",
            payload=("any",), writer="all of ours", readers=("operators",), retention_days=180,
        ),
        Topic(
            name=CHECKPOINTS, about="how far each connector has read, and what it was told to do",
            key="connector/stream", payload=("checkpoint", "control"), writer="connectors", readers=("connectors",),
            partitions=1, retention_days=None,
        ),
        *(topic for code in departments for topic in department(code)),
    )  # fmt: skip


def department(code: str) -> tuple[Topic, Topic]:
    """The two topics of one department. One partition each: its volume is small, and its order then total."""
    return (
        Topic(
            name=department_dispatches(code), about="what this department must handle", payload=("assignment",),
            writer="cases", readers=("the department",), partitions=1, retention_days=90,
        ),
        Topic(
            name=department_reports(code), about="what this department says", payload=("report",),
            writer="the department", readers=("intake",), partitions=1, retention_days=90,
        ),
    )  # fmt: skip
