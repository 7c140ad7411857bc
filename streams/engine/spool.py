"""The rows of one partition: their bytes in a file without a name, their places in memory.

A million rows of 2 KB as Python objects would fill the machine; here a row costs its key and one integer. The file is
no store: it vanishes with the process, and the compacted topic is the truth.
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

COMPACT_BYTES: Final = 8 << 20
"""Less garbage than this is left alone."""

CHUNK_BYTES: Final = 4 << 20

Pieces = tuple[bytes, int, *tuple[bytes, ...]]
"""(key, at, bytes...): a row whose bytes lie in one or more pieces, so that nobody has to copy them together."""

_AT_ONCE: Final = os.sysconf("SC_IOV_MAX")

# A place is one integer: 40 bits of position, 24 bits of length, the rest is the offset the row was made from.
_LENGTH_BITS, _POSITION_BITS = 24, 40
_AT_SHIFT: Final = _LENGTH_BITS + _POSITION_BITS
_LENGTH_MASK: Final = (1 << _LENGTH_BITS) - 1
_POSITION_MASK: Final = (1 << _POSITION_BITS) - 1


class Spool:
    """key -> (at, bytes). `at` is the offset of the record the row was made from; it never goes back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = _nameless(folder)
        self._places: dict[bytes, int] = {}
        self._end = 0
        self._live = 0

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def __iter__(self) -> Iterator[bytes]:
        """Keys of all rows, in the order they came."""
        return iter(self._places)

    def at(self, key: bytes) -> int:
        """The offset its row was made from; -1 when there is no row."""
        place = self._places.get(key)
        return -1 if place is None else place >> _AT_SHIFT

    def get(self, key: bytes) -> bytes | None:
        """The row, or None."""
        place = self._places.get(key)
        if place is None:
            return None
        return os.pread(self._file, place & _LENGTH_MASK, place >> _LENGTH_BITS & _POSITION_MASK)

    def put(self, rows: Iterable[Pieces]) -> None:
        """Each in place of what was there. Raises OSError when the disk is full."""
        self.place(rows)()
        self.compact()

    def place(self, rows: Iterable[Pieces]) -> Callable[[], None]:
        """`put` in two halves: the places now, the bytes when the answer is called, from any thread.

        Nothing may be read before that.
        """
        position, parts, places, live = self._end, [], self._places, self._live
        for key, at, *pieces in rows:
            length = sum(map(len, pieces))
            live += length
            old = places.get(key)
            if old is not None:
                live -= old & _LENGTH_MASK
            places[key] = at << _AT_SHIFT | position << _LENGTH_BITS | length
            parts += pieces
            position += length
        write = partial(_write, self._file, parts, self._end)
        self._end, self._live = position, live
        return write

    def drop(self, key: bytes) -> None:
        """Forget the row; nothing happens when there is none."""
        place = self._places.pop(key, None)
        if place is not None:
            self._live -= place & _LENGTH_MASK
            self.compact()

    def close(self) -> None:
        """Give the disk back."""
        os.close(self._file)
        self._places.clear()

    @property
    def file_bytes(self) -> int:
        """On disk, garbage included."""
        return self._end

    @property
    def live_bytes(self) -> int:
        """Of rows that count."""
        return self._live

    def compact(self) -> None:
        """Rewrite when more than half is garbage: each byte is then copied at most once per byte written."""
        garbage = self._end - self._live
        if garbage < COMPACT_BYTES or garbage <= self._live:
            return
        fresh, position, parts, size = _nameless(self._folder), 0, [], 0
        for key, place in sorted(self._places.items(), key=lambda item: item[1] >> _LENGTH_BITS & _POSITION_MASK):
            length = place & _LENGTH_MASK
            parts.append(os.pread(self._file, length, place >> _LENGTH_BITS & _POSITION_MASK))
            self._places[key] = place >> _AT_SHIFT << _AT_SHIFT | position + size << _LENGTH_BITS | length
            size += length
            if size >= CHUNK_BYTES:
                _write(fresh, parts, position)
                position, parts, size = position + size, [], 0
        _write(fresh, parts, position)
        os.close(self._file)
        self._file, self._end = fresh, position + size


def _nameless(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix="rows-", dir=folder)
    Path(name).unlink()
    return handle


def _write(file: int, parts: Sequence[bytes], position: int) -> None:
    for start in range(0, len(parts), _AT_ONCE):
        some = parts[start : start + _AT_ONCE]
        length = sum(map(len, some))
        written = os.pwritev(file, some, position)
        if written < length:
            _write_on(file, b"".join(some)[written:], position + written)
        position += length


def _write_on(file: int, data: bytes, position: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, position)
        view, position = view[written:], position + written
