"""Builds a calendar from its files: the nation's tables by year or a list of holidays, and what a county lays over it.

A calendar `cn` is the folder `calendars/cn` with one `<year>.json` in the shape of holiday-cn; any other is the file
`calendars/<name>.yaml`. They are looked for in the county's pack, then in PAIDAN_HOME, then among those that come with
the program; a year's table is taken whole from the first that has it, so a new year needs no new release.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from deploy.console import t
from deploy.county.calendar_files import WEEKDAYS, CalendarFile, WholeCalendarFile, YearFile
from deploy.county.document import read, validate
from deploy.county.faults import CountyError, Fault, FaultKind, in_order, listed, suggestion
from streams.domain.calendar import Calendar, NamedDay
from streams.domain.office_hours import NINE_TO_FIVE

M = TypeVar("M", bound=BaseModel)

CALENDARS: Final = Path(__file__).parent.parent / "calendars"
"""Those that come with the program."""

OVERLAY: Final = "calendar.yaml"
"""In a county's pack: its own days and office hours."""

DEFAULT: Final = "cn"


class _Base(NamedTuple):
    """A calendar before a county lays its own over it. `file`: its own hours, where it is no nation's."""

    zone: ZoneInfo
    days: tuple[NamedDay, ...]
    first: date
    last: date
    file: CalendarFile | None = None


@dataclass(slots=True)
class CalendarInspection:
    """What `inspect_calendar` found."""

    calendar: Calendar | None = None
    faults: list[Fault] = field(default_factory=list)


def load_calendar(name: str, zone: ZoneInfo, *, pack: Path | None = None, home: Path | None = None) -> Calendar:
    """The calendar of that name, with the pack's `calendar.yaml` laid over it. Raises CountyError with every fault.

    `zone` is the county's; a calendar with a zone of its own keeps that. `home`: PAIDAN_HOME.
    """
    found = inspect_calendar(name, zone, pack=pack, home=home)
    if found.calendar is None:
        raise CountyError(found.faults)
    return found.calendar


def inspect_calendar(
    name: str, zone: ZoneInfo, *, pack: Path | None = None, home: Path | None = None
) -> CalendarInspection:
    """As `load_calendar`, but all that is wrong is in the answer."""
    found = CalendarInspection()
    base = _base(name, zone, folders(pack, home), found.faults)
    own = _file(CalendarFile, pack / OVERLAY, OVERLAY, found.faults) if pack and (pack / OVERLAY).exists() else None
    if base is not None and not found.faults:
        usual = base.file or CalendarFile()
        own = own or usual.model_copy(update={"days": ()})
        days = (*base.days, *own.named(county=True))
        week, make_up = own.week(usual.week(NINE_TO_FIVE)), WEEKDAYS.index(own.make_up_as)
        try:
            found.calendar = Calendar(name, base.zone, days, base.first, base.last, week=week, make_up_as=make_up)
        except ValueError as problem:
            # each file is in order; together they are not
            found.faults.append(Fault(OVERLAY, 0, "hours", str(problem), "", FaultKind.WRONG_VALUE))
    found.faults = in_order(found.faults)
    return found


def folders(pack: Path | None, home: Path | None) -> tuple[Path, ...]:
    """Where calendars are looked for, the first that has one wins."""
    return (*(where / "calendars" for where in (pack, home) if where is not None), CALENDARS)


def year_files(name: str, where: Sequence[Path]) -> dict[int, Path]:
    """The table of each year, from the first folder that has it, in order."""
    found: dict[int, Path] = {}
    for folder in where:
        for path in (folder / name).glob("[0-9][0-9][0-9][0-9].json"):
            found.setdefault(int(path.stem), path)
    return dict(sorted(found.items()))


def covered_years(tables: Sequence[YearFile]) -> range:
    """The years that are published, up to the first gap."""
    years = sorted(table.year for table in tables if table.days)
    last = next((year for year in years if year + 1 not in years), None)
    return range(0) if last is None else range(years[0], last + 1)


def _base(name: str, zone: ZoneInfo, where: Sequence[Path], faults: list[Fault]) -> _Base | None:
    tables = [table for path in year_files(name, where).values() if (table := _table(path, faults)) is not None]
    if tables or faults:
        return _national(zone, tables, where, name, faults)
    for folder in where:
        path = folder / f"{name}.yaml"
        if path.exists():
            file = _file(WholeCalendarFile, path, f"calendars/{path.name}", faults)
            if file is None:
                return None
            own = ZoneInfo(file.time_zone) if file.time_zone else zone
            return _Base(own, tuple(file.named(county=False)), file.covers.first, file.covers.last, file)
    faults.append(_unknown(name, where))
    return None


def _national(
    zone: ZoneInfo, tables: Sequence[YearFile], where: Sequence[Path], name: str, faults: list[Fault]
) -> _Base | None:
    years = covered_years(tables)
    if not years:
        if not faults:
            faults.append(_unknown(name, where))
        return None
    # a later notice changes what an earlier one said, and late December is in the next year's
    days = tuple(NamedDay(day.date, not day.isOffDay, day.name) for table in tables for day in table.days)
    return _Base(zone, days, date(years[0], 1, 1), date(years[-1], 12, 31))


def _table(path: Path, faults: list[Fault]) -> YearFile | None:
    shown = f"calendars/{path.parent.name}/{path.name}"
    table = _quickly(path) or _file(YearFile, path, shown, faults)
    if table is not None:
        said = [*_wrong_in(table, path, shown)]
        faults += said
        return None if said else table
    return None


def _quickly(path: Path) -> YearFile | None:
    """Without line numbers, in a hundredth of the time."""
    try:
        return YearFile.model_validate_json(path.read_bytes())
    except (ValidationError, OSError):
        return None


def _wrong_in(table: YearFile, path: Path, shown: str) -> Iterator[Fault]:
    seen: set[date] = set()
    for number, day in enumerate(table.days):
        if day.date in seen:
            found, would_do = t(f"{day.date} 重复", f"{day.date} twice"), t("只留一个", "keep one of them")
            yield _fault_in(path, shown, ("days", number), found, would_do)
        seen.add(day.date)
        if day.date.year not in (table.year - 1, table.year):
            would_do = t(f"{table.year} 年的日期", f"a date of {table.year}")
            yield _fault_in(path, shown, ("days", number, "date"), str(day.date), would_do)
    if str(table.year) != path.stem:
        found = t(f"年份 {table.year} 与文件名不同", f"year {table.year} is not the file's name")
        yield _fault_in(path, shown, ("year",), found, path.stem)


def _fault_in(path: Path, shown: str, loc: tuple[str | int, ...], found: str, would_do: str) -> Fault:
    document, _ = read(path, shown)
    if document is None:
        return Fault(shown, 0, ".".join(map(str, loc)), found, would_do, FaultKind.WRONG_VALUE)
    return document.fault(loc, FaultKind.WRONG_VALUE, found, would_do)


def _file(model: type[M], path: Path, shown: str, faults: list[Fault]) -> M | None:
    document, said = read(path, shown)
    faults += said
    if document is None:
        return None
    made, said = validate(model, document)
    faults += said
    return made


def _unknown(name: str, where: Sequence[Path]) -> Fault:
    known = {path.stem for folder in where for path in folder.glob("*.yaml")}
    known |= {path.name for folder in where for path in folder.glob("*") if path.is_dir()}
    found = t(f"没有日历 {name}", f"there is no calendar {name}")
    return Fault("calendars", 0, "", found, suggestion(name, known, listed(known)), FaultKind.NO_FILE)
