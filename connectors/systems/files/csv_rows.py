"""Records of a delimited text, such that one bad quote costs one line and not the rest of the file. Pure."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from connectors.systems.files.rows import column_key

DELIMITERS: Final = (",", "\t", ";", "|", "，")


@dataclass(frozen=True, slots=True)
class Record:
    """`cells` is None where the text is no record; `text` is then the line that was given up."""

    line: int
    """Of the file, from 1, where the record begins."""
    cells: Sequence[str] | None
    text: str
    detail: str = ""


class _Lines:
    """Lines that can be put back, and what was taken since `begin`."""

    def __init__(self, lines: Iterable[str], passed_over: int) -> None:
        self._lines = islice(lines, passed_over, None)
        self._back: deque[str] = deque()
        self.taken: list[str] = []
        self.number = passed_over

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._lines)
        self.number += 1
        self.taken.append(line)
        return line

    def keep_only_first(self) -> None:
        """Puts back all that was taken but the first line."""
        rest = self.taken[1:]
        self._back.extendleft(reversed(rest))
        self.number -= len(rest)
        del self.taken[1:]


def records(
    lines: Iterable[str], delimiter: str, quote: str, width: int | None = None, *, start: int = 1
) -> Iterator[Record]:
    """The records from line `start` on; blank lines are passed over. With `width`, a record has that many cells.

    A record that cannot be read, or that runs over several lines and then has not `width` cells, is taken for a line
    with a stray quote: that line alone is given up, and reading goes on with the next.
    """
    source = _Lines(lines, start - 1)
    reader = csv.reader(source, delimiter=delimiter, quotechar=quote, strict=True)
    while True:
        source.taken.clear()
        detail = ""
        cells: Sequence[str] | None
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            cells, detail = None, "size" if "limit" in str(problem) else "quotes"
            reader = csv.reader(source, delimiter=delimiter, quotechar=quote, strict=True)
        if cells is None and len(source.taken) == 1:
            cells = _leniently(source.taken[0], delimiter, quote, width)
        if cells is not None and width is not None:
            cells = _without_blank_end(cells, width)
        several = len(source.taken) > 1
        if several and (cells is None or (width is not None and len(cells) != width)):
            source.keep_only_first()
            reader = csv.reader(source, delimiter=delimiter, quotechar=quote, strict=True)
            cells = _leniently(source.taken[0], delimiter, quote, width)
            detail = detail or "columns"
        first = source.number - len(source.taken) + 1
        if cells is not None and not any(cells):
            continue
        yield Record(first, cells, "".join(source.taken) if cells is None else "", "" if cells is not None else detail)


def _leniently(line: str, delimiter: str, quote: str, width: int | None) -> Sequence[str] | None:
    """One line read without strictness: right only if it then has the cells it should have."""
    if width is None:
        return None
    try:
        cells = next(csv.reader([line], delimiter=delimiter, quotechar=quote), None)
    except csv.Error:
        return None
    if cells is None:
        return None
    cells = list(_without_blank_end(cells, width))
    return cells if len(cells) == width and not cells[-1].endswith("\n") else None


def _without_blank_end(cells: Sequence[str], width: int) -> Sequence[str]:
    """Cells beyond the last column do no harm where they are blank."""
    return cells[:width] if len(cells) > width and not any(cell.strip() for cell in cells[width:]) else cells


def delimiter_of(head: Sequence[str], quote: str, named: Iterable[str]) -> str:
    """The delimiter that shows most of the columns `named` (as keys) in one of the first lines; else the commonest."""
    wanted = set(named)

    def score(delimiter: str) -> tuple[int, int]:
        best = (0, 0)
        for line in head:
            try:
                cells = next(csv.reader([line], delimiter=delimiter, quotechar=quote), [])
            except csv.Error:
                continue
            best = max(best, (len(wanted & {column_key(cell) for cell in cells}), len(cells)))
        return best

    return max(DELIMITERS, key=score)
