"""A worker over SCRAM-SHA-512 in TLS: Faust's consumer, the outbox and the table reader all come in, or none does."""

import os
from zlib import crc32

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from deploy.broker import EmbeddedBroker
from deploy.broker.configuration import Choices
from schemas.kafka import KafkaSettings
from tests.stream.judge import PARTITIONS, Topics
from tests.stream.processes import Process
from tests.support.certificates import Authority

pytestmark = pytest.mark.kafka

USER, PASSWORD = "bridge", "long-enough-for-a-test"
LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule required"


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    """(settings of a client that may in, the broker's bootstrap)."""
    authority = Authority(tmp_path_factory.mktemp("ca"))
    users = tuple(f"SCRAM-SHA-512=[name={name},password={PASSWORD}]" for name in ("broker", USER))
    extra = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(authority.issue("broker")[2]),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority.file),
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": f'{LOGIN} username="broker" password="{PASSWORD}";',
    }
    password_file = tmp_path_factory.mktemp("secret") / "password"
    password_file.write_text(PASSWORD)
    choices = Choices(protocol="SASL_SSL", scram=users, extra=extra)
    with EmbeddedBroker(tmp_path_factory.mktemp("scram"), owner_pid=os.getpid(), choices=choices) as broker:
        yield {"ca": str(authority.file), "user": USER, "password_file": str(password_file)}, broker.bootstrap


@pytest.fixture
def topics(secure):
    settings, bootstrap = secure
    found = Topics("secure", (), "secure.inbox", "secure.out", "secure.rows")
    options = KafkaSettings(bootstrap=bootstrap, **settings).for_kafka_python()
    admin = KafkaAdminClient(**options)
    admin.create_topics(
        [
            NewTopic(name, PARTITIONS, 1, topic_configs={"cleanup.policy": "compact"} if name == found.rows else {})
            for name in (found.inbox, found.out, found.rows)
        ]
    )
    admin.close()
    return found, options


def test_a_worker_does_its_work_over_scram_and_tls(secure, topics, tmp_path):
    settings, bootstrap = secure
    found, options = topics
    keys = [b"k%d" % number for number in range(50)]
    producer = KafkaProducer(**options, acks="all")
    for key in keys:
        producer.send(found.inbox, b"x", key=key, partition=crc32(key) % PARTITIONS)
    producer.close()
    worker = Process("fold_worker.py", found.job(bootstrap, "w1", tmp_path, secure=settings, show=True), tmp_path)
    try:
        worker.says("ready")
        reader = KafkaConsumer(**options, auto_offset_reset="earliest", consumer_timeout_ms=30_000)
        reader.assign([TopicPartition(found.out, partition) for partition in range(PARTITIONS)])
        assert {next(reader).key for _ in keys} == set(keys)
        reader.close()
    finally:
        worker.kill()
