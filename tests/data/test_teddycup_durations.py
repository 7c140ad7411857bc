"""Real messages and replies of Chinese citizens and governments: the working days between them, right to the day."""

import csv
import gzip
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from schemas.clock import Unit
from streams.domain.spans import Amount, Terms, units_between
from tests.support.calendars import CN

SHARED = Path(__file__).parents[2] / "../shared/data/teddycup"

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="../shared/data/teddycup is not there")


@cache
def rows() -> list[dict[str, str]]:
    with gzip.open(SHARED / "expected_durations.csv.gz", "rt", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CN.zone).astimezone(UTC)


def lasted(unit: Unit) -> list[int]:
    terms = Terms(Amount(5, unit), CN)
    return [units_between(local(row["message_local"]), local(row["reply_local"]), terms) for row in rows()]


def test_working_days_are_right_to_the_day_in_every_row() -> None:
    assert len(rows()) == 1079
    ours = [
        (row["留言编号"], CN.between(CN.date_of(local(row["message_local"])), CN.date_of(local(row["reply_local"]))))
        for row in rows()
    ]
    theirs = [(row["留言编号"], (int(row["working_days_holiday_cn"]), False)) for row in rows()]
    assert ours == theirs
    assert [row["working_days_chinese_calendar"] for row in rows()] == [
        row["working_days_holiday_cn"] for row in rows()
    ]


def test_natural_days_are_right_to_the_day_in_every_row() -> None:
    assert lasted(Unit.NATURAL_DAYS) == [int(row["natural_days"]) for row in rows()]


def test_as_many_were_answered_in_time_as_expected() -> None:
    expected = json.loads((SHARED / "expected.json").read_text(encoding="utf-8"))
    for unit, word in ((Unit.WORKING_DAYS, "working"), (Unit.NATURAL_DAYS, "natural")):
        days = lasted(unit)
        for key in (key for key in expected if key.endswith(f"_{word}_days")):
            limit = int(key.split("_")[2])
            assert sum(one <= limit for one in days) == expected[key], key
