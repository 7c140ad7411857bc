"""Opens a file, packed or not, never reads more of it than allowed, and says so when it breaks off."""

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, cast

from connectors.systems.files.rows import TableFault
from schemas.limits import MAX_BYTES

MEGABYTE: Final = 1_000_000
_LINE_LIMIT: Final = 4 * MAX_BYTES
"""Characters; a longer line is cut, and refused for its size."""
_BROKEN: Final = (OSError, EOFError, zlib.error)


class BrokenFileError(Exception):
    """The file ends or goes wrong in the middle; `fault` says how."""

    def __init__(self, fault: TableFault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


def _unpacked(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb"))


def _too_large(most: int) -> BrokenFileError:
    return BrokenFileError(TableFault("too_large", f"{most // MEGABYTE} MB"))


def content(path: Path, most: int) -> bytes:
    """All of it, unpacked. Raises BrokenFileError, also where it is more than `most` bytes."""
    try:
        with _unpacked(path) as stream:
            found = stream.read(most + 1)
    except _BROKEN:
        raise BrokenFileError(TableFault("broken")) from None
    if len(found) > most:
        raise _too_large(most)
    return found


def byte_lines(path: Path, most: int) -> Iterator[bytes]:
    """Its lines. Raises BrokenFileError as `content` does."""
    read = 0
    try:
        with _unpacked(path) as stream:
            while line := stream.readline(_LINE_LIMIT):
                read += len(line)
                if read > most:
                    raise _too_large(most)
                yield line
    except _BROKEN:
        raise BrokenFileError(TableFault("broken")) from None


def text_lines(path: Path, charset: str) -> Iterator[str]:
    """Its lines with their ends. What is no character of the set becomes a lone surrogate, to be refused row by row."""
    try:
        with _unpacked(path) as stream, io.TextIOWrapper(stream, charset, "surrogateescape", newline="") as text:
            while line := text.readline(_LINE_LIMIT):
                yield line
    except (*_BROKEN, UnicodeError):
        raise BrokenFileError(TableFault("broken")) from None
