"""One set of client options reaches Faust as well as aiokafka."""

import ssl

import pytest

from schemas.kafka import KafkaSettings
from streams.engine.app import make_app
from streams.engine.security import broker_urls, credentials


@pytest.mark.parametrize("servers", [["h1:9092", "h2:9093"], "h1:9092, h2:9093"])
def test_every_bootstrap_server_is_passed_on(servers):
    assert broker_urls({"bootstrap_servers": servers}) == "aiokafka://h1:9092;aiokafka://h2:9093"


def test_plaintext_has_no_credentials():
    assert credentials(KafkaSettings(bootstrap="127.0.0.1:9092").for_aiokafka()) is None


def test_tls_keeps_the_context():
    context = ssl.create_default_context()
    found = credentials({"security_protocol": "SSL", "ssl_context": context})
    assert found.context is context
    assert found.protocol.value == "SSL"


def test_scram_goes_over_tls():
    context = ssl.create_default_context()
    options = {
        "security_protocol": "SASL_SSL",
        "ssl_context": context,
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "bridge",
        "sasl_plain_password": "secret",
    }
    found = credentials(options)
    assert (found.protocol.value, found.mechanism.value) == ("SASL_SSL", "SCRAM-SHA-512")
    assert (found.username, found.password, found.ssl_context) == ("bridge", "secret", context)


def test_an_unknown_protocol_is_refused():
    with pytest.raises(ValueError, match="QUIC"):
        credentials({"security_protocol": "QUIC"})


def test_the_app_has_the_settings_that_keep_it_safe(tmp_path):
    app = make_app("bridge", {"bootstrap_servers": "127.0.0.1:1"}, worker="w7", folder=tmp_path)
    conf = app.conf
    assert conf.consumer_group_instance_id == "w7"
    assert conf.web_enabled is False
    assert conf.topic_allow_declare is False
    assert conf.stream_wait_empty is True
    assert conf.broker_max_poll_records == 4000
    assert conf.datadir == tmp_path / "faust-w7"
