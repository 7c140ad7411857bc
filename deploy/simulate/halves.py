"""A large world is two halves of the same year, side by side: each has its own workers, faults and oracle.

Dispatches never meet, so nothing is lost by it but a cluster of six workers; and two processes do it in half the time.
"""

import gc
import logging
from concurrent.futures import ProcessPoolExecutor
from hashlib import blake2b
from multiprocessing import get_context
from time import perf_counter
from typing import Final

import structlog

from deploy.simulate.report import Outcome
from deploy.simulate.world import World

LARGE: Final = 4_000
"""From so many dispatches on. A number, not the machine's cores: one seed is one world everywhere."""

SUMMED: Final = (
    "dispatches", "marks_due", "early", "missing", "twice", "wrong_recipient", "misjudged",
    "lost", "misrouted", "repeated_effects", "out_of_order", "stale_rows", "unexplained", "late", "notices",
    "repeats", "crashes", "stalls", "zombies", "rebalances", "lost_acks", "repaired", "records", "dead",
)  # fmt: skip


def simulate(year: int, dispatches: int, seed: int) -> Outcome:
    """The whole world."""
    if dispatches < LARGE:
        quietly()
        return World(year, dispatches, seed).run()
    began = perf_counter()
    half = dispatches // 2
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        parts = [
            pool.submit(_part, year, half, seed, ".1", 1),
            pool.submit(_part, year, dispatches - half, seed, ".2", half + 1),
        ]
        halves = [part.result() for part in parts]
    return _joined(halves, round(perf_counter() - began, 1))


def quietly() -> None:
    """Crashed and stalled workers would say so thousands of times; and, as in a worker, what is imported never dies."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    gc.collect()
    gc.freeze()
    gc.set_threshold(500_000, 10, 10)


def _part(year: int, dispatches: int, seed: int, part: str, first: int) -> Outcome:
    quietly()
    return World(year, dispatches, seed, part=part, first=first).run()


def _joined(halves: list[Outcome], seconds: float) -> Outcome:
    sums = {name: sum(getattr(one, name) for one in halves) for name in SUMMED}
    digest = blake2b("".join(one.digest for one in halves).encode(), digest_size=12).hexdigest()
    offences = tuple(offence for one in halves for offence in one.offences)
    return halves[0].model_copy(update={**sums, "digest": digest, "seconds": seconds, "offences": offences})
