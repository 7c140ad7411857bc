"""Which row of a table has the names of the columns, and whether they are those the mapping needs. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from connectors.systems.files.mapping import Plans
from connectors.systems.files.rows import Cell, TableFault, column_key, text_of

LOOKED_AT: Final = 30
"""Rows in which a header is looked for: above it stand titles, dates and signatures."""
REQUIRED: Final = ("number", "issued_at", "title")


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a table, in order."""

    position: int
    """Which row it is, from 0; -1 where there is none."""
    names: tuple[str, ...]
    """As they stand in the file; an empty one is called by its number."""
    keys: tuple[str, ...]
    missing: tuple[str, ...] = ()
    """Our fields that are mapped to columns which the file does not have; none of them is required."""


def find_header(rows: Sequence[Sequence[Cell]], plans: Plans, at: int | None) -> Header | TableFault:
    """The header in row `at` (from 1), or in the first of `rows` that has the columns of number and time of issue."""
    if at is not None:
        return fit(rows[at - 1], at - 1, plans) if at <= len(rows) else TableFault("no_header")
    for position, row in enumerate(rows):
        keys = tuple(column_key(text_of(cell)) for cell in row)
        if all(plans.satisfied(field, keys) for field in ("number", "issued_at")):
            return fit(row, position, plans)
    return TableFault("no_header", ", ".join(plans.wording("number") + plans.wording("issued_at")))


def fit(row: Sequence[Cell], position: int, plans: Plans) -> Header | TableFault:
    """The header in this row, if it has what is required and no mapped column twice."""
    names = tuple(text_of(cell) or str(number) for number, cell in enumerate(row, 1))
    keys = tuple(map(column_key, names))
    lacking = [field for field in REQUIRED if not plans.satisfied(field, keys)]
    if lacking:
        return TableFault("no_column", ", ".join(word for field in lacking for word in plans.wording(field)))
    twice = [key for key, count in Counter(keys).items() if count > 1 and key in plans.columns]
    if twice:
        return TableFault("column_twice", ", ".join(twice))
    missing = tuple(field for field in plans.fields if not plans.satisfied(field, keys))
    return Header(position, _told_apart(names), keys, missing)


def _told_apart(names: Sequence[str]) -> tuple[str, ...]:
    """Columns of the same name are numbered, so that quarantine keeps all of them."""
    seen: Counter[str] = Counter()
    told = []
    for name in names:
        seen[name] += 1
        told.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return tuple(told)
