"""The worker process of `tests.support.bridge`: bridge_worker.py BOOTSTRAP NAME FOLDER."""

import os
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[2]))

from deploy.county.calendars import load_calendar
from deploy.process import crash_points, log_to_stderr, serve
from schemas.kafka import KafkaSettings
from streams.agents import cases
from streams.app import build_worker
from streams.domain.deadlines import Deadlines
from streams.domain.timetable import Timetable
from streams.engine import quiet_logs
from tests.support.bridge import COUNTY

DEADLINES = Deadlines.model_validate(
    {
        "clocks": {"handling": [{"name": "one minute", "within": "1 minutes"}]},
        "marks": {"handling": ["p50", "p75", "p90"]},
        "quiet": None,
        "supervision": [{"rung": "phone", "clocks": ["handling"], "marks": ["breach"]}],
    }
)


def main() -> int:
    """Ends with the worker's own exit code; writes its port to FOLDER/NAME.port."""
    bootstrap, name, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    log_to_stderr("streams")
    quiet_logs()
    if bug := os.environ.get("BUG"):
        plant_a_bug(Path(bug))
    worker = build_worker(
        KafkaSettings(bootstrap=bootstrap),
        COUNTY,
        timetable() if os.environ.get("WATCHED") else None,
        name=name,
        datadir=folder / "data",
        at=crash_points(),
    )
    with serve(0, worker.registry, worker.health) as port:
        (folder / f"{name}.port").write_text(str(port))
        return worker.run()


def timetable() -> Timetable:
    """Every clock that a test can wait for."""
    calendar = load_calendar("cn", ZoneInfo("Asia/Shanghai"))
    return Timetable(DEADLINES, calendar, {one.code: one.kind for one in COUNTY.departments})


def plant_a_bug(file: Path) -> None:
    """While the file is there, decide raises for every message that holds its text, and repeats the message."""
    good = cases.decide

    def bad(case: Any, message: Any, *rest: Any) -> Any:
        if file.exists() and file.read_text() in message.model_dump_json():
            raise ValueError(message.model_dump_json())
        return good(case, message, *rest)

    cases.decide = bad


if __name__ == "__main__":
    raise SystemExit(main())
