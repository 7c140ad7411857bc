"""What docs/examples/department.py wrote into its database, as lines like those of `inbox`."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path


def export(database: Path, to: Path) -> None:
    """Writes `received` and `reported` lines, in the order of receipt. Raises OSError, sqlite3.Error."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db, to.open("w", encoding="utf-8") as lines:
        department = ""
        for own, record in db.execute("select id, record from inbox order by rowid"):
            share = json.loads(record)
            department = share["department"]
            event = {"event": "received", "department": department, "id": own, "share": share}
            event |= {name: share[name] for name in ("dispatch", "seq", "version", "round", "action", "role")}
            lines.write(json.dumps(event, ensure_ascii=False) + "\n")
        for own, dispatch, report in db.execute("select id, dispatch, report from outbox where sent order by rowid"):
            said = json.loads(report)
            event = {"event": "reported", "department": department, "id": own, "dispatch": dispatch}
            lines.write(json.dumps(event | {"kind": said["kind"], "round": said["round"]}, ensure_ascii=False) + "\n")
