"""One hop on aiokafka alone: getmany, whole batches, await the acks, commit. No workers' group life worth the name."""

import asyncio
from time import time
from typing import Any

import aiokafka

from deploy.bench.hop import Hop, Stopwatch
from streams.engine.loop import use_uvloop


async def run(hop: Hop) -> None:
    """Until the stopwatch has seen all records; does not return."""
    watch = Stopwatch(hop.records)
    consumer: Any = aiokafka.AIOKafkaConsumer(
        hop.source,
        bootstrap_servers=hop.bootstrap,
        group_id=hop.group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    producer: Any = aiokafka.AIOKafkaProducer(
        bootstrap_servers=hop.bootstrap,
        acks="all",
        enable_idempotence=True,
        max_batch_size=512 * 1024,
    )
    await producer.start()
    await consumer.start()
    while True:
        fetched = await consumer.getmany(timeout_ms=1000, max_records=4000)
        watch.came()
        waits = []
        for place, records in fetched.items():
            batch, now = producer.create_batch(), int(time() * 1000)
            for record in records:
                headers = list(record.headers)
                while batch.append(key=record.key, value=record.value, timestamp=now, headers=headers) is None:
                    waits.append(await producer.send_batch(batch, hop.target, partition=place.partition))
                    batch = producer.create_batch()
            waits.append(await producer.send_batch(batch, hop.target, partition=place.partition))
        await asyncio.gather(*waits)
        if fetched:
            await consumer.commit()
        if watch.done(sum(map(len, fetched.values()))):
            watch.tell()


if __name__ == "__main__":
    use_uvloop()
    asyncio.run(run(Hop.from_stdin()))
