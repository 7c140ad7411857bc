"""The files Kafka reads: pure text from a few choices. Values in, text out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Protocol = Literal["PLAINTEXT", "SSL", "SASL_SSL"]

STARTED = "Kafka Server started"
"""What Kafka logs once it serves."""


@dataclass(frozen=True)
class Choices:
    """What may differ from one embedded broker to the next.

    `protocol` is the client listener's; `scram` are users for the first format, written
    `SCRAM-SHA-512=[name=..,password=..]` (they show in the process list for a moment: for tests and the first
    administrator only); `extra` are further lines of server.properties; `java` further options of the virtual machine.
    """

    protocol: Protocol = "PLAINTEXT"
    scram: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    heap_mb: int = 384
    java: tuple[str, ...] = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


def server_properties(data: Path, port: int, controller_port: int, choices: Choices) -> str:
    """server.properties of one KRaft node that is broker and controller, on loopback only."""
    listener = choices.protocol
    lines: dict[str, str] = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"{listener}://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"{listener}://127.0.0.1:{port}",
        "listener.security.protocol.map": f"{listener}:{listener},CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": listener,
        "log.dirs": str(data),
        "auto.create.topics.enable": "false",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "8",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        # after a SIGKILL the node waits for its own former session to end before it serves again
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        # a department may be switched off for a whole holiday and must find its place again
        "offsets.retention.minutes": str(60 * 24 * 60),
        "message.max.bytes": str(1024 * 1024),
        # 10 MB by default, mapped into memory for each partition twice: whenever the system has let go of such a file,
        # the first write to its partition reads all of it back. 256 KB hold the index of 85 MB of records.
        "log.index.size.max.bytes": str(256 * 1024),
        "log.cleaner.dedupe.buffer.size": str(32 * 1024 * 1024),
        "num.network.threads": "2",
        "num.io.threads": "4",
    }
    lines.update(choices.extra)
    return "".join(f"{name}={value}\n" for name, value in lines.items())


LOG4J = """\
status=error
appender.f.type=RollingFile
appender.f.name=f
appender.f.fileName=${sys:paidan.logs}/broker.log
appender.f.filePattern=${sys:paidan.logs}/broker.log.%i
appender.f.layout.type=PatternLayout
appender.f.layout.pattern=%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %p %c{1} %m%n
appender.f.policies.type=Policies
appender.f.policies.size.type=SizeBasedTriggeringPolicy
appender.f.policies.size.size=10MB
appender.f.strategy.type=DefaultRolloverStrategy
appender.f.strategy.max=3
rootLogger.level=warn
rootLogger.appenderRef.f.ref=f
logger.s.name=kafka.server.KafkaRaftServer
logger.s.level=info
"""


def java_command(java: str, folder: Path, class_path: str, choices: Choices) -> list[str]:
    """The words that start Java with everything but the main class; temporary files stay inside `folder`."""
    return [
        java,
        f"-Xmx{choices.heap_mb}m",
        "-XX:-UsePerfData",
        "-XX:+ExitOnOutOfMemoryError",
        f"-XX:ErrorFile={folder}/java_error_%p.log",
        *choices.java,
        f"-Djava.io.tmpdir={folder / 'tmp'}",
        f"-Dpaidan.logs={folder}",
        f"-Dlog4j2.configurationFile={folder}/log4j2.properties",
        "-cp",
        class_path,
    ]
