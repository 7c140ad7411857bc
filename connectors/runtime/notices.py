"""What a notice sink is handed, and what it promises: the port between the delivery loop and whoever is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas.notice import Notice


@dataclass(frozen=True, slots=True)
class Received:
    """One notice as it was read; `id` is the envelope's, the same in every repeat."""

    id: str
    notice: Notice


class NoticeSink(Protocol):
    """Where notices are shown. One thread."""

    def deliver(self, batch: Sequence[Received]) -> int:
        """Shows what it has not shown before, and returns how many notices that were.

        When it returns they are shown for good, for their place in Kafka is given up next. Raises OSError when it
        cannot: the same batch comes again then, and what of it was shown must not be shown twice.
        """
        ...
