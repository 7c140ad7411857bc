"""Measurements that print figures beside a baseline: the run engine against stock Faust and raw aiokafka, and recovery.

Each worker runs in a process of its own, in alternating order within one run; only medians of at least three are
told. Nothing else of the project may import from here but the command line.
"""

from deploy.bench.engine import engine_bench
from deploy.bench.recovery import recovery_bench

__all__ = ["engine_bench", "recovery_bench"]
