"""The ground: a throw-away SQL database of everything that was read, on disk so that memory stays bounded."""

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.books.raw import Line

_SETTINGS = (
    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE; PRAGMA cache_size = -65536;"
    "PRAGMA locking_mode = EXCLUSIVE;"
)


class Ground:
    """Lines go in by table; `settle` when all are in; then it can be asked."""

    def __init__(self, file: Path) -> None:
        self._sql = sqlite3.connect(file)
        self._sql.executescript(_SETTINGS)
        self._sql.executescript(_script("ground.sql"))

    def add(self, table: str, lines: Iterable[Line]) -> None:
        """Appends; lines of a keyed table that are there already are skipped. `table` is one of ours, never input."""
        rows = list(lines)
        if rows:
            marks = ",".join("?" * len(rows[0]))
            self._sql.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)  # noqa: S608

    def settle(self) -> None:
        """Builds what the questions need."""
        self._sql.executescript(_script("settled.sql"))

    def ask(self, question: str, arguments: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of one question."""
        return self._sql.execute(question, arguments)

    def count(self, question: str) -> int:
        """The one number of a question."""
        found: int = self._sql.execute(question).fetchone()[0] or 0
        return found

    def close(self) -> None:
        """Lets go of the file."""
        self._sql.close()


@contextmanager
def fresh_ground() -> Iterator[Ground]:
    """An empty ground that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="paidan-books-") as folder:
        ground = Ground(Path(folder) / "ground.sqlite")
        try:
            yield ground
        finally:
            ground.close()


def _script(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
