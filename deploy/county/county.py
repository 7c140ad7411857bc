"""A county pack that was read and found in order."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.runtime.settings import ConnectorSettings
from deploy.county.faults import Fault
from deploy.county.files import Expectation, Names
from streams.domain.policy import Department, Policy
from streams.domain.timetable import Timetable


@dataclass(frozen=True, slots=True)
class ConnectorEntry:
    """One `connectors/<name>.yaml`. `settings` is an instance of the system's own settings model."""

    name: str
    system: str
    settings: ConnectorSettings
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    """How one county works, as its files say."""

    name: str
    """The county's code: also the name of its folder."""
    names: Names
    folder: Path
    zone: ZoneInfo
    area: str | None
    policy: Policy
    connectors: Mapping[str, ConnectorEntry]
    categories: Mapping[str, Names]
    """Every code of the tree, of all three levels, parents first."""
    areas: Mapping[str, Names]
    timetable: Timetable | None
    """The deadlines on the county's calendar; None where it has no `deadlines.yaml`."""
    expectations: tuple[Expectation, ...]
    warnings: tuple[Fault, ...] = ()

    @property
    def departments(self) -> tuple[Department, ...]:
        """All of them, also those switched off, by code."""
        return self.policy.departments
