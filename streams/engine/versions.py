"""The overrides fit one version of Faust, mode and aiokafka: anything else is refused at start, by name."""

import importlib
import importlib.util
import inspect
import os
from collections.abc import Callable, Mapping
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from operator import attrgetter
from typing import Any, Final

VERSIONS: Final = {"faust-streaming": "0.15.3", "mode-streaming": "0.7.1", "aiokafka": "0.14.0"}

SOURCES: Final = {
    "mode.services:Service._crash": "9aba764dfbfb3246",
    "mode.services:Service.crash": "4963b5f084b1fd7c",
    "mode.worker:Worker.execute_from_commandline": "1e3180bc07e11f21",
    "faust.transport.drivers.aiokafka:Consumer._to_message": "b67d9c7228d1e42d",
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._commit": "8db40aa72fa635cc",
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._create_worker_consumer": "936e53aab137bb69",
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._fetch_records": "dcc2d96f49713c19",
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread.on_start": "12c5c1cb30e3dbe4",
    "faust.transport.drivers.aiokafka:Consumer._new_consumer_thread": "89ce55d44796a2e9",
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread.seek_to_committed": "d66bde3b71e2b939",
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread.seek_to_beginning": "b7badf5c7bdd1fba",
    "faust.transport.consumer:Consumer._new_offset": "c4735e1836cc03d7",
    "faust.transport.consumer:Consumer._add_gap": "aefbeffed7113380",
    "faust.transport.consumer:Consumer.perform_seek": "907234e153925494",
    "faust.transport.consumer:Consumer.on_partitions_revoked": "901b70cdae5c18f3",
    "faust.transport.consumer:Consumer.on_buffer_full": "5221a84ed528308f",
    "faust.transport.consumer:Consumer.ack": "15d084b0e9255300",
    "faust.transport.consumer:Consumer.wait_empty": "e6ba6b8dd2510ab0",
    "faust.transport.consumer:Consumer.getmany": "b3651b6ff09e9d5b",
    "faust.transport.consumer:Consumer._drain_messages": "51f5d28b77953a29",
    "faust.transport.consumer:Consumer._commit_offsets": "d72353acd0e6bcc7",
    "faust.transport.consumer:Consumer._filter_committable_offsets": "d71f8247376e029d",
    "faust.transport.consumer:ThreadDelegateConsumer._commit": "f226a804a50e2934",
    "faust.transport.conductor:ConductorCompiler.build": "f0888d8f544fabda",
    "faust.serializers.schemas:Schema.loads_key": "ceb86fc243fb68b4",
    "faust.serializers.schemas:Schema.loads_value": "f9a5a7601e23ea1a",
    "faust.streams:Stream.noack": "7ca1e32ccc0f1d6d",
    "faust.streams:Stream.events": "f416dc2f41328b1e",
    "faust.streams:Stream._c_aiter": "012840def9082f25",
    "faust.app.base:App._on_partitions_revoked": "99aa6ba163476c6f",
    "faust.app.base:App._on_partitions_assigned": "70e1f11219628b5a",
    "faust.app.base:App._stop_consumer": "b6ebffb2c2c1f557",
    "faust.tables.recovery:Recovery.on_recovery_completed": "2835f40bae1d8c71",
    "faust.tables.recovery:Recovery._resume_streams": "60cc8b191fe8b649",
    "aiokafka.consumer.consumer:AIOKafkaConsumer.seek_to_committed": "1e28ff0b07d7ea1d",
    "aiokafka.consumer.consumer:AIOKafkaConsumer.seek_to_beginning": "a6a0fe0219a5d1d8",
    "aiokafka.consumer.fetcher:FetchError.__init__": "5255cc84861ef003",
    "aiokafka.consumer.fetcher:FetchResult.__init__": "08116796c6feaa6b",
    "aiokafka.consumer.fetcher:Fetcher._fetch_requests_routine": "e7988c3d3cbb7b6e",
    "aiokafka.consumer.fetcher:Fetcher._get_actions_per_node": "e8103476ca3cc2c9",
    "aiokafka.producer.message_accumulator:MessageAccumulator.add_batch": "fbd44632605b4630",
    "aiokafka.producer.message_accumulator:MessageAccumulator.drain_by_nodes": "700e1ee78c92552d",
}
"""`module:name` of what we override or lean on -> hash of its source."""


class UnsupportedError(RuntimeError):
    """What is installed is not what the overrides were written against. The text names each difference."""


def source_hash(name: str) -> str:
    """16 hex digits over the source text of `module:qualified.name`."""
    module, _, attribute = name.partition(":")
    found = attrgetter(attribute)(importlib.import_module(module))
    return blake2b(inspect.getsource(found).encode(), digest_size=8).hexdigest()


def installed(distribution: str) -> str:
    """Its version, or `absent`."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "absent"


def differences(
    versions: Mapping[str, str] = VERSIONS,
    sources: Mapping[str, str] = SOURCES,
    environment: Mapping[str, Any] = os.environ,
    hashed: Callable[[str], str] = source_hash,
) -> list[str]:
    """What is not as it was when the overrides were written; empty when all is."""
    found = [
        f"{name} is {installed(name)}, not {wanted}" for name, wanted in versions.items() if installed(name) != wanted
    ]
    if found:
        return found
    found += [f"the source of {name} is another" for name, wanted in sources.items() if hashed(name) != wanted]
    if environment.get("NO_CYTHON"):
        found.append("NO_CYTHON is set: Faust's pure Python streams ack messages of an earlier generation")
    elif importlib.util.find_spec("faust._cython.streams") is None:
        found.append("faust._cython.streams is absent: the pure Python streams ack messages of an earlier generation")
    return found


def check() -> None:
    """Raises UnsupportedError with every difference."""
    if found := differences():
        raise UnsupportedError("; ".join(found))
