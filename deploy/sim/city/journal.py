"""The city's journal: one JSON object a line, appended and never changed.

Every line has `event` and `at` (UTC). What changes an order carries the whole row after it:

| event | also |
|---|---|
| issued, reissued, amended, touched, withdrawn, merged, closed, redo_ordered | `order`, `version`, `row`; `why` |
| unreadable | `id`, `fault` (no_number, no_time, not_object), `row`: listed, but not readable as an order |
| served | `page`, `versions`: [[order, version], ...] of one answer |
| told | `order`, `serial`, `kind`, `round`, `fields`: accepted, with effect |
| repeated | `order`, `serial`: the serial number was there already, no effect |
| refused | `order`, `serial`, `kind`, `why` |

A `touched` row has a new update time and the same version; an `amended` row with `silent` has it the other way round.
"""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Event = dict[str, Any]


class Journal:
    """Appends events. A line that a crash cut in half is dropped when the file is opened again."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self.file = file
        whole = _whole_bytes(file)
        self._handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.ftruncate(self._handle, whole)

    def write(self, *events: Event) -> None:
        """Appends in one write: a kill leaves all lines or a cut tail, never a mixed order."""
        text = "".join(json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n" for event in events)
        data = text.encode()
        while data:
            data = data[os.write(self._handle, data) :]

    def close(self) -> None:
        """Flushes to the disk and closes."""
        os.fsync(self._handle)
        os.close(self._handle)


def stamp(at: float) -> str:
    """Epoch seconds as UTC text with milliseconds."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read(file: Path) -> Iterator[Event]:
    """The whole lines of a journal, in order."""
    if not file.exists():
        return
    with file.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):
                yield json.loads(line)


def _whole_bytes(file: Path) -> int:
    if not file.exists():
        return 0
    data = file.read_bytes()
    return data.rfind(b"\n") + 1
