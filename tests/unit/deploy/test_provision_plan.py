"""The plan is empty exactly when the cluster is as declared, and otherwise names each difference once."""

from dataclasses import replace

import pytest

from deploy.provision import Cluster, Found, Kind, plan
from deploy.provision.plan import APPLICABLE, REFUSED
from schemas.topics import CASES, CITY, Topic, topics

DECLARED = topics(["gas", "water"])


def as_declared(brokers: int) -> Cluster:
    empty = Cluster(brokers, {})
    return Cluster(
        brokers,
        {topic.name: Found(topic.partitions, empty.replication, topic.config(empty.min_insync)) for topic in DECLARED},
    )


def changed(cluster: Cluster, name: str, **changes: object) -> Cluster:
    return replace(cluster, topics={**cluster.topics, name: replace(cluster.topics[name], **changes)})


@pytest.mark.parametrize("brokers", [1, 2, 3, 5])
def test_a_cluster_as_declared_has_no_difference(brokers):
    assert plan(DECLARED, as_declared(brokers)) == ()


@pytest.mark.parametrize(("brokers", "replication", "min_insync"), [(1, 1, 1), (2, 1, 1), (3, 3, 2), (5, 3, 2)])
def test_three_brokers_hold_three_copies_of_which_two_must_be_written(brokers, replication, min_insync):
    cluster = Cluster(brokers, {})
    assert (cluster.replication, cluster.min_insync) == (replication, min_insync)


def test_an_empty_cluster_lacks_every_topic():
    assert [(one.kind, one.topic) for one in plan(DECLARED, Cluster(1, {}))] == [
        (Kind.MISSING, topic.name) for topic in DECLARED
    ]


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        (CITY, {"partitions": 3}, (Kind.PARTITIONS, "partitions", "3", "12")),
        (CITY, {"partitions": 24}, (Kind.PARTITIONS, "partitions", "24", "12")),
        (CITY, {"replication": 1}, (Kind.REPLICATION, "replication.factor", "1", "3")),
    ],
)
def test_what_cannot_be_changed_in_place_is_told_as_such(name, changes, expected):
    (one,) = plan(DECLARED, changed(as_declared(3), name, **changes))
    assert (one.kind, one.setting, one.found, one.wanted) == expected
    assert one.kind in REFUSED


@pytest.mark.parametrize(
    "topic", [topic for topic in DECLARED if topic.name in (CITY, CASES)], ids=lambda one: one.name
)
def test_every_declared_setting_that_drifts_or_is_absent_is_found(topic: Topic):
    cluster = as_declared(1)
    config = dict(cluster.topics[topic.name].config)
    for setting, value in topic.config(1).items():
        for found in ("drifted", None):
            wrong = {**config, setting: found} if found else {k: v for k, v in config.items() if k != setting}
            (one,) = plan(DECLARED, changed(cluster, topic.name, config=wrong))
            assert (one.kind, one.topic, one.setting) == (Kind.CONFIG, topic.name, setting)
            assert (one.found, one.wanted) == (found, value)
            assert one.kind in APPLICABLE


def test_a_setting_that_nobody_declared_is_told_and_left():
    cluster = as_declared(1)
    config = {**cluster.topics[CITY].config, "segment.bytes": "1"}
    (one,) = plan(DECLARED, changed(cluster, CITY, config=config))
    assert (one.kind, one.setting, one.found, one.wanted) == (Kind.UNDECLARED, "segment.bytes", "1", None)
    assert one.kind not in APPLICABLE | REFUSED


def test_topics_of_others_are_none_of_our_business():
    cluster = as_declared(1)
    strangers = replace(cluster, topics={**cluster.topics, "payroll": Found(1, 1, {})})
    assert plan(DECLARED, strangers) == ()
