"""How every process reaches Kafka: one settings model for kafka-python, aiokafka and Faust.

Plaintext is accepted on loopback only. With a CA the connection is TLS; with a certificate and key it is mutual TLS;
with a user and a password file it is SCRAM-SHA-512 inside TLS.
"""

import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

RECONNECT_MOST_MS: Final = 2000
"""kafka-python would wait up to half a minute after a broker's restart before it looks again."""


def is_loopback(server: str) -> bool:
    """Whether `host:port` names this machine."""
    host = server.rsplit(":", 1)[0].strip("[]")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class KafkaSettings(BaseSettings):
    """From PAIDAN_KAFKA (`host:port,host:port`), PAIDAN_KAFKA_CA, _CERT, _KEY (PEM files), _USER, _PASSWORD_FILE."""

    model_config = SettingsConfigDict(env_prefix="PAIDAN_KAFKA_", frozen=True, populate_by_name=True)

    bootstrap: str = Field(default="", validation_alias="PAIDAN_KAFKA")
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    user: str = ""
    password_file: Path | None = None

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if bool(self.user) != bool(self.password_file):
            raise ValueError("PAIDAN_KAFKA_USER and PAIDAN_KAFKA_PASSWORD_FILE go together")
        if bool(self.cert) != bool(self.key):
            raise ValueError("PAIDAN_KAFKA_CERT and PAIDAN_KAFKA_KEY go together")
        if (self.cert or self.user) and not self.ca:
            raise ValueError("PAIDAN_KAFKA_CERT and PAIDAN_KAFKA_USER need PAIDAN_KAFKA_CA: never without TLS")
        outside = [server for server in self.servers if not is_loopback(server)]
        if outside and not self.ca:
            raise ValueError(f"plaintext to {outside[0]} is refused: set PAIDAN_KAFKA_CA to the cluster's CA file")
        return self

    @property
    def servers(self) -> list[str]:
        """`host:port` each."""
        return [server.strip() for server in self.bootstrap.split(",") if server.strip()]

    def password(self) -> str:
        """From the password file, without the line end. Raises OSError where it cannot be read."""
        return self.password_file.read_text().strip() if self.password_file else ""

    def ssl_context(self) -> ssl.SSLContext | None:
        """Verifying, host name checked; None for plaintext on loopback."""
        if self.ca is None:
            return None
        context = ssl.create_default_context(cafile=str(self.ca))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.cert and self.key:
            context.load_cert_chain(self.cert, self.key)
        return context

    def _protocol(self) -> str:
        return "PLAINTEXT" if self.ca is None else "SASL_SSL" if self.user else "SSL"

    def _client(self) -> dict[str, Any]:
        options: dict[str, Any] = {"bootstrap_servers": self.servers, "security_protocol": self._protocol()}
        if context := self.ssl_context():
            options["ssl_context"] = context
        if self.user:
            options |= {
                "sasl_mechanism": "SCRAM-SHA-512",
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.password(),
            }
        return options

    def for_kafka_python(self) -> dict[str, Any]:
        """Keyword arguments of KafkaProducer, KafkaConsumer and KafkaAdminClient."""
        return self._client() | {"reconnect_backoff_max_ms": RECONNECT_MOST_MS}

    def for_aiokafka(self) -> dict[str, Any]:
        """Keyword arguments of AIOKafkaProducer and AIOKafkaConsumer."""
        return self._client()
