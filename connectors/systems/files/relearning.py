"""Reads files that are done again when the mapping has changed: what its tables have learned is routed again."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

import structlog

from connectors.systems.files.folder import RECEIPT, Folder
from connectors.systems.files.mapping import Plans
from connectors.systems.files.opening import BrokenFileError
from connectors.systems.files.origin import Origin
from connectors.systems.files.reading import open_file
from connectors.systems.files.rows import TableFault
from connectors.systems.files.translate import Translator
from schemas.dispatch import Dispatch

BACK: Final = timedelta(days=30)
"""Older files are left alone."""
_KNOWN: Final = ".mapping"

log = structlog.get_logger(__name__)


class Relearning:
    """One pass over the files that are done, newest first. Nothing to do where the mapping is the known one.

    Of a dispatch that is in several files only the newest counts, also one that came in while this is under way: an
    old row must not overtake it.
    """

    def __init__(self, folder: Folder, translator: Translator, plans: Plans, mapping: str) -> None:
        self._folder = folder
        self._translator = translator
        self._plans = plans
        self._mapping = mapping
        self._newer: set[str] = set()
        self._rows: Iterator[Dispatch] | None = None

    def begin(self, now: float) -> None:
        """Finds out whether there is anything to do. `now`: seconds since 1970. May raise OSError."""
        known = self._folder.place("done") / _KNOWN
        if known.exists() and known.read_text(encoding="utf-8") != self._mapping:
            log.info("mapping_changed")
            self._rows = self._all(now)
        elif not known.exists():
            self.finish()

    @property
    def at_work(self) -> bool:
        """Whether there is more."""
        return self._rows is not None

    def came_in(self, id: str) -> None:
        """A file of today has this dispatch."""
        if self.at_work:
            self._newer.add(id)

    def next(self, most: int) -> tuple[Dispatch, ...]:
        """The next dispatches; empty when it is through. May raise OSError."""
        return () if self._rows is None else tuple(islice(self._rows, most))

    def finish(self) -> None:
        """All of it is durable: the mapping is the known one. May raise OSError."""
        done = self._folder.place("done")
        temporary = done / f"{_KNOWN}.tmp"
        temporary.write_text(self._mapping, encoding="utf-8")
        temporary.rename(done / _KNOWN)
        self._rows = None
        self._newer.clear()

    def _all(self, now: float) -> Iterator[Dispatch]:
        for path in self._files(now):
            here: set[str] = set()
            try:
                for dispatch in self._file(path):
                    here.add(dispatch.id)
                    if dispatch.id not in self._newer:
                        yield dispatch
            except BrokenFileError:
                log.warning("file_broke_off")
            self._newer |= here

    def _files(self, now: float) -> list[Path]:
        found = []
        for receipt in self._folder.place("done").glob(f"*{RECEIPT}"):
            try:
                read_at = datetime.fromisoformat(json.loads(receipt.read_text(encoding="utf-8"))["read_at"])
            except (ValueError, KeyError, TypeError):
                log.warning("receipt_unreadable")
                continue
            if read_at.timestamp() >= now - BACK.total_seconds():
                found.append((read_at, receipt.with_name(receipt.name.removesuffix(RECEIPT))))
        return [path for _, path in sorted(found, reverse=True) if path.exists()]

    def _file(self, path: Path) -> Iterator[Dispatch]:
        opened = open_file(path, self._folder.settings, self._plans)
        if isinstance(opened, TableFault):
            return
        origin = Origin(name=path.name, modified=datetime.fromtimestamp(path.stat().st_mtime, UTC))
        for row in opened.rows:
            read = self._translator.read(row, origin)
            if isinstance(read, Dispatch):
                yield read
