"""Kafka -> ground: every record of every topic up to now, by a reader without a group, in bounded memory."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.books.ground import Ground
from deploy.books.sorting import Sorter, wanted
from schemas.kafka import KafkaSettings

SILENCE_S = 30.0
"""A cluster that shows nothing for so long while records are missing cannot be read."""


class BooksUnreadableError(RuntimeError):
    """Kafka stopped answering before everything was read."""


def read_topics(kafka: KafkaSettings, ground: Ground) -> int:
    """Puts every record that the cluster holds now on the ground; returns how many. Raises BooksUnreadableError."""
    return asyncio.run(_read(kafka, Sorter(ground)))


async def _read(kafka: KafkaSettings, sorter: Sorter) -> int:
    consumer: Any = AIOKafkaConsumer(
        **kafka.for_aiokafka(),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 << 20,
        fetch_max_bytes=32 << 20,
    )
    await consumer.start()
    try:
        places = await _places(kafka)
        # before the offsets are asked for: else the client learns of one topic after another, a tenth of a second each
        consumer.assign(places)
        begins = await consumer.beginning_offsets(places) if places else {}
        ends = await consumer.end_offsets(places) if places else {}
        rest = {place for place in places if begins[place] < ends[place]}
        consumer.assign(sorted(rest))
        for place in rest:
            # not seek_to_beginning: right after assign it races with the reset and may read nothing
            consumer.seek(place, begins[place])
        return await _drain(consumer, rest, ends, sorter)
    finally:
        await consumer.stop()


async def _places(kafka: KafkaSettings) -> list[TopicPartition]:
    """Every partition of what the books read; a consumer that subscribes to nothing knows topics without them."""
    admin: Any = AIOKafkaAdminClient(**kafka.for_aiokafka())
    await admin.start()
    try:
        described = await admin.describe_topics()
    finally:
        await admin.close()
    return sorted(
        TopicPartition(found["topic"], partition["partition"])
        for found in described
        if wanted(found["topic"])
        for partition in found["partitions"]
    )


async def _drain(consumer: Any, rest: set[TopicPartition], ends: dict[TopicPartition, int], sorter: Sorter) -> int:
    clock = asyncio.get_running_loop().time
    count, heard = 0, clock()
    while rest:
        got = await consumer.getmany(timeout_ms=1000)
        for place, records in got.items():
            within = [record for record in records if record.offset < ends[place]]
            count += len(within)
            sorter.take(place.topic, within)
            heard = clock()
        for place in list(rest):
            if await consumer.position(place) >= ends[place]:
                rest.discard(place)
                consumer.pause(place)
                sorter.finish(place.topic, place.partition)
        if clock() - heard > SILENCE_S:
            raise BooksUnreadableError(f"{len(rest)} partitions were not read to their end")
    return count
