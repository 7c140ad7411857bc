"""Writes `kafka.jars.lock` anew: `python -m deploy.broker.lock`. Done by hand when Kafka's version changes.

Each root is resolved by itself and the first one to name a jar wins: resolved together, the bill of materials of the
second root would lower versions of the first, and the broker would not start.
"""

import hashlib

import jgo

from deploy.broker.jars import LOCK

ROOTS = (
    "org.apache.kafka:kafka_2.13:4.3.1",
    # Kafka's own poms bring log4j, but nothing that binds it to slf4j: without it the broker ends without a word
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4",
)


def resolve() -> list[str]:
    """The lines of the lock, sorted: `group:name:version sha256`. Fetches everything; takes half a minute."""
    chosen: dict[tuple[str, str], str] = {}
    for root in ROOTS:
        for artifact in jgo.resolve(root):
            name = (artifact.groupId, artifact.artifactId)
            if name not in chosen:
                sha256 = hashlib.sha256(artifact.resolve().read_bytes()).hexdigest()
                chosen[name] = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version} {sha256}"
    return sorted(chosen.values())


if __name__ == "__main__":
    LOCK.write_text("".join(f"{line}\n" for line in resolve()), encoding="utf-8")
