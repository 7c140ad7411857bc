"""The check before the start: a worker whose topics are not all there does not start."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import aiokafka

from streams.engine.connect import connected


class MissingTopicsError(RuntimeError):
    """Names the topics that are missing, and the command that creates them."""

    def __init__(self, topics: Iterable[str]) -> None:
        self.topics = tuple(topics)
        super().__init__(f"topics are missing: {', '.join(self.topics)}; create them with: paidan topics apply")


async def missing(kafka: Mapping[str, Any], topics: Iterable[str]) -> tuple[str, ...]:
    """Those of `topics` that the cluster does not have, sorted. Waits for a broker that is not there yet."""
    reader = await connected(partial(aiokafka.AIOKafkaConsumer, **kafka, client_id="topic-check"))
    try:
        return tuple(sorted(set(topics) - await reader.topics()))
    finally:
        await reader.stop()
