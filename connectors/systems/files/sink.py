"""What the city is told, as lines in files: appended, synced, and never written twice."""

import csv
import io
import json
import os
import threading
import time
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.runtime.durable import sync_folder
from connectors.runtime.ports import Accepted, Calls, Failed, Failure, Operation, Priority
from connectors.systems.files.settings import FilesSettings, Tell
from connectors.systems.files.telling import NoWordError, values
from schemas.feedback import Feedback, FeedbackKind

_END = "\r\n"


class OutFolder:
    """See `ports.Sink`. The file of a feedback follows from the feedback itself, so a repeat finds the first one."""

    def __init__(self, settings: FilesSettings, tell: Tell, folder: Path, calls: Calls) -> None:
        self._tell = tell
        self._folder = folder
        self._zone = ZoneInfo(settings.times.zone)
        self._calls = calls
        self._lock = threading.Lock()
        self._known: dict[Path, set[str]] = {}

    @property
    def idempotent(self) -> bool:
        """An id that is there is not written again."""
        return True

    @property
    def reads_back(self) -> bool:
        """The file says what it holds."""
        return True

    def send(self, feedback: Feedback, id: str, priority: Priority) -> Accepted | Failed:
        """Appends one line, and returns when it is on disk."""
        try:
            told = values(feedback, id, self._tell, self._zone)
        except NoWordError as table:
            return Failed(failure=Failure.REJECTED, detail=f"no word in {table}", city_code="no_word")
        began = time.monotonic()
        operation = Operation.SIGN if feedback.kind is FeedbackKind.SIGN else Operation.FEEDBACK
        with self._calls.turn(priority), self._lock:
            done = self._append(self._path(feedback), id, told)
        self._calls.made(operation, done.failure if isinstance(done, Failed) else "ok", time.monotonic() - began)
        return done

    def has(self, feedback: Feedback, id: str, priority: Priority) -> bool | Failed:
        """Whether the line is in its file."""
        with self._lock:
            try:
                return id in self._ids(self._path(feedback))
            except OSError as problem:
                return Failed(failure=Failure.UNREACHABLE, detail=problem.strerror or "")

    def _path(self, feedback: Feedback) -> Path:
        day = feedback.occurred_at.astimezone(self._zone).strftime("%Y%m%d")
        return self._folder / self._tell.name.replace("{day}", day)

    def _append(self, path: Path, id: str, told: dict[str, str]) -> Accepted | Failed:
        try:
            ids = self._ids(path)
            if id in ids:
                return Failed(failure=Failure.EXISTS)
            fresh = not path.exists()
            line = self._line(told, header=fresh)
            try:
                encoded = line.encode(_charset(self._tell.charset, fresh=fresh))
            except UnicodeEncodeError:
                return Failed(failure=Failure.REJECTED, detail="charset", city_code="charset")
            with path.open("ab") as file:
                file.write(encoded)
                file.flush()
                os.fsync(file.fileno())
            if fresh:
                sync_folder(path.parent)
        except OSError as problem:
            # part of a line may be there; it is cut off before the next is written
            self._known.pop(path, None)
            return Failed(failure=Failure.UNREACHABLE, detail=problem.strerror or "")
        ids.add(id)
        return Accepted()

    def _ids(self, path: Path) -> set[str]:
        """Ids in the file; read once, after cutting off what a crash has left of a line."""
        if path in self._known and path.exists():
            return self._known[path]
        ids: set[str] = set()
        if path.exists() and _mend(path, self._tell):
            ids = set(self._read(path))
        self._known[path] = ids
        return ids

    def _read(self, path: Path) -> list[str]:
        column = next(column for column, value in self._tell.columns.items() if value == "id")
        text = path.read_bytes().decode(self._tell.charset)
        if self._tell.format == "jsonl":
            return [str(json.loads(line)[column]) for line in text.split(_END) if line]
        rows = csv.DictReader(io.StringIO(text, newline=""))
        return [row[column] for row in rows]

    def _line(self, told: dict[str, str], *, header: bool) -> str:
        columns = self._tell.columns
        row = {column: told[value] for column, value in columns.items()}
        if self._tell.format == "jsonl":
            return json.dumps(row, ensure_ascii=False) + _END
        made = io.StringIO(newline="")
        writer = csv.DictWriter(made, list(columns), lineterminator=_END)
        if header:
            writer.writeheader()
        writer.writerow({column: _harmless(text) for column, text in row.items()})
        return made.getvalue()


def _harmless(text: str) -> str:
    """No line end of ours inside a cell, and nothing that a spreadsheet would run as a formula."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _charset(name: str, *, fresh: bool) -> str:
    """A byte order mark stands only at the beginning of a file."""
    return "utf-8" if name == "utf-8-sig" and not fresh else name


def _mend(path: Path, tell: Tell) -> bool:
    """Cuts off half a line: no line end of ours follows it, and no line has one inside. False: nothing was whole."""
    end = _END.encode(_charset(tell.charset, fresh=False))
    content = path.read_bytes()
    whole = content.rfind(end) + len(end) if end in content else 0
    if whole < len(content):
        with path.open("r+b") as file:
            file.truncate(whole)
            os.fsync(file.fileno())
    if whole == 0:
        path.unlink()
    return whole > 0
