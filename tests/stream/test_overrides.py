"""Where stock Faust may commit what is not done, ours does not. Each case is run on both."""

from typing import NamedTuple

import faust
import pytest
from aiokafka.errors import IllegalStateError, UnknownError
from faust.types import TP

from streams.engine.app import make_app
from streams.engine.overrides import LEAST_WAIT_MS, WAIT_MS, RunSchema, partial_wait_ms

PLACE = TP("in", 0)


class Fetched(NamedTuple):
    """What stands for an aiokafka record."""

    offset: int
    topic: str = "in"
    partition: int = 0
    timestamp: int = 0
    timestamp_type: int = 0
    headers: tuple = ()
    key: bytes | None = None
    value: bytes | None = b""
    checksum: int | None = None
    serialized_key_size: int = 0
    serialized_value_size: int = 0


@pytest.fixture(params=["stock", "ours"])
def kind(request):
    return request.param


@pytest.fixture
def consumer(kind, tmp_path, monkeypatch):
    """As the worker has it, not connected."""
    if kind == "ours":
        app = make_app("a", {"bootstrap_servers": "127.0.0.1:1"}, worker="w", folder=tmp_path)
    else:
        app = faust.App("a", broker="kafka://127.0.0.1:1", datadir=tmp_path)
    monkeypatch.setattr(app.topics, "acks_enabled_for", lambda _: True)
    return app.consumer


def handed_out(consumer, kind, *offsets):
    """One message an offset: for ours, runs of one record."""
    found = {}
    for offset in offsets:
        message = consumer._to_message(PLACE, Fetched(offset) if kind == "stock" else [Fetched(offset)])
        message.incref()
        found[offset] = message
    return found


def ack(consumer, messages, *offsets):
    for offset in offsets:
        messages[offset].ack(consumer)


async def test_a_commit_passes_one_message_in_flight_on_stock_and_never_on_ours(consumer, kind):
    consumer._committed_offset[PLACE] = 2585
    messages = handed_out(consumer, kind, *range(2585, 2590))
    ack(consumer, messages, 2586, 2587, 2588, 2589)
    assert consumer._new_offset(PLACE) == {"stock": 2590, "ours": None}[kind]


async def test_a_gap_swallows_a_record_in_flight_on_stock_and_not_on_ours(consumer, kind):
    consumer._committed_offset[PLACE] = 36
    messages = handed_out(consumer, kind, 36, 40, 41)
    ack(consumer, messages, 36)
    assert consumer._new_offset(PLACE) == 37
    await consumer._add_gap(PLACE, 37, 40)  # what stock's fetch loop says when 40 comes after 36
    ack(consumer, messages, 41)
    assert consumer._new_offset(PLACE) == {"stock": 42, "ours": None}[kind]


async def test_a_full_buffer_stops_the_fetching_on_stock_and_not_on_ours(consumer, kind):
    consumer._set_active_tps({PLACE})
    consumer.on_buffer_full(PLACE)
    assert (PLACE in consumer._get_active_partitions()) is (kind == "ours")


async def test_a_run_goes_by_its_last_offset(tmp_path):
    app = make_app("a", {"bootstrap_servers": "127.0.0.1:1"}, worker="w", folder=tmp_path)
    app.topics.acks_enabled_for = lambda _: True
    first, second = (
        app.consumer._to_message(PLACE, [Fetched(offset) for offset in offsets])
        for offsets in (range(10, 14), range(14, 20))
    )
    for message in (first, second):
        message.incref()
    second.ack(app.consumer)
    assert app.consumer._new_offset(PLACE) is None
    first.ack(app.consumer)
    assert app.consumer._new_offset(PLACE) == 20
    assert app.consumer._new_offset(PLACE) is None


async def test_nothing_is_decoded_before_the_agent_sees_it(tmp_path):
    app = make_app("a", {"bootstrap_servers": "127.0.0.1:1"}, worker="w", folder=tmp_path)
    records = [Fetched(1, value=b"\xff not json"), Fetched(2, value=None)]
    event = await app.topic("in", schema=RunSchema()).decode(app.consumer._to_message(PLACE, records))
    assert event.value is records


@pytest.mark.parametrize(("stopping", "ends"), [(False, "fatal"), (True, "UnknownError")])
@pytest.mark.parametrize("kind", ["ours"], indirect=True)
async def test_a_seek_that_fails_ends_the_process_unless_it_is_ending(consumer, monkeypatch, stopping, ends):
    async def refused():
        raise UnknownError

    def fatal(what, problem):
        assert (what, type(problem)) == ("seek", UnknownError)
        raise SystemExit("fatal")

    monkeypatch.setattr(consumer, "seek_to_committed", refused)
    monkeypatch.setattr("streams.engine.overrides.fatal", fatal)
    if stopping:
        consumer.app._stopped.set()
    with pytest.raises((SystemExit, UnknownError)) as raised:
        await consumer.perform_seek()
    assert ends in repr(raised.value)


@pytest.mark.parametrize("kind", ["ours"], indirect=True)
async def test_a_seek_that_a_rebalance_overtook_is_left_to_the_next(consumer, monkeypatch):
    async def gone():
        raise IllegalStateError

    monkeypatch.setattr(consumer, "seek_to_committed", gone)
    with pytest.raises(IllegalStateError):
        await consumer.perform_seek()


def test_a_partial_fetch_is_held_for_less_time_than_the_records_have_lain_and_never_longer_than_stock():
    assert [partial_wait_ms(lain) for lain in (0, 0.1, 0.8, 2.9, 60)] == [LEAST_WAIT_MS, 50, 400, 1450, WAIT_MS]
