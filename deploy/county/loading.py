"""Reads a whole pack and names all that is wrong with it at once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from connectors.registry import SYSTEMS
from connectors.runtime.settings import ConnectorSettings
from deploy import settings
from deploy.console import t
from deploy.county.calendars import inspect_calendar
from deploy.county.categories import flat
from deploy.county.county import ConnectorEntry, County
from deploy.county.crosscheck import cross_faults, expectation_faults
from deploy.county.document import Document, read, validate
from deploy.county.faults import CountyError, Fault, FaultKind, in_order, listed, suggestion
from deploy.county.files import (
    AreasFile,
    CategoriesFile,
    ConnectorHead,
    CountyFile,
    DepartmentFile,
    Expectation,
    ExpectationsFile,
    RoutesFile,
)
from deploy.county.folders import folder_of
from deploy.county.pack import Pack
from deploy.county.warnings import warnings
from streams.domain.calendar import Calendar
from streams.domain.deadlines import Deadlines
from streams.domain.policy import Policy
from streams.domain.timetable import Timetable

M = TypeVar("M", bound=BaseModel)


@dataclass(slots=True)
class Inspection:
    """What `inspect` found: the county where it can be used, and everything that is wrong or odd."""

    folder: Path
    county: County | None = None
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


def load(name_or_folder: str) -> County:
    """The county pack of that name or in that folder. Raises CountyError with every fault it has."""
    inspection = inspect(name_or_folder)
    if inspection.county is None:
        raise CountyError(inspection.faults)
    return inspection.county


def inspect(name_or_folder: str) -> Inspection:
    """Everything about a pack. Raises CountyError only where there is no such folder."""
    folder = folder_of(name_or_folder)
    found = Inspection(folder)
    pack = _read(folder, found.faults)
    found.faults += cross_faults(pack)
    calendar = _calendar(folder, pack, found.faults)
    found.faults = in_order(found.faults)
    if not found.faults:
        found.warnings = in_order(warnings(pack))
        found.county = _county(folder, pack, calendar, tuple(found.warnings))
    return found


def read_expectations(path: Path, county: County) -> tuple[Expectation, ...]:
    """The expectations in any file, for this county. Raises CountyError."""
    faults: list[Fault] = []
    file, document = _one(path.parent, path.name, ExpectationsFile, faults)
    if file is not None and document is not None:
        departments = [department.code for department in county.departments]
        faults += expectation_faults(file, document, county.categories, departments)
    if faults or file is None:
        raise CountyError(faults)
    return file.expect


def _read(folder: Path, faults: list[Fault]) -> Pack:
    pack = Pack()
    pack.county, pack.county_doc = _one(folder, "county.yaml", CountyFile, faults)
    pack.categories, pack.categories_doc = _one(folder, "categories.yaml", CategoriesFile, faults)
    pack.routes, pack.routes_doc = _one(folder, "routes.yaml", RoutesFile, faults)
    if (folder / "areas.yaml").exists():
        pack.areas, pack.areas_doc = _one(folder, "areas.yaml", AreasFile, faults)
    if (folder / "deadlines.yaml").exists():
        pack.deadlines, pack.deadlines_doc = _one(folder, "deadlines.yaml", Deadlines, faults)
    if (folder / "routes.expect.yaml").exists():
        pack.expectations, pack.expectations_doc = _one(folder, "routes.expect.yaml", ExpectationsFile, faults)
    for path in sorted(folder.glob("departments/*.yaml")):
        department, document = _one(folder, f"departments/{path.name}", DepartmentFile, faults)
        pack.department_docs[path.stem] = document
        if department is not None and document is not None:
            faults += _named_after(document, department.code, path.stem)
            pack.departments[path.stem] = department
    for path in sorted(folder.glob("connectors/*.yaml")):
        entry, document = _connector(path, f"connectors/{path.name}", faults)
        if document is not None:
            pack.connector_docs[path.stem] = document
        if entry is not None:
            pack.connectors[path.stem] = entry
    return pack


def _one(
    folder: Path, name: str, model: type[M], faults: list[Fault], shown: str | None = None
) -> tuple[M | None, Document | None]:
    document, said = read(folder / name, shown or name)
    faults += said
    if document is None:
        return None, None
    made, said = validate(model, document)
    faults += said
    return made, document


def _named_after(document: Document, code: str, stem: str) -> Iterator[Fault]:
    if code != stem:
        found = t(f"代码 {code} 与文件名不同", f"code {code} is not the file's name")
        yield document.fault(
            ("code",), FaultKind.FILE_NAME, found, t(f"文件名改为 {code}.yaml", f"rename it to {code}.yaml")
        )


def connector_file(path: Path) -> ConnectorEntry:
    """One connector, from a YAML that belongs to no pack; it is named after its file. Raises CountyError."""
    faults: list[Fault] = []
    entry, _ = _connector(path, str(path), faults)
    if faults or entry is None:
        raise CountyError(faults)
    return entry


def _connector(path: Path, file: str, faults: list[Fault]) -> tuple[ConnectorEntry | None, Document | None]:
    head, document = _one(path.parent, path.name, ConnectorHead, faults, file)
    if head is None or document is None:
        return None, document
    system = SYSTEMS.get(head.system)
    if system is None:
        would_do = suggestion(head.system, SYSTEMS, listed(SYSTEMS))
        faults.append(document.fault(("system",), FaultKind.UNKNOWN_SYSTEM, f'"{head.system}"', would_do))
        return None, document
    settings: ConnectorSettings | None
    settings, said = validate(system.settings, document, without="system")
    faults += said
    return (None if settings is None else ConnectorEntry(path.stem, head.system, settings, path)), document


def _calendar(folder: Path, pack: Pack, faults: list[Fault]) -> Calendar | None:
    """The one that the deadlines name."""
    if pack.deadlines is None or pack.county is None or pack.deadlines_doc is None:
        return None
    found = inspect_calendar(
        pack.deadlines.calendar, ZoneInfo(pack.county.time_zone), pack=folder, home=settings.home()
    )
    faults += found.faults
    return found.calendar


def _county(folder: Path, pack: Pack, calendar: Calendar | None, odd: tuple[Fault, ...]) -> County:
    if pack.county is None or pack.categories is None:
        raise AssertionError("a pack without faults has these files")
    policy: Policy = pack.policy()
    return County(
        name=pack.county.code,
        names=pack.county.name,
        folder=folder,
        zone=ZoneInfo(pack.county.time_zone),
        area=pack.county.area,
        policy=policy,
        timetable=_timetable(pack, calendar, policy),
        connectors=dict(pack.connectors),
        categories=flat(pack.categories),
        areas={} if pack.areas is None else dict(pack.areas.areas),
        expectations=() if pack.expectations is None else pack.expectations.expect,
        warnings=odd,
    )


def _timetable(pack: Pack, calendar: Calendar | None, policy: Policy) -> Timetable | None:
    if pack.deadlines is None or calendar is None:
        return None
    return Timetable(pack.deadlines, calendar, {one.code: one.kind for one in policy.departments})
