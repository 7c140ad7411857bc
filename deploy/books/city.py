"""The city's own journal -> ground: JSON lines of what its orders were, what it served and what it was told.

The format is the city's: `issued`, `amended` ... carry the whole row after the change, `served` pairs of order and
version, `told`, `repeated` and `refused` what the county said and what became of it.
"""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from deploy.books.faces import face, print_of
from deploy.books.ground import Ground
from deploy.books.raw import Line

CHANGES: Final = frozenset(
    {"issued", "reissued", "amended", "touched", "withdrawn", "merged", "closed", "redo_ordered"}
)
SAID: Final = frozenset({"told", "repeated", "refused"})
_CHUNK: Final = 5000


def read_city(file: Path, ground: Ground) -> None:
    """Puts the whole journal on the ground. A last line that is cut in half is no line. Raises OSError."""
    epochs: Counter[str] = Counter()
    lines = _lines(file)
    while chunk := list(islice(lines, _CHUNK)):
        by_table: dict[str, list[Line]] = {"version": [], "served": [], "unreadable": [], "told": []}
        for nth, event in chunk:
            _sort(nth, event, epochs, by_table)
        for table, found in by_table.items():
            ground.add(table, found)


def _lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with file.open("rb") as lines:
        for nth, line in enumerate(lines):
            if line.endswith(b"\n"):
                yield nth, json.loads(line)


def _sort(nth: int, event: dict[str, Any], epochs: Counter[str], tables: dict[str, list[Line]]) -> None:
    name = event["event"]
    if name in CHANGES:
        number, row = event["order"], event["row"]
        epochs[number] += name == "reissued"
        seen = face(row["title"], row["content"], row["opinion"])
        others = (row["phone"], row["address"], int(row["secret"]))
        print_ = print_of(seen, b"%d" % row["due_at"], row["status"], row["round"], others)
        tables["version"].append(
            (number, row["version"], nth, row["status"], row["round"], epochs[number], print_, seen)
        )
    elif name == "served":
        tables["served"] += map(tuple, event["versions"])
    elif name == "unreadable":
        tables["unreadable"].append((event["id"],))
    elif name in SAID:
        number = event["order"]
        tables["told"].append(
            (nth, number, event["serial"], event.get("kind"), event.get("round"), epochs[number], name)
        )
