"""The rows of a spreadsheet."""

import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook

from connectors.systems.files.header import LOOKED_AT, Header, find_header, fit
from connectors.systems.files.mapping import Plans
from connectors.systems.files.opening import MEGABYTE, content
from connectors.systems.files.rows import Cell, Reading, Row, TableFault, ignored, kept, text_of
from connectors.systems.files.settings import FilesSettings

_ESCAPE: Final = re.compile("_x([0-9A-Fa-f]{4})_")


def read_sheet(path: Path, settings: FilesSettings, plans: Plans) -> Reading | TableFault:
    """Ready to give rows. The whole sheet is in memory. Raises BrokenFileError."""
    table = settings.table
    packed = io.BytesIO(content(path, settings.largest_mb * MEGABYTE))
    try:
        book = CalamineWorkbook.from_filelike(packed)
        name = _sheet_name(book.sheet_names, table.sheet)
        if name is None:
            return TableFault("no_sheet", str(table.sheet))
        # with the empty rows and columns above and beside the table, so that row numbers are those people see
        rows: list[list[Cell]] = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError):
        return TableFault("not_a_spreadsheet")
    if table.header == "none":
        header = fit(table.columns, -1, plans)
    else:
        at = None if table.header == "auto" else table.header
        header = find_header(rows[: max(LOOKED_AT, at or 0)], plans, at)
    if isinstance(header, TableFault):
        return header
    return Reading(
        rows=_rows(path.name, rows, header, table.ignore),
        format="xlsx",
        sheet=name,
        header_line=header.position + 1,
        missing=header.missing,
    )


def _unescaped(cell: Cell) -> Cell:
    """A workbook writes a carriage return in a text as `_x000D_`, and `_x005F_` where an underscore is meant."""
    if isinstance(cell, str) and "_x" in cell:
        return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), cell)
    return cell


def _sheet_name(names: Sequence[str], asked: str | int) -> str | None:
    if isinstance(asked, int):
        return names[asked - 1] if asked <= len(names) else None
    return asked if asked in names else None


def _rows(file: str, rows: Sequence[Sequence[Cell]], header: Header, ignore: Sequence[str]) -> Iterator[Row]:
    width = len(header.names)
    for line, row in enumerate(rows[header.position + 1 :], header.position + 2):
        if not any(text_of(cell) for cell in row) or ignored(row, ignore):
            continue
        cells = [*map(_unescaped, row[:width]), *[None] * (width - len(row))]
        raw = kept(file, line, header.names, cells) or b""
        yield Row(line=line, cells=dict(zip(header.keys, cells, strict=True)), raw=raw)
