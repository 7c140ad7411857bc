"""Every override of Faust there is. Written against the versions and sources in `versions.py`, and no others.

A *run* is the records of one partition that one fetch brought: one Faust event, one thing to ack.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from time import monotonic
from typing import Any, Final

import faust
from aiokafka.consumer import fetcher
from aiokafka.errors import IllegalStateError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage
from typing_extensions import override

from streams.engine.crash import At, fatal, no_op
from streams.engine.progress import Progress

WAIT_MS: Final = 1500
"""The broker holds a fetch for so long where none of its partitions has anything: Faust's own figure."""
LEAST_WAIT_MS: Final = 20
"""Shorter ones only ask in vain."""


class Runs:
    """The ConsumerScheduler setting. Stock hands out single records, round-robin; ours hands out whole runs."""

    def iterate(self, records: Mapping[TP, list[Any]]) -> Iterator[tuple[TP, Any]]:
        """Each partition's records of one fetch, as they are."""
        return ((tp, run) for tp, run in records.items() if run)


class RunSchema(faust.Schema[Any, Any]):
    """Stock decodes, and acks what it cannot decode; here nothing is decoded, so nothing can be dropped."""

    @override
    def loads_key(self, app: Any, message: Any, **_: Any) -> Any:
        """A run has no key."""
        return None

    @override
    def loads_value(self, app: Any, message: Any, **_: Any) -> Any:
        """The records."""
        return message.value


class App(faust.App):
    """Stock tears its services down when one crashes, and can hang there; ours ends the process."""

    at: At = staticmethod(no_op)
    progress: Progress

    @override
    def _crash(self, reason: BaseException) -> None:
        fatal("faust", reason)


def partial_wait_ms(lain: float) -> int:
    """How long a fetch may be held that leaves out partitions whose oldest record has lain here for `lain` seconds."""
    return min(WAIT_MS, max(LEAST_WAIT_MS, round(lain * 500)))


class Fetcher(fetcher.Fetcher):  # type: ignore[misc]
    """Stock leaves out of a fetch the partitions whose records lie here untaken, and sends no other while it is out.

    Where the rest are silent the broker holds it for its whole wait. The records are taken a moment later, and what has
    come for their partitions since then lies in Kafka for up to 1.5 s. It comes in one heap, the worker is busy with
    that, the next fetch is partial again: at 1,200 records a second, half of what it can do, a worker never came out.

    Ours waits half as long as the records have lain. So each wait is shorter than the one before where the worker can
    keep up, and where it is far behind, it is not given its work in crumbs: that costs a fifth of its rate.
    """

    @override
    def _get_actions_per_node(self, assignment: Any) -> Any:
        """What to fetch, for how long."""
        oldest = next(iter(self._records.values()), None)
        self._fetch_max_wait_ms = WAIT_MS if oldest is None else partial_wait_ms(monotonic() - oldest._created)
        return super()._get_actions_per_node(assignment)


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Stock has the client's own fetcher; ours another."""

    @override
    async def on_start(self) -> None:
        """The client makes its fetcher when it starts, and none can be given to it."""
        await super().on_start()
        self._ensure_consumer()._fetcher.__class__ = Fetcher


class Consumer(driver.Consumer):
    """Stock acks single offsets and guesses at gaps; ours keeps the runs it handed out, in order, per partition."""

    app: App

    @override
    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    @override
    def on_init(self) -> None:
        """Also called by stock when the consumer restarts."""
        self._runs: defaultdict[TP, deque[int]] = defaultdict(deque)

    @override
    def _to_message(self, tp: TP, record: Any) -> ConsumerMessage:
        """`record` is a run; it goes by its last offset."""
        last = record[-1]
        self._runs[tp].append(last.offset)
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            last.offset,
            last.timestamp / 1000,
            last.timestamp_type,
            [],
            None,
            record,
            None,
            0,
            0,
            tp,
            generation_id=self.app.consumer_generation_id,
        )

    @override
    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Stock keeps gaps, and its ranges swallow real records. A run has no inner gaps."""

    @override
    def _new_offset(self, tp: TP) -> int | None:
        """Never beyond the oldest run that is not acked; stock can pass one that is in flight."""
        runs, acked = self._runs[tp], self._acked_index[tp]
        done = None
        while runs and runs[0] in acked:
            last = runs.popleft()
            acked.discard(last)
            done = last + 1
        self._acked[tp][:] = sorted(acked)
        return done

    @override
    async def perform_seek(self) -> None:
        """Everything that is not committed will be fetched again, so no run handed out before counts.

        Stock leaves a partition that never committed where it is, which is behind the records of a fetch that a
        rebalance overtook and that were never handed out; and it only notes a seek that failed, or goes on without it.
        """
        try:
            await super().perform_seek()
            never = [tp for tp in self.assignment() if not self._committed_offset.get(tp)]
            if never:
                await self._thread.seek_to_beginning(*driver.ensure_aiokafka_TPset(never))
        except (AssertionError, IllegalStateError):
            raise  # the partitions went meanwhile: whoever gets them seeks
        except Exception as problem:
            if self.app.should_stop:
                raise
            fatal("seek", problem)
        self._runs.clear()
        known = {tp: offset for tp, offset in self._committed_offset.items() if offset is not None and offset >= 0}
        self.app.progress.committed = {(tp.topic, tp.partition): offset for tp, offset in known.items()}

    @override
    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """Stock books an offset as committed even when the broker refused it; ours keeps what the broker has."""
        self.app.at("committing")
        done = await super()._commit(offsets)
        if done:
            self.app.progress.committed.update({(tp.topic, tp.partition): offset for tp, offset in offsets.items()})
            self.app.at("committed")
        return done

    @override
    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Stock forgets the acks first and so cannot commit them: finish the run in work, commit, then let go."""
        self.stop_flow()
        self.app.flow_control.suspend()
        self.app.flow_control.clear()
        await self.wait_empty()
        await super().on_partitions_revoked(revoked)
        self._runs.clear()
        for tp in revoked:
            self.app.progress.forget((tp.topic, tp.partition))

    @override
    def on_buffer_full(self, tp: TP) -> None:
        """Stock stops fetching, and sleeps 1 s when all are full. The bounded queue is the back-pressure."""


class Transport(driver.Transport):
    """Hooks the consumer in."""

    Consumer = Consumer
