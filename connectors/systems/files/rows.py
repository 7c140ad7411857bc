"""A row of a file, whatever the file's format. Pure."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from unicodedata import normalize

from schemas.dead_letter import DeadReason

Cell = Any
"""str, int, float, bool, datetime, date, time, None; in JSON also lists and objects."""

EXACT_DIGITS: Final = 15
"""A spreadsheet keeps no more digits of a number: a longer one has lost its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row. `raw` is what quarantine keeps: enough to read the row again with another mapping."""

    line: int
    """Where the row begins in the file, from 1."""
    cells: Mapping[str, Cell]
    raw: bytes
    fault: DeadReason | None = None
    """The row could not be read at all; `cells` is then empty."""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TableFault:
    """Nothing of this file can be read, and why."""

    reason: str
    """From the closed list that `receipt` puts in words."""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A file that is open for reading, and how it turned out to be written."""

    rows: Iterator[Row]
    format: str
    charset: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_line: int = 0
    """From 1; 0 where there is none."""
    missing: tuple[str, ...] = ()
    """Our fields whose columns the file does not have."""


def kept(file: str, line: int, names: Sequence[str], cells: Sequence[Cell]) -> bytes | None:
    """The row as quarantine keeps it; None where a character is broken."""
    row = dict(zip(names, map(_plain, cells), strict=True))
    try:
        return json.dumps({"file": file, "line": line, "row": row}, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return None


def _plain(cell: Cell) -> Cell:
    return cell if cell is None or isinstance(cell, str | int | float | bool) else text_of(cell)


def ignored(cells: Sequence[Cell], patterns: Sequence[str]) -> bool:
    """Whether the first filled cell matches one of the patterns."""
    if not patterns:
        return False
    first = next((text for cell in cells if (text := text_of(cell))), "")
    return any(re.search(pattern, first) for pattern in patterns)


def column_key(name: object) -> str:
    """A column's name without what people do not see: width, blanks, case, a trailing colon or asterisk."""
    return "".join(normalize("NFKC", str(name)).split()).strip("\ufeff*:").casefold()


def text_of(cell: Cell) -> str:
    """What a person reads in the cell, without surrounding blanks."""
    match cell:
        case None:
            return ""
        case str():
            return cell.strip()
        case bool():
            return "1" if cell else "0"
        case float() if cell.is_integer() and abs(cell) < 1e18:
            return str(int(cell))
        case datetime():
            return cell.isoformat()
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case _:
            return str(cell).strip()


def lost_digits(cell: Cell) -> bool:
    """Whether a spreadsheet has turned this identifier into a number and dropped its last digits."""
    return isinstance(cell, float) and abs(cell) >= 10**EXACT_DIGITS


def look_up(cells: Mapping[str, Cell], name: str) -> Cell:
    """The cell called `name` (a column key); in JSON a path with dots leads into objects."""
    if name in cells:
        return cells[name]
    if "." not in name:
        return None
    here: Cell = cells
    for step in name.split("."):
        if not isinstance(here, Mapping):
            return None
        here = next((value for key, value in here.items() if column_key(key) == step), None)
    return here


def has(columns: Sequence[str], name: str) -> bool:
    """Whether a table with these columns (as keys) can have the one called `name`."""
    return name in columns or ("." in name and name.split(".")[0] in columns)
