"""The calendar as it comes with the program, against everybody else who publishes those days."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from chinese_calendar import is_workday
from holidays import country_holidays

from deploy.county import published
from deploy.county.calendars import CALENDARS, load_calendar, year_files
from tests.support.calendars import CN, SHANGHAI

SHARED = Path(__file__).parents[2] / "../shared/data/cn-calendar/holiday-cn"

needs_the_data = pytest.mark.skipif(not SHARED.exists(), reason="../shared/data/cn-calendar is not there")


def every_day() -> Iterator[date]:
    """2007 to 2026."""
    for ordinal in range(date(2007, 1, 1).toordinal(), date(2026, 12, 31).toordinal() + 1):
        yield date.fromordinal(ordinal)


def test_chinesecalendar_says_the_same_of_every_day() -> None:
    days = [*every_day()]
    assert len(days) == 7305
    assert [day for day in days if CN.works(day) != is_workday(day)] == []


def test_holidays_says_the_same_of_every_day() -> None:
    other = country_holidays("CN", years=range(2006, 2028))
    assert [day for day in every_day() if CN.works(day) != other.is_working_day(day)] == []


@needs_the_data
def test_holiday_cn_says_the_same_of_every_day() -> None:
    """Ten of its dates stand in a neighbour's file, so the years are read together."""
    theirs: dict[date, bool] = {}
    for path in sorted(SHARED.glob("2*.json")):
        for day in json.loads(path.read_text(encoding="utf-8"))["days"]:
            theirs[date.fromisoformat(day["date"])] = not day["isOffDay"]
    assert [day for day in every_day() if CN.works(day) != theirs.get(day, day.weekday() < 5)] == []


@needs_the_data
def test_holiday_cns_own_files_are_read_as_they_are(tmp_path: Path) -> None:
    """Dropped into PAIDAN_HOME they take the place of ours; 2027, which names no day, covers none."""
    folder = tmp_path / "calendars" / "cn"
    folder.mkdir(parents=True)
    for path in SHARED.glob("2*.json"):
        (folder / path.name).write_bytes(path.read_bytes())
    theirs = load_calendar("cn", SHANGHAI, home=tmp_path)
    assert (theirs.first, theirs.last) == (date(2007, 1, 1), date(2026, 12, 31))
    assert [day for day in every_day() if CN.works(day) != theirs.works(day)] == []
    # 2018-12-29 is in the file for 2019
    assert theirs.works(date(2018, 12, 29))
    assert not theirs.works(date(2018, 12, 31))


def test_the_tables_here_are_what_update_makes() -> None:
    files = year_files("cn", [CALENDARS])
    assert list(files) == list(range(2007, 2027))
    made = published.tables()
    assert {year: published.text(made[year]) for year in files} == {
        year: path.read_text(encoding="utf-8") for year, path in files.items()
    }


def test_a_working_day_moved_by_one_is_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: the comparison sees a single day."""
    import chinese_calendar

    wrong = date(2026, 10, 10)
    monkeypatch.setattr(chinese_calendar, "is_workday", lambda day: is_workday(day) and day != wrong)
    assert [*published.differences(2026)] == [(wrong, False, True)]
    assert [*published.differences(2025)] == []


def test_a_year_has_about_two_hundred_and_fifty_working_days() -> None:
    for year in range(2007, 2027):
        assert 247 <= CN.between(date(year, 1, 1) - timedelta(days=1), date(year, 12, 31)).days <= 253
