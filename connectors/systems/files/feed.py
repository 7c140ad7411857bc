"""The folder as a feed: one file after another, in batches; a file is put away when all its rows are durable."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import structlog

from connectors.runtime.ports import Batch, Calls, Finished, Idle, Operation, Read, Refused, State
from connectors.systems.files.folder import Folder, digest
from connectors.systems.files.mapping import Plans
from connectors.systems.files.opening import BrokenFileError
from connectors.systems.files.origin import Origin
from connectors.systems.files.reading import open_file
from connectors.systems.files.receipt import Receipt
from connectors.systems.files.relearning import Relearning
from connectors.systems.files.rows import Row, TableFault
from connectors.systems.files.settings import FilesSettings
from connectors.systems.files.translate import Translator
from schemas.dead_letter import DeadReason
from schemas.dispatch import Dispatch

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Open:
    """The file that is being read."""

    path: Path
    rows: Iterator[Row]
    origin: Origin
    receipt: Receipt
    began: float
    done: bool = False


class FolderFeed:
    """See `ports.Feed`. Keeps no place inside a file: after a crash the claimed file is read again from its start."""

    def __init__(
        self,
        settings: FilesSettings,
        folder: Folder,
        translator: Translator,
        calls: Calls,
        mapping: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._translator = translator
        self._plans = Plans(settings)
        self._calls = calls
        self._now = now
        self._open: _Open | None = None
        self._again = Relearning(folder, translator, self._plans, mapping)
        self._begun = False
        self._state = (State.RUNNING, "")

    @property
    def stream(self) -> str:
        """There is one."""
        return "live"

    @property
    def finds(self) -> bool:
        """What comes is news, but no finding."""
        return False

    @property
    def state(self) -> tuple[State, str]:
        """DEGRADED while the folder cannot be used."""
        return self._state

    def next(self) -> Batch | Idle | Finished:
        """The next rows of the file at hand, or of the next file."""
        try:
            if self._open is None:
                self._open = self._next_file()
            self._state = (State.RUNNING, "")
            if self._open is not None:
                return self._batch(self._open)
            if self._again.at_work:
                return Batch(self._again.next(self._settings.batch), self._again)
            return Idle(self._settings.pull.every.total_seconds())
        except OSError as problem:
            return self._degraded(problem)

    def durable(self, batch: Batch) -> None:
        """When it was the last of a file: the receipt, and away with it."""
        if batch.mark is self._again:
            self._learned(batch)
            return
        at_hand = self._open
        if at_hand is None or batch.mark is not at_hand or not at_hand.done:
            return
        try:
            at = datetime.fromtimestamp(self._now(), UTC)
            receipt = at_hand.receipt.written(digest(at_hand.path), at)
            self._folder.put_away(at_hand.path, receipt, "refused" if at_hand.receipt.fault else "done")
        except OSError as problem:
            # the file stays claimed; it is read again, which changes nothing, and put away then
            self._degraded(problem)
        else:
            outcome = "ok" if at_hand.receipt.fault is None else "unreadable"
            self._calls.made(Operation.LIST, outcome, time.monotonic() - at_hand.began)
            log.info(
                "file_finished", outcome=outcome, taken=at_hand.receipt.taken, refused=len(at_hand.receipt.refused)
            )
        self._open = None

    def _learned(self, batch: Batch) -> None:
        if batch.records:
            return
        try:
            self._again.finish()
        except OSError as problem:
            self._degraded(problem)

    def _degraded(self, problem: OSError) -> Idle:
        self._state = (State.DEGRADED, problem.strerror or type(problem).__name__)
        self._open = None
        return Idle(self._settings.retry.longest.total_seconds())

    def _next_file(self) -> _Open | None:
        self._folder.prepare()
        if not self._begun:
            self._again.begin(self._now())
            self._begun = True
        claimed = self._folder.claimed()
        path = claimed[0] if claimed else None
        if path is None:
            waiting = next(self._folder.waiting(self._now()), None)
            if waiting is None:
                return None
            path = self._folder.claim(waiting)
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        receipt = Receipt(path.name, self._settings.language)
        opened = open_file(path, self._settings, self._plans)
        rows: Iterator[Row] = iter(())
        if isinstance(opened, TableFault):
            receipt.fault = opened
        else:
            receipt.reading = opened
            rows = opened.rows
        return _Open(path, rows, Origin(name=path.name, modified=modified), receipt, time.monotonic())

    def _batch(self, at_hand: _Open) -> Batch:
        records: list[Read] = []
        try:
            for row in islice(at_hand.rows, self._settings.batch):
                read = self._translator.read(row, at_hand.origin)
                at_hand.receipt.note(row.line, read)
                if isinstance(read, Dispatch):
                    self._again.came_in(read.id)
                records.append(read)
        except BrokenFileError as broken:
            at_hand.receipt.fault = broken.fault
        at_hand.done = len(records) < self._settings.batch
        if at_hand.done and (fault := at_hand.receipt.fault) is not None:
            records.append(_whole_file(at_hand.path.name, fault))
        return Batch(tuple(records), at_hand)


def _whole_file(name: str, fault: TableFault) -> Refused:
    """Stands in quarantine for a file that is kept in the folder of refused files."""
    raw = json.dumps({"refused_file": name, "reason": fault.reason, "where": fault.detail}, ensure_ascii=False)
    return Refused(DeadReason.UNREADABLE, raw.encode(), f"file: {fault.reason}")
