"""How long the bridge needs after a fault is healed until it delivers again."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Sample:
    """`at`: seconds; `delivered`: records on all department topics; `behind`: what the bridge has yet to take in."""

    at: float
    delivered: int
    behind: int


def recovered_s(healed: float, samples: Sequence[Sample]) -> float | None:
    """Seconds from `healed` to the first sample with a new delivery, or with nothing left to do; None for neither.

    `samples` are in order of time. There are none while the broker is down, so its own start is part of the figure.
    """
    first = bisect_right(samples, healed, key=lambda sample: sample.at)
    before = samples[first - 1].delivered if first else 0
    for sample in samples[first:]:
        if sample.delivered > before or not sample.behind:
            return sample.at - healed
    return None


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed; 0 for none."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else 0.0
