"""What departments wrote down themselves: one JSON object a line, appended and never changed.

| event | also |
|---|---|
| received | `department`, `id`, `dispatch`, `seq`, `version`, `round`, `action`, `role`, `topic`, `offset`, `digest` |
| repeated | the same: an id that was received before; it had no effect |
| reported | `department`, `dispatch`, `id`, `kind`, `round`, `offset`: the broker has it |

`at` is UTC; `digest` is of the record's bytes, so that a repeat with other bytes can be told; `received` also has
`share`, the record's value.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

from deploy.sim.city.journal import Journal, read
from schemas.assignment import Assignment
from schemas.codec import decode
from schemas.report import Report

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Received:
    """An assignment, when it had its effect, and under which id it came."""

    id: str
    at: datetime
    share: Assignment


class Inbox:
    """The inbox of ids of all departments of one process. `received` holds what had an effect, in order."""

    def __init__(self, file: Path) -> None:
        self.received: list[Received] = []
        self.reported: set[str] = set()
        self._ids: set[tuple[str, str]] = set()
        for event in read(file):
            if event["event"] == "received":
                share = Assignment.model_validate(event["share"])
                self.received.append(Received(event["id"], datetime.fromisoformat(event["at"]), share))
                self._ids.add((event["department"], event["id"]))
            elif event["event"] == "reported":
                self.reported.add(event["id"])
        self._journal = Journal(file)

    def take(self, records: Iterable[Any], at: datetime) -> list[Received]:
        """Writes records down, all in one write, and returns those that have an effect now."""
        # as the journal keeps it: what is said after a restart must be what would have been said before
        at = datetime.fromisoformat(_stamp(at))
        events: list[Event] = []
        fresh: list[Received] = []
        for record in records:
            own = dict(record.headers)["ce_id"].decode()
            share = decode(Assignment, record.value)
            seen = (share.department, own) in self._ids
            event = _event("repeated" if seen else "received", own, share, record, at)
            if not seen:
                event["share"] = json.loads(record.value)
                self._ids.add((share.department, own))
                fresh.append(Received(own, at, share))
            events.append(event)
        self._journal.write(*events)
        self.received += fresh
        return fresh

    def sent(self, reports: Iterable[tuple[str, str, Report, int]], at: datetime) -> None:
        """Writes down what the broker has acked: department, id, report, offset."""
        events = []
        for department, own, report, offset in reports:
            self.reported.add(own)
            events.append(
                {
                    "event": "reported", "at": _stamp(at), "department": department, "dispatch": report.dispatch,
                    "id": own, "kind": report.kind, "round": report.round, "offset": offset,
                }
            )  # fmt: skip
        self._journal.write(*events)

    def close(self) -> None:
        """Flushes to the disk."""
        self._journal.close()


def _event(name: str, id: str, share: Assignment, record: Any, at: datetime) -> Event:
    return {
        "event": name, "at": _stamp(at), "department": share.department, "id": id, "dispatch": share.dispatch,
        "seq": share.seq, "version": share.version, "round": share.round, "action": share.action, "role": share.role,
        "topic": record.topic, "offset": record.offset, "digest": blake2b(record.value, digest_size=8).hexdigest(),
    }  # fmt: skip


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
