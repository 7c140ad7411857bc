"""Makes a rebalance overtake a fetch, as happens within the second that one waits for records.

The consumer asked before the rebalance; its partitions are given again, from the start where nothing was committed;
only then records come, and they come to a consumer that is not to hand out any. What was taken must be fetched again.
"""

import asyncio
from threading import Event

from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread

REASSIGNED = "reassigned, and a fetch is still out"
SECONDS = 60.0


def outlive_the_rebalance() -> None:
    """In this process: says REASSIGNED and holds the second seek to the committed until a fetch took records."""
    fetch, seek = AIOKafkaConsumerThread._fetch_records, AIOKafkaConsumerThread.seek_to_committed
    taken = Event()
    seeks = 0

    async def patient(self, consumer, active, **limits):
        records = await fetch(self, consumer, active, **limits | {"timeout": SECONDS})
        if records and seeks > 1:
            taken.set()
        return records

    async def held(self):
        nonlocal seeks
        seeks += 1
        if seeks == 2:
            print(REASSIGNED, flush=True)
            await asyncio.to_thread(taken.wait, SECONDS)
        return await seek(self)

    AIOKafkaConsumerThread._fetch_records = patient
    AIOKafkaConsumerThread.seek_to_committed = held
