"""The rows of a delimited text file."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from connectors.systems.files.csv_rows import Record, delimiter_of, records
from connectors.systems.files.header import LOOKED_AT, Header, find_header, fit
from connectors.systems.files.mapping import Plans
from connectors.systems.files.opening import text_lines
from connectors.systems.files.rows import Reading, Row, TableFault, ignored, kept
from connectors.systems.files.settings import FilesSettings
from schemas.dead_letter import DeadReason
from schemas.limits import MAX_BYTES


def read_csv(path: Path, settings: FilesSettings, plans: Plans, charset: str) -> Reading | TableFault:
    """Ready to give rows. Raises BrokenFileError."""
    table = settings.table
    head = list(islice(text_lines(path, charset), LOOKED_AT))
    delimiter = delimiter_of(head, table.quote, plans.columns) if table.delimiter == "auto" else table.delimiter
    if table.header == "none":
        header, start = fit(table.columns, -1, plans), 0
    else:
        first = list(islice(records(text_lines(path, charset), delimiter, table.quote), LOOKED_AT))
        if table.header != "auto":
            first = [record for record in first if record.line == table.header]
        only = 1 if table.header != "auto" else None
        header = find_header([record.cells or () for record in first], plans, only)
        start = 0 if isinstance(header, TableFault) else first[header.position].line
    if isinstance(header, TableFault):
        return header
    return Reading(
        rows=_rows(path, settings, charset, delimiter, header, start),
        format="csv",
        charset=charset,
        delimiter=delimiter,
        header_line=start,
        missing=header.missing,
    )


def _rows(
    path: Path, settings: FilesSettings, charset: str, delimiter: str, header: Header, start: int
) -> Iterator[Row]:
    table = settings.table
    found = records(text_lines(path, charset), delimiter, table.quote, len(header.names), start=max(start, 1))
    if start:
        next(found, None)
    for record in found:
        if record.cells is None:
            yield _no_record(record)
        elif not ignored(record.cells, table.ignore):
            yield _row(path.name, record.line, record.cells, header, fill=table.short_rows == "fill")


def _no_record(record: Record) -> Row:
    raw = record.text.encode("utf-8", "surrogateescape")
    large = record.detail == "size" or len(raw) > MAX_BYTES
    reason = DeadReason.TOO_LARGE if large else DeadReason.UNREADABLE
    return Row(line=record.line, cells={}, raw=raw[:MAX_BYTES], fault=reason, detail=record.detail)


def _row(file: str, line: int, cells: Sequence[str], header: Header, *, fill: bool) -> Row:
    width = len(header.names)
    if fill and len(cells) < width:
        cells = [*cells, *[""] * (width - len(cells))]
    fits = len(cells) == width
    raw = kept(file, line, header.names if fits else [str(number) for number, _ in enumerate(cells, 1)], cells)
    if raw is None:
        broken = "".join(cells).encode("utf-8", "surrogateescape")[:MAX_BYTES]
        return Row(line=line, cells={}, raw=broken, fault=DeadReason.NOT_UTF8, detail="charset")
    if not fits:
        return Row(line=line, cells={}, raw=raw, fault=DeadReason.UNREADABLE, detail="columns")
    return Row(line=line, cells=dict(zip(header.keys, cells, strict=True)), raw=raw)
