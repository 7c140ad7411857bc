"""One file of any format, ready to give its rows one by one."""

from pathlib import Path
from typing import Final

from connectors.systems.files.charset import charset_of
from connectors.systems.files.csv_table import read_csv
from connectors.systems.files.json_table import read_json, read_json_lines
from connectors.systems.files.mapping import Plans
from connectors.systems.files.opening import MEGABYTE, BrokenFileError, byte_lines
from connectors.systems.files.rows import Reading, TableFault
from connectors.systems.files.settings import FilesSettings
from connectors.systems.files.sheet_table import read_sheet

_FORMATS: Final = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx", ".xls": "xlsx", ".xlsb": "xlsx",
    ".ods": "xlsx", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json",
}  # fmt: skip
"""Ending -> format; `.gz` may follow."""


def open_file(path: Path, settings: FilesSettings, plans: Plans) -> Reading | TableFault:
    """Ready to give rows; or why nothing of the file can be read. The rows may still raise BrokenFileError."""
    written = format_of(path) if settings.table.format == "auto" else settings.table.format
    if written is None:
        return TableFault("unknown_format", path.suffix)
    if path.stat().st_size == 0:
        return TableFault("empty")
    try:
        if written == "xlsx":
            return read_sheet(path, settings, plans)
        if written == "json":
            return read_json(path, settings)
        charset = settings.table.charset
        if charset == "auto":
            charset = charset_of(byte_lines(path, settings.largest_mb * MEGABYTE))
        return read_json_lines(path, charset) if written == "jsonl" else read_csv(path, settings, plans, charset)
    except BrokenFileError as broken:
        return broken.fault


def format_of(path: Path) -> str | None:
    """By the name's ending; None for one that is not known."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return _FORMATS.get(suffixes[-1]) if suffixes else None
