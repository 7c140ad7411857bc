"""Connecting a client of aiokafka: a broker that is not there is waited for, never an error."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import structlog
from aiokafka.errors import KafkaConnectionError

RETRY_SECONDS: Final = 1.0

log = structlog.get_logger(__name__)


async def connected(make: Callable[[], Any], *, waiting: Callable[[], None] | None = None) -> Any:
    """The client that `make` makes, started. `waiting` is called each time no broker answered.

    Raises what waiting cannot cure: aiokafka's KafkaError for refused credentials, ssl.SSLError.
    """
    while True:
        client = make()
        try:
            await client.start()
        except KafkaConnectionError:
            await client.stop()
            if waiting is not None:
                waiting()
            log.warning("broker_not_reached")
            await asyncio.sleep(RETRY_SECONDS)
        except BaseException:
            await client.stop()
            raise
        else:
            return client
