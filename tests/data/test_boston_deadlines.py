"""Boston's 311 service: deadlines by the rules recovered from its data, in a zone with daylight saving time."""

import csv
import gzip
import json
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.clock import Unit
from streams.domain.calendar import Calendar, NamedDay
from streams.domain.office_hours import five_days, slot
from streams.domain.spans import Amount, DayEnd, Terms, deadline

SHARED = Path(__file__).parents[2] / "../shared/data/boston311"
ZONE = ZoneInfo("America/New_York")
UNITS = {"working_day": Unit.WORKING_DAYS, "calendar_day": Unit.NATURAL_DAYS}

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="../shared/data/boston311 is not there")


@cache
def read(name: str) -> dict[str, Any]:
    return json.loads((SHARED / name).read_text(encoding="utf-8"))


@cache
def rows() -> list[dict[str, str]]:
    with gzip.open(SHARED / "cases.csv.gz", "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def calendar() -> Calendar:
    rules = read("rules.json")
    holidays = [NamedDay(date.fromisoformat(one["date"]), False, one["name"]) for one in rules["holidays"]]
    opens, closes = (time.fromisoformat(edge) for edge in rules["business_window"])
    return Calendar("boston", ZONE, holidays, date(2014, 1, 1), date(2026, 12, 31), week=five_days(slot(opens, closes)))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def terms(kind: str, day_end: DayEnd = DayEnd.SAME_TIME) -> Terms:
    rule = read("rules.json")["rules"][kind]
    return Terms(Amount(int(rule["n"]), UNITS[rule["unit"]]), calendar(), day_end)


def reproduced(day_end: DayEnd = DayEnd.SAME_TIME) -> Counter[str]:
    """How many deadlines come out, by unit."""
    tolerance = timedelta(seconds=read("rules.json")["tolerance_seconds"])
    found: Counter[str] = Counter()
    for row in rows():
        if row["target_local"] and row["TYPE"] in read("rules.json")["rules"]:
            by = terms(row["TYPE"], day_end)
            due = deadline(local(row["open_local"]), by)
            assert not due.provisional
            found[f"{by.amount.unit}_rows"] += 1
            found[by.amount.unit] += abs(due.due - local(row["target_local"])) <= tolerance
    return found


def test_as_many_deadlines_come_out_as_the_recovered_rules_reach() -> None:
    expected, found = read("expected.json"), reproduced()
    assert found["working_days_rows"] == expected["working_day_rows"] == 923
    assert found["natural_days_rows"] == expected["calendar_day_rows"] == 166
    assert found["working_days"] == expected["working_day_reproduced"] == 905
    assert found["natural_days"] == expected["calendar_day_reproduced"] == 164


def test_another_end_of_day_reproduces_almost_none() -> None:
    """A planted fault: the comparison is not one that anything passes."""
    assert reproduced(DayEnd.MIDNIGHT)["working_days"] < 20


def test_closed_no_later_than_the_target_is_on_time_in_every_case() -> None:
    """Without a target it is always on time; of the one whose flag is blank, only that it is not."""
    expected = read("expected.json")
    flags = Counter(row["OnTime_Status"] for row in rows())
    assert flags == {"ONTIME": expected["ontime"], "OVERDUE": expected["overdue"], "": expected["flag_blank"]}
    assert all(row["OnTime_Status"] == "ONTIME" for row in rows() if not row["target_local"])
    known = [row for row in rows() if row["target_local"]]
    equal = [
        row
        for row in known
        if (local(row["closed_local"]) <= local(row["target_local"])) == (row["OnTime_Status"] == "ONTIME")
    ]
    assert len(equal) == len(known) == expected["closed<=target_equals_ontime"]


def test_the_flag_follows_from_our_own_deadline_where_the_rule_reaches() -> None:
    """Not the city's target but ours decides, wherever ours is the city's."""
    for row in rows():
        if row["target_local"] and row["OnTime_Status"] and row["TYPE"] in read("rules.json")["rules"]:
            due = deadline(local(row["open_local"]), terms(row["TYPE"])).due
            target, closed = local(row["target_local"]), local(row["closed_local"])
            if abs(due - target) <= timedelta(seconds=180) and abs(closed - target) > timedelta(seconds=180):
                assert (closed <= due) == (row["OnTime_Status"] == "ONTIME"), row["CASE_ENQUIRY_ID"]
