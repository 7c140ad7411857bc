"""What stands between the topics a cluster has and those that `schemas.topics` declares. Values in, values out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from schemas.topics import Topic


class Kind(StrEnum):
    """In what a topic differs. `apply` corrects the first two, refuses the next two and leaves the last."""

    MISSING = "missing"
    CONFIG = "config"
    PARTITIONS = "partitions"
    REPLICATION = "replication"
    UNDECLARED = "undeclared"


APPLICABLE = frozenset({Kind.MISSING, Kind.CONFIG})
REFUSED = frozenset({Kind.PARTITIONS, Kind.REPLICATION})


@dataclass(frozen=True)
class Found:
    """A topic as the cluster has it; `config` holds what was set on the topic itself."""

    partitions: int
    replication: int
    config: Mapping[str, str]


@dataclass(frozen=True)
class Cluster:
    """The number of brokers, and the topics by name."""

    brokers: int
    topics: Mapping[str, Found]

    @property
    def replication(self) -> int:
        """3 copies where three brokers can hold them, else 1."""
        return 3 if self.brokers >= 3 else 1

    @property
    def min_insync(self) -> int:
        """2 of 3: one broker may die with no loss and no stop."""
        return 2 if self.brokers >= 3 else 1


@dataclass(frozen=True)
class Difference:
    """One thing that differs: `setting` of `topic` is `found` (None: absent) and should be `wanted` (None: nothing)."""

    kind: Kind
    topic: str
    setting: str
    found: str | None
    wanted: str | None


def plan(declared: Iterable[Topic], cluster: Cluster) -> tuple[Difference, ...]:
    """Every difference, in the order the topics are declared; empty when the cluster is as it should be."""
    differences: list[Difference] = []
    for topic in declared:
        found = cluster.topics.get(topic.name)
        if found is None:
            differences.append(Difference(Kind.MISSING, topic.name, "partitions", None, str(topic.partitions)))
        else:
            differences += _of_one(topic, found, cluster)
    return tuple(differences)


def _of_one(topic: Topic, found: Found, cluster: Cluster) -> list[Difference]:
    differences = []
    if found.partitions != topic.partitions:
        differences.append(
            Difference(Kind.PARTITIONS, topic.name, "partitions", str(found.partitions), str(topic.partitions))
        )
    if found.replication < cluster.replication:
        differences.append(
            Difference(
                Kind.REPLICATION, topic.name, "replication.factor", str(found.replication), str(cluster.replication)
            )
        )
    wanted = topic.config(cluster.min_insync)
    for setting, value in sorted(wanted.items()):
        if found.config.get(setting) != value:
            differences.append(Difference(Kind.CONFIG, topic.name, setting, found.config.get(setting), value))
    for setting, value in sorted(found.config.items()):
        if setting not in wanted:
            differences.append(Difference(Kind.UNDECLARED, topic.name, setting, value, None))
    return differences
