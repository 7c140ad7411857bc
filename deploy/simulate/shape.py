"""The load's shape: what is asked for how often, and when. Shares are rounded from a city's published profile of 311
requests (two departments take half of the load, one in three has the city's own deadline)."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Final, NamedTuple

CATEGORIES: Final[tuple[tuple[str, float], ...]] = (
    ("city.order.noise", 18), ("roads.traffic.parking", 9), ("utilities.heating.cold", 10),
    ("utilities.heating.outage", 4), ("housing.property.service", 8), ("housing.quality.leak", 5),
    ("roads.street.surface", 5), ("roads.street.lighting", 5), ("roads.rural.surface", 3),
    ("city.sanitation.waste", 8), ("utilities.water.outage", 4), ("utilities.water.quality", 3),
    ("city.order.building", 4), ("housing.title.certificate", 2), ("city.green.parks", 4),
    ("health.insurance.claim", 2), ("market.consumer.refund", 3), ("labour.wages.construction", 3),
    ("land.use.dispute", 2), ("land.requisition.compensation", 1), ("utilities.gas.leak", 1),
    ("roads.transit.taxi", 1), ("safety.fire.access", 1), ("education.school.fees", 1),
    ("civil.relief.allowance", 1), ("unknown", 1),
)  # fmt: skip
KINDS: Final = (("complaint", 38), ("help", 34), ("consult", 12), ("suggestion", 6), ("report", 8), ("praise", 2))
URGENCIES: Final = (("normal", 90), ("urgent", 8), ("critical", 2))
AREAS: Final = (
    "150123100001", "150123100002", "150123100003", "150123101", "150123102", "150123103", "150123203", "150123205",
    "150123206", "150123207", "150123400", "150123401",
)  # fmt: skip
HOURS: Final = (1, 1, 0.5, 0.5, 0.5, 1, 2, 4, 8, 10, 10, 9, 6, 6, 8, 9, 9, 8, 6, 5, 4, 3, 2, 1.5)
WEEK: Final = (1.2, 1.1, 1.1, 1.0, 1.0, 0.7, 0.6)

OF_ITS_OWN: Final = 0.35
"""Dispatches that carry a deadline of the city's."""


class Pick(NamedTuple):
    """Words with weights."""

    words: Sequence[str]
    sums: Sequence[float]

    @classmethod
    def of(cls, weighted: Sequence[tuple[str, float]]) -> "Pick":
        """From pairs."""
        return cls([word for word, _ in weighted], list(accumulate(weight for _, weight in weighted)))

    def one(self, chance: Random) -> str:
        """By its weight."""
        return self.words[bisect_right(self.sums, chance.random() * self.sums[-1])]


CATEGORY: Final = Pick.of(CATEGORIES)
KIND: Final = Pick.of(KINDS)
URGENCY: Final = Pick.of(URGENCIES)
HOUR: Final = Pick.of([(str(hour), weight) for hour, weight in enumerate(HOURS)])
