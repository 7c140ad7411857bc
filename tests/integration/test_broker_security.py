"""TLS, mutual TLS and SCRAM-SHA-512 reach every client through one settings model; what is not safe is refused."""

import os

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from pydantic import ValidationError

from deploy import provision
from deploy.broker import EmbeddedBroker
from deploy.broker.configuration import Choices
from schemas.kafka import KafkaSettings
from schemas.topics import CITY, topics
from tests.support.certificates import Authority

pytestmark = pytest.mark.kafka

USER, PASSWORD = "bridge", "long-enough-for-a-test"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


def tls(authority, **more):
    """server.properties for a listener with our certificate."""
    both = authority.issue("broker")[2]
    return {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(both),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority.file),
    } | {name.replace("_", "."): value for name, value in more.items()}


@pytest.fixture(scope="module")
def scram_broker(tmp_path_factory, authority):
    login = "org.apache.kafka.common.security.scram.ScramLoginModule required"
    choices = Choices(
        protocol="SASL_SSL",
        scram=(f"SCRAM-SHA-512=[name=broker,password={PASSWORD}]", f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"),
        extra=tls(authority)
        | {
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
                f'{login} username="broker" password="{PASSWORD}";'
            ),
        },
    )
    with EmbeddedBroker(tmp_path_factory.mktemp("scram"), owner_pid=os.getpid(), choices=choices) as broker:
        yield broker


@pytest.fixture(scope="module")
def mutual_broker(tmp_path_factory, authority):
    choices = Choices(protocol="SSL", extra=tls(authority, ssl_client_auth="required"))
    with EmbeddedBroker(tmp_path_factory.mktemp("mutual"), owner_pid=os.getpid(), choices=choices) as broker:
        yield broker


@pytest.fixture
def scram(scram_broker, authority, tmp_path):
    password_file = tmp_path / "password"
    password_file.write_text(PASSWORD + "\n")
    return KafkaSettings(bootstrap=scram_broker.bootstrap, ca=authority.file, user=USER, password_file=password_file)


@pytest.fixture
def mutual(mutual_broker, authority):
    certificate, key, _ = authority.issue("client")
    return KafkaSettings(bootstrap=mutual_broker.bootstrap, ca=authority.file, cert=certificate, key=key)


@pytest.fixture(params=["scram", "mutual"])
def safe(request):
    """The settings of a client that may in, by password and by certificate."""
    return request.getfixturevalue(request.param)


async def test_both_clients_and_the_provisioning_come_in_with_what_the_settings_give_them(safe):
    declared = topics([])
    provision.apply(safe, declared, provision.plan(declared, provision.look(safe, [CITY])))
    producer = KafkaProducer(**safe.for_kafka_python(), acks="all")
    producer.send(CITY, b"from kafka-python", partition=0).get(20)
    producer.close()
    async with AIOKafkaProducer(**safe.for_aiokafka(), acks="all") as other:
        await other.send_and_wait(CITY, b"from aiokafka", partition=0)
    expected = [b"from kafka-python", b"from aiokafka"]
    async with AIOKafkaConsumer(CITY, **safe.for_aiokafka(), auto_offset_reset="earliest") as consumer:
        assert [(await consumer.getone()).value for _ in expected] == expected
    reader = KafkaConsumer(**safe.for_kafka_python(), auto_offset_reset="earliest")
    reader.assign([TopicPartition(CITY, 0)])
    assert [next(reader).value for _ in expected] == expected
    reader.close()


def refused(**client):
    """Whether Kafka lets nobody in with these options."""
    with pytest.raises((KafkaError, OSError, RuntimeError)) as error:
        KafkaAdminClient(**client, bootstrap_timeout_ms=4000)
    return error.value


def test_a_wrong_password_is_refused(scram, tmp_path):
    scram.password_file.write_text("wrong")
    assert refused(**scram.for_kafka_python())


def test_a_client_without_a_certificate_is_refused(mutual, authority):
    assert refused(**KafkaSettings(bootstrap=mutual.bootstrap, ca=authority.file).for_kafka_python())


def test_a_certificate_of_somebody_elses_authority_is_refused(mutual, tmp_path):
    certificate, key, _ = Authority(tmp_path, "stranger").issue("intruder")
    assert refused(**mutual.model_copy(update={"cert": certificate, "key": key}).for_kafka_python())


def test_a_broker_of_somebody_elses_authority_is_refused(mutual, tmp_path):
    foreign = Authority(tmp_path, "other")
    assert refused(**mutual.model_copy(update={"ca": foreign.file}).for_kafka_python())


def test_plaintext_is_refused_by_the_broker_and_outside_loopback_by_us(scram):
    assert refused(bootstrap_servers=scram.bootstrap)
    with pytest.raises(ValidationError, match=r"plaintext to kafka\.example:9092 is refused"):
        KafkaSettings(bootstrap="kafka.example:9092")
