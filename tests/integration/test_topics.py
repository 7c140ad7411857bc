"""`paidan topics` against a real cluster: applied once it is as declared, and what must not change is refused."""

import json

import pytest
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from deploy import cli, provision
from deploy.console import UserError, use_language
from deploy.county import load
from deploy.provision import Kind
from deploy.provision.plan import REFUSED
from schemas.kafka import KafkaSettings
from schemas.topics import CITY, INBOX, PARTITIONS, department_reports, topics
from tests.support.kafka_io import create_topic
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka


@pytest.fixture
def kafka(bootstrap, monkeypatch):
    """A cluster without topics, and the environment that leads `paidan` to it."""
    monkeypatch.setenv("PAIDAN_KAFKA", bootstrap)
    yield KafkaSettings()
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.delete_topics(admin.list_topics())
    eventually(lambda: not admin.list_topics())
    admin.close()


def paidan(capsys, *words):
    """Exit code, the JSON object on stdout, and stderr."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["--lang", "en", "topics", *words, "--departments", "gas,water", "--json"])
    said = capsys.readouterr()
    return ended.value.code, json.loads(said.out), said.err


def alter(kafka, topic, **settings):
    admin = KafkaAdminClient(**kafka.for_kafka_python())
    wanted = {name.replace("_", "."): value for name, value in settings.items()}
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, wanted)])
    admin.close()
    eventually(lambda: wanted.items() <= provision.look(kafka, [topic]).topics[topic].config.items())


def test_apply_makes_the_cluster_as_declared_and_applying_again_changes_nothing(kafka, capsys):
    declared = topics(["gas", "water"])
    assert paidan(capsys, "diff")[0] == 1
    code, first, _ = paidan(capsys, "apply")
    assert code == 0
    assert [one["topic"] for one in first["applied"]] == [topic.name for topic in declared]
    found = provision.look(kafka, [topic.name for topic in declared])
    assert found.brokers == 1
    for topic in declared:
        assert found.topics[topic.name].partitions == topic.partitions
        assert found.topics[topic.name].config == topic.config(1)
    assert paidan(capsys, "apply") == (0, {"topics": len(declared), "applied": [], "refused": []}, "")
    assert paidan(capsys, "diff") == (0, {"topics": len(declared), "differences": []}, "")


def test_a_setting_that_drifted_is_shown_and_put_right_and_a_foreign_one_is_only_shown(kafka, capsys):
    paidan(capsys, "apply")
    alter(kafka, CITY, retention_ms="1000", segment_bytes="1048576")
    code, shown, _ = paidan(capsys, "diff")
    assert code == 1
    assert [(one["kind"], one["setting"], one["found"]) for one in shown["differences"]] == [
        ("config", "retention.ms", "1000"),
        ("undeclared", "segment.bytes", "1048576"),
    ]
    code, done, _ = paidan(capsys, "apply")
    assert (code, [one["setting"] for one in done["applied"]]) == (0, ["retention.ms"])
    code, shown, _ = paidan(capsys, "diff")
    assert (code, [one["kind"] for one in shown["differences"]]) == (0, ["undeclared"])


def test_what_was_applied_is_there_at_once_each_time(kafka):
    declared = topics([])
    names = [topic.name for topic in declared]
    provision.apply(kafka, declared, provision.plan(declared, provision.look(kafka, names)))
    assert provision.plan(declared, provision.look(kafka, names)) == ()
    for _ in range(15):
        alter(kafka, CITY, retention_ms="1000")
        provision.apply(kafka, declared, provision.plan(declared, provision.look(kafka, names)))
        assert provision.plan(declared, provision.look(kafka, names)) == ()


def test_a_partition_count_that_would_change_is_refused_with_the_reason_and_the_rest_is_done(kafka, capsys):
    create_topic(kafka.bootstrap, INBOX, partitions=3)
    code, done, said = paidan(capsys, "apply")
    assert code == 1
    assert [(one["topic"], one["found"], one["wanted"]) for one in done["refused"]] == [(INBOX, "3", str(PARTITIONS))]
    assert f"{INBOX}: partitions 3 -> {PARTITIONS}" in said
    assert "order" in said
    found = provision.look(kafka, [INBOX, CITY]).topics
    assert found[INBOX].partitions == 3
    assert found[CITY].partitions == PARTITIONS
    assert paidan(capsys, "diff")[0] == 1


def test_a_process_that_starts_is_told_which_topics_are_missing_and_how_to_create_them(kafka, capsys):
    paidan(capsys, "apply")
    provision.require_topics(kafka, ["gas", "water"])
    assert provision.missing_topics(kafka, ["gas", "new"]) == ("dept.new.dispatches", department_reports("new"))
    use_language("en")
    with pytest.raises(UserError, match=r"2 topics are missing: dept.new.dispatches, dept.new.reports\n.*topics apply"):
        provision.require_topics(kafka, ["gas", "new"])


def test_without_departments_the_county_pack_names_them(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["topics", "list", "--county", "helin", "--json"])
    names = {topic["name"] for topic in json.loads(capsys.readouterr().out)["topics"]}
    assert ended.value.code in (0, None)
    codes = [department.code for department in load("helin").departments]
    assert len(codes) >= 32
    assert {department_reports(code) for code in codes} < names


def test_a_cluster_that_nobody_serves_is_a_clear_error_at_once(monkeypatch, capsys):
    monkeypatch.setenv("PAIDAN_KAFKA", "127.0.0.1:1")
    with pytest.raises(SystemExit) as ended:
        cli.main(["--lang", "en", "topics", "diff", "--departments", "gas"])
    assert ended.value.code == 1
    assert "cannot be reached: 127.0.0.1:1" in capsys.readouterr().err


def test_every_kind_of_difference_is_known_to_the_command():
    from deploy.commands.topics import _KINDS, _REFUSALS

    assert set(_KINDS) == set(Kind)
    assert set(_REFUSALS) == REFUSED
