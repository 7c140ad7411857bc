"""Looks at a cluster's topics and changes them, with kafka-python's admin client."""

import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import KafkaError

from deploy.console import WRONG, UserError, t
from deploy.provision.plan import APPLICABLE, Cluster, Difference, Found, Kind, plan
from schemas.kafka import KafkaSettings
from schemas.topics import Topic, topics

_SET_ON_TOPIC = "DYNAMIC_TOPIC_CONFIG"
_CONNECT_S = 5.0
_SHOWN_S = 10.0


def look(kafka: KafkaSettings, names: Iterable[str]) -> Cluster:
    """The cluster's size and those of the named topics that exist. Raises UserError when Kafka cannot be reached."""
    with _admin(kafka) as admin:
        return _look(admin, frozenset(names))


def apply(kafka: KafkaSettings, declared: Sequence[Topic], differences: Iterable[Difference]) -> None:
    """Creates what is missing and corrects settings that differ; what `plan` refuses is left alone.

    Returns when the cluster shows every change and each new topic has its leaders. Raises UserError when Kafka cannot
    be reached, refuses, or does not show the change within ten seconds.
    """
    missing = {difference.topic for difference in differences if difference.kind is Kind.MISSING}
    drifted: dict[str, dict[str, str]] = {}
    for difference in differences:
        if difference.kind is Kind.CONFIG and difference.wanted is not None:
            drifted.setdefault(difference.topic, {})[difference.setting] = difference.wanted
    if not missing and not drifted:
        return
    with _admin(kafka) as admin:
        size = Cluster(_brokers(admin), {})
        if missing:
            admin.create_topics(
                {
                    topic.name: {
                        "num_partitions": topic.partitions,
                        "replication_factor": size.replication,
                        "configs": topic.config(size.min_insync),
                    }
                    for topic in declared
                    if topic.name in missing
                },
                wait_for_metadata=True,
            )
        if drifted:
            admin.alter_configs(
                [ConfigResource(ConfigResourceType.TOPIC, name, configs) for name, configs in drifted.items()]
            )
        _wait_until_shown(admin, declared)


def missing_topics(kafka: KafkaSettings, departments: Iterable[str]) -> tuple[str, ...]:
    """The declared topics that the cluster does not have. Raises UserError when Kafka cannot be reached."""
    names = [topic.name for topic in topics(departments)]
    with _admin(kafka) as admin:
        there = frozenset(admin.list_topics())
    return tuple(name for name in names if name not in there)


def require_topics(kafka: KafkaSettings, departments: Iterable[str]) -> None:
    """The check of every worker and connector at start: UserError names what is missing and how to create it."""
    if missing := missing_topics(kafka, departments):
        raise missing_error(missing)


def missing_error(missing: Sequence[str]) -> UserError:
    """Which topics are missing, and how to create them."""
    shown = ", ".join(missing[:5]) + (" ..." if len(missing) > 5 else "")
    return UserError(
        t(
            f"缺少 {len(missing)} 个主题：{shown}\n执行 paidan topics apply 创建",
            f"{len(missing)} topics are missing: {shown}\ncreate them with paidan topics apply",
        )
    )


def _wait_until_shown(admin: KafkaAdminClient, declared: Sequence[Topic]) -> None:
    """A change is acked when the controller has it; the brokers show it a moment later."""
    names = frozenset(topic.name for topic in declared)
    until = time.monotonic() + _SHOWN_S
    while late := [one for one in plan(declared, _look(admin, names)) if one.kind in APPLICABLE]:
        if time.monotonic() > until:
            raise UserError(
                t(
                    f"Kafka 没有采纳：{late[0].topic} {late[0].setting}",
                    f"not taken: {late[0].topic} {late[0].setting}",
                ),
                code=WRONG,
            )
        time.sleep(0.05)


def _look(admin: KafkaAdminClient, names: frozenset[str]) -> Cluster:
    there = sorted(names & frozenset(admin.list_topics()))
    if not there:
        return Cluster(_brokers(admin), {})
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in there]
    configs = admin.describe_configs(resources, config_filter="all")["topic"]
    found = {
        topic["name"]: Found(
            partitions=len(topic["partitions"]),
            replication=min(len(partition["replica_nodes"]) for partition in topic["partitions"]),
            config={
                setting: entry["value"]
                for setting, entry in configs[topic["name"]].items()
                if entry["config_source"] == _SET_ON_TOPIC
            },
        )
        for topic in admin.describe_topics(there)
    }
    return Cluster(_brokers(admin), found)


def _brokers(admin: KafkaAdminClient) -> int:
    return len(admin.describe_cluster()["brokers"])


@contextmanager
def _admin(kafka: KafkaSettings) -> Iterator[KafkaAdminClient]:
    _require_listener(kafka)
    try:
        admin = KafkaAdminClient(**kafka.for_kafka_python())
        try:
            yield admin
        finally:
            admin.close()
    except (KafkaError, OSError) as error:
        raise UserError(f"{kafka.bootstrap}: {type(error).__name__} {error}", code=WRONG) from error


def _require_listener(kafka: KafkaSettings) -> None:
    """One bare connection first: the client would retry for half a minute and then not say that nobody listens."""
    refused = []
    for server in kafka.servers:
        host, _, port = server.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_S).close()
        except (OSError, ValueError) as error:
            refused.append(f"{server} ({error})")
        else:
            return
    raise UserError(
        t(f"连接不上 Kafka：{'; '.join(refused)}", f"Kafka cannot be reached: {'; '.join(refused)}"), code=WRONG
    )
