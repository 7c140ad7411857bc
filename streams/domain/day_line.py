"""Days laid end to end with a weight each: how much lies before a day, and which day holds the n-th unit."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate


class DayLine:
    """Weights by ordinal (1: Monday, 0001-01-01): a table from `first` on, and on both sides the week's, for ever."""

    __slots__ = ("_end", "_first", "_sums", "_total", "_week")

    def __init__(self, first: int, weights: Sequence[int], week: Sequence[int]) -> None:
        self._first = first
        self._sums = list(accumulate(weights, initial=0))
        self._end = first + len(weights)
        self._week = list(accumulate(week, initial=0))
        self._total = self._week[-1]

    def before(self, ordinal: int) -> int:
        """The weight of all days before this one, from the table's first on; negative before it."""
        if ordinal < self._first:
            return self._weeks(ordinal) - self._weeks(self._first)
        if ordinal > self._end:
            return self._sums[-1] + self._weeks(ordinal) - self._weeks(self._end)
        return self._sums[ordinal - self._first]

    def find(self, unit: int) -> int:
        """The day that holds the unit of that number (from 0): `before` it at most `unit`, with it more."""
        if unit < 0:
            return self._find(unit + self._weeks(self._first))
        if unit >= self._sums[-1]:
            return self._find(unit - self._sums[-1] + self._weeks(self._end))
        return self._first + bisect_right(self._sums, unit) - 1

    def _weeks(self, ordinal: int) -> int:
        weeks, days = divmod(ordinal - 1, 7)
        return weeks * self._total + self._week[days]

    def _find(self, unit: int) -> int:
        weeks, rest = divmod(unit, self._total)
        return 1 + 7 * weeks + bisect_right(self._week, rest) - 1
