"""Calendars from their files: which file holds, what a county lays over, and what is wrong on which line."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from deploy.county import CountyError
from deploy.county.calendars import inspect_calendar, load_calendar
from deploy.county.folders import COUNTIES
from streams.domain.calendar import Calendar, Why

SHANGHAI = ZoneInfo("Asia/Shanghai")


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def a_year(year: int, *days: tuple[str, bool]) -> str:
    return json.dumps(
        {"year": year, "papers": [], "days": [{"name": "元旦", "date": day, "isOffDay": off} for day, off in days]},
        indent=1,
    )


def load(pack: Path | None = None, home: Path | None = None, name: str = "cn") -> Calendar:
    return load_calendar(name, SHANGHAI, pack=pack, home=home)


def test_the_calendar_that_comes_with_the_program_covers_2007_to_2026() -> None:
    found = load()
    assert (found.name, found.first, found.last) == ("cn", date(2007, 1, 1), date(2026, 12, 31))


def test_helin_counts_as_the_nation_does_in_its_own_office_hours() -> None:
    """No holiday was invented for it."""
    nation, helin = load(), load(COUNTIES / "helin")
    day = nation.first
    while day <= nation.last:
        assert nation.works(day) == helin.works(day), day
        day += timedelta(days=1)
    noon = datetime(2026, 11, 25, 4, 30, tzinfo=UTC)
    assert helin.next_open(noon) == datetime(2026, 11, 25, 6, 30, tzinfo=UTC)


def test_a_new_year_needs_no_release(tmp_path: Path) -> None:
    """A file in PAIDAN_HOME: another version, a year more, late December of the old year as the notice says."""
    write(tmp_path / "calendars/cn/2027.json", a_year(2027, ("2026-12-31", True), ("2027-01-01", True)))
    found = load(home=tmp_path)
    assert found.last == date(2027, 12, 31)
    assert found.version != load().version
    assert found.offset(date(2026, 12, 30), 1) == (date(2027, 1, 4), False)


def test_the_packs_year_holds_over_homes_and_homes_over_ours(tmp_path: Path) -> None:
    home, pack = tmp_path / "home", tmp_path / "pack"
    write(home / "calendars/cn/2026.json", a_year(2026, ("2026-05-06", True)))
    assert not load(home=home).works(date(2026, 5, 6))
    # the file is taken whole: what it does not name is as its weekday says
    assert load(home=home).works(date(2026, 10, 1))
    write(pack / "calendars/cn/2026.json", a_year(2026, ("2026-05-07", True)))
    both = load(pack, home)
    assert (both.works(date(2026, 5, 6)), both.works(date(2026, 5, 7))) == (True, False)


def test_a_year_without_days_is_not_published(tmp_path: Path) -> None:
    write(tmp_path / "calendars/cn/2027.json", a_year(2027))
    assert load(home=tmp_path).last == date(2026, 12, 31)


def test_a_year_after_a_gap_is_not_covered(tmp_path: Path) -> None:
    write(tmp_path / "calendars/cn/2028.json", a_year(2028, ("2028-01-03", True)))
    found = load(home=tmp_path)
    assert found.last == date(2026, 12, 31)
    assert found.roll(date(2028, 1, 3)) == (date(2028, 1, 4), True)


def test_a_county_lays_its_own_days_and_hours_over(tmp_path: Path) -> None:
    write(
        tmp_path / "calendar.yaml",
        'hours: ["09:00-12:00", "13:00-18:00"]\nhours_on: {friday: ["09:00-12:00"]}\nmake_up_as: friday\n'
        "days:\n  - {date: 2026-08-14, name: 那达慕}\n  - {date: 2026-08-15, name: 那达慕, works: true}\n",
    )
    found = load(tmp_path)
    assert found.why(date(2026, 8, 14)) == (Why.COUNTY_HOLIDAY, "那达慕")
    assert found.offset(date(2026, 8, 13), 1).day == date(2026, 8, 15)
    assert found.closes(date(2026, 8, 15)) == datetime(2026, 8, 15, 4, tzinfo=UTC)
    assert found.closes(date(2026, 8, 13)) == datetime(2026, 8, 13, 10, tzinfo=UTC)
    assert found.version != load().version


def test_a_county_may_name_days_that_are_not_covered_yet(tmp_path: Path) -> None:
    write(tmp_path / "calendar.yaml", "days: [{date: 2027-08-06, name: 那达慕}]\n")
    assert load(tmp_path).offset(date(2027, 8, 5), 1) == (date(2027, 8, 9), True)


def test_a_calendar_of_another_kind_is_one_file() -> None:
    found = load_calendar("ireland", SHANGHAI, pack=COUNTIES / "harbour")
    assert found.zone.key == "Europe/Dublin"
    assert found.why(date(2026, 12, 25)) == (Why.HOLIDAY, "Christmas Day")
    # the clocks change on 2026-10-25, the holiday is on Monday
    assert found.opens(date(2026, 10, 23)) == datetime(2026, 10, 23, 8, tzinfo=UTC)
    assert found.next_open(datetime(2026, 10, 23, 17, tzinfo=UTC)) == datetime(2026, 10, 27, 9, tzinfo=UTC)


def test_a_countys_own_is_laid_over_another_kind_too(tmp_path: Path) -> None:
    write(tmp_path / "calendars/short.yaml", "covers: {first: 2026-01-01, last: 2026-12-31}\nhours: ['10:00-16:00']\n")
    write(tmp_path / "calendar.yaml", "hours_on: {wednesday: []}\ndays: [{date: 2026-11-26, name: fair}]\n")
    found = load(tmp_path, name="short")
    assert found.offset(date(2026, 11, 24), 1).day == date(2026, 11, 27)
    assert found.opens(date(2026, 11, 27)) == datetime(2026, 11, 27, 2, tzinfo=UTC)


FAULTS = [
    # file, text, line, key, part of what is said
    ("calendar.yaml", "days:\n  - {date: 2026-08-14, name: x, work: true}\n", 2, "days.0.work", "works"),
    ("calendar.yaml", "days:\n  - {date: 20260814, name: x}\n", 2, "days.0.date", "20260814"),
    ("calendar.yaml", "days:\n  - {date: 1026-08-14, name: x}\n", 2, "days.0.date", "1990"),
    ("calendar.yaml", "hours:\n  - 8:30 to 12:00\n", 2, "hours.0", "08:30-12:00"),
    ("calendar.yaml", 'hours:\n  - "12:00-08:30"\n', 2, "hours.0", "08:30-12:00"),
    ("calendar.yaml", 'hours: ["08:30-12:00", "11:00-17:00"]\n', 1, "", "follow"),
    ("calendar.yaml", "hours_on: {someday: []}\n", 1, "hours_on.someday", "monday"),
    ("calendar.yaml", "hours_on: {monday: []}\n", 1, "", "make-up"),
    ("calendar.yaml", "make_up_as: lundi\n", 1, "make_up_as", "monday"),
    ("calendar.yaml", "days: [{date: 2026-08-14, name: x}, {date: 2026-08-14, name: y}]\n", 1, "", "2026-08-14"),
    ("calendar.yaml", "days: [\n", 2, "", "YAML"),
    (
        "calendars/cn/2026.json",
        '{\n "year": 2026,\n "days": [\n  {"name": "x", "date": "x"}]}',
        4,
        "days.0.date",
        '"x"',
    ),
    ("calendars/cn/2026.json", '{"year": 2026, "days": [\n', 2, "", "YAML"),
    ("calendars/cn/2026.json", a_year(2025, ("2025-01-01", True)), 2, "year", "2026"),
    ("calendars/cn/2026.json", a_year(2026, ("2024-01-01", True)), 7, "days.0.date", "2026"),
    ("calendars/cn/2026.json", a_year(2026, ("2026-01-01", True), ("2026-01-01", False)), 10, "days.1", "2026-01-01"),
]


@pytest.mark.parametrize(("file", "text", "line", "key", "said"), FAULTS)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, file: str, text: str, line: int, key: str, said: str) -> None:
    write(tmp_path / file, text)
    found = inspect_calendar("cn", SHANGHAI, pack=tmp_path)
    assert found.calendar is None
    faults = {(fault.file, fault.line, fault.key): fault.text() for fault in found.faults}
    assert (file, line, key) in faults, faults
    assert said in faults[file, line, key]
    with pytest.raises(CountyError):
        load(tmp_path)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("days: []\n", "covers"),
        ("covers: {first: 2027-01-01, last: 2026-12-31}\n", "covers"),
        ("covers: {first: 2026-01-01, last: 2026-12-31}\ntime_zone: Europe/Atlantis\n", "time_zone"),
    ],
)
def test_a_calendar_of_another_kind_says_what_it_covers_and_where(tmp_path: Path, text: str, key: str) -> None:
    write(tmp_path / "calendars/mine.yaml", text)
    (fault,) = inspect_calendar("mine", SHANGHAI, pack=tmp_path).faults
    assert (fault.file, fault.key) == ("calendars/mine.yaml", key)


def test_a_calendar_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    write(tmp_path / "calendars/mine.yaml", "covers: {first: 2026-01-01, last: 2026-12-31}\n")
    (fault,) = inspect_calendar("mien", SHANGHAI, pack=tmp_path).faults
    assert "mine" in fault.would_do


def test_files_that_only_together_make_no_week_are_a_fault(tmp_path: Path) -> None:
    write(
        tmp_path / "calendars/mine.yaml",
        "covers: {first: 2026-01-01, last: 2026-12-31}\nhours_on: {monday: []}\nmake_up_as: tuesday\n",
    )
    write(tmp_path / "calendar.yaml", "days: []\n")
    (fault,) = inspect_calendar("mine", SHANGHAI, pack=tmp_path).faults
    assert (fault.file, fault.key) == ("calendar.yaml", "hours")


def test_no_process_but_the_update_imports_the_two_packages() -> None:
    script = (
        "import sys, deploy.county.calendars, streams.app, connectors.registry\n"
        "from zoneinfo import ZoneInfo\n"
        "deploy.county.calendars.load_calendar('cn', ZoneInfo('Asia/Shanghai'))\n"
        "print([name for name in sys.modules if name in ('holidays', 'chinese_calendar')])"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
