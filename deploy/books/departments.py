"""The departments' own journals -> ground: JSON lines of what took effect there, and of what they reported.

A line has `event`, `department`, `dispatch` and `id`: for `received` the envelope id of the record that took effect,
for `reported` the id that the department gave its report. Other events say nothing here.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from deploy.books.ground import Ground

_TABLES: Final = {"received": "done", "reported": "said"}


def read_department(file: Path, ground: Ground) -> None:
    """Puts one journal on the ground. A last line that is cut in half is no line. Raises OSError, ValueError."""
    for nth, event in _events(file):
        if table := _TABLES.get(event["event"]):
            ground.add(table, [(event["department"], nth, event["dispatch"], event["id"])])


def _events(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with file.open("rb") as lines:
        for nth, line in enumerate(lines):
            if line.endswith(b"\n"):
                yield nth, json.loads(line)
