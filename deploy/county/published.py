"""The nation's tables as the package `chinesecalendar` has them, checked day by day against `holidays`.

Both packages are imported here only, and this only by `paidan calendar update`: workers read the files.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

FIRST_YEAR: Final = 2007
"""Before it notices did not name their days the same way."""

_NAMES: Final = {
    "new_years_day": "元旦",
    "spring_festival": "春节",
    "tomb_sweeping_day": "清明节",
    "labour_day": "劳动节",
    "dragon_boat_festival": "端午节",
    "national_day": "国庆节",
    "mid_autumn_festival": "中秋节",
    "anti_fascist_70th_day": "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日",
}
"""As the notices write them."""


class Difference(NamedTuple):
    """A day on which the two packages disagree."""

    day: date
    chinesecalendar: bool
    holidays: bool


def tables() -> dict[int, dict[str, Any]]:
    """The table of every published year in the shape of holiday-cn: each day in the file of its own year."""
    from chinese_calendar.constants import Holiday, holidays, workdays

    names = {kind.value: _NAMES.get(kind.name, kind.chinese) for kind in Holiday}
    named = {day: (names[name], True) for day, name in holidays.items()}
    named |= {day: (names[name], False) for day, name in workdays.items()}
    years: dict[int, dict[str, Any]] = {}
    for day, (name, off) in sorted(named.items()):
        if day.year >= FIRST_YEAR:
            table = years.setdefault(day.year, {"year": day.year, "papers": [], "days": []})
            table["days"].append({"name": name, "date": day.isoformat(), "isOffDay": off})
    return years


def differences(year: int) -> Iterator[Difference]:
    """The days of a year on which `holidays` says otherwise; all make-up days, where it only estimates the year."""
    from chinese_calendar import is_workday
    from holidays import country_holidays

    other = country_holidays("CN", years=(year - 1, year, year + 1))
    day = date(year, 1, 1)
    while day.year == year:
        ours, theirs = bool(is_workday(day)), bool(other.is_working_day(day))
        if ours != theirs:
            yield Difference(day, ours, theirs)
        day += timedelta(days=1)


def text(table: dict[str, Any]) -> str:
    """The file's text: one day a line, so that what a new notice changes is seen at once."""
    days = ",\n".join(f"  {json.dumps(day, ensure_ascii=False)}" for day in table["days"])
    return f'{{\n "year": {table["year"]},\n "papers": {json.dumps(table["papers"])},\n "days": [\n{days}\n ]\n}}\n'


def write_changed(years: dict[int, dict[str, Any]], folder: Path, known: dict[int, Path]) -> list[int]:
    """Writes the years whose days are not those of the `known` file, whole or not at all; which they were."""
    changed = [year for year, table in years.items() if _days(known.get(year)) != table["days"]]
    for year in changed:
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{year}.json.new"
        draft.write_text(text(years[year]), encoding="utf-8")
        draft.replace(folder / f"{year}.json")
    return changed


def _days(path: Path | None) -> Any:
    try:
        return None if path is None else json.loads(path.read_text(encoding="utf-8"))["days"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
