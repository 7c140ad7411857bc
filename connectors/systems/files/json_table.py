"""The rows of a JSON file: an object a line, or one list of objects."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors.systems.files.charset import charset_of
from connectors.systems.files.opening import MEGABYTE, content, text_lines
from connectors.systems.files.rows import Reading, Row, TableFault, column_key
from connectors.systems.files.settings import FilesSettings
from schemas.dead_letter import DeadReason
from schemas.limits import MAX_BYTES, refusal


def read_json_lines(path: Path, charset: str) -> Reading:
    """Ready to give rows. Raises BrokenFileError."""
    return Reading(rows=_lines(path, charset), format="jsonl", charset=charset)


def _lines(path: Path, charset: str) -> Iterator[Row]:
    for line, text in enumerate(text_lines(path, charset), 1):
        if text.strip():
            yield _row(line, text.strip().encode("utf-8", "surrogateescape"))


def read_json(path: Path, settings: FilesSettings) -> Reading | TableFault:
    """The list in the file, or at the path `table.rows` in it; whole in memory. Raises BrokenFileError."""
    table = settings.table
    whole = content(path, settings.largest_mb * MEGABYTE)
    charset = charset_of(whole.splitlines(keepends=True)) if table.charset == "auto" else table.charset
    try:
        found: Any = json.loads(whole.decode(charset))
        for key in table.rows.split(".") if table.rows else ():
            found = found[key]
    except (ValueError, KeyError, TypeError, RecursionError):
        return TableFault("not_json", table.rows or "")
    if not isinstance(found, list):
        return TableFault("not_json", table.rows or "")
    return Reading(rows=_items(found), format="json", charset=charset)


def _items(found: list[Any]) -> Iterator[Row]:
    for number, item in enumerate(found, 1):
        yield _row(number, json.dumps(item, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def _row(line: int, raw: bytes) -> Row:
    if (reason := refusal(raw)) is not None:
        return Row(line=line, cells={}, raw=raw[:MAX_BYTES], fault=reason)
    value = json.loads(raw)
    if not isinstance(value, dict):
        return Row(line=line, cells={}, raw=raw, fault=DeadReason.UNREADABLE, detail="object")
    return Row(line=line, cells={column_key(key): cell for key, cell in value.items()}, raw=raw)
