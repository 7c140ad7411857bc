"""A county pack for a simulation: the same policy, polled faster; and what its city's orders are about."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from connectors.systems.city_rest.settings import CityRestSettings
from deploy.county import County, folder_of
from deploy.sim.city.generator import Ground
from schemas.clock import Unit
from streams.domain.spans import Amount

FAST: dict[str, dict[str, Any]] = {
    "pull": {"every": "500ms", "overlap": "5s", "lag": "1s", "first": "1h"},
    "budget": {"per_second": 400, "burst": 100},
    "push": {"parallel": 16, "settle": "200ms"},
    "retry": {"first": "100ms", "longest": "2s"},
    "breaker": {"pause": "500ms", "longest": "2s"},
}
"""In place of the settings that a real city's limits ask for; the simulated one has none."""


WIDENED = "（演示放宽）"
"""After the name of a rule whose limit is not the county's own."""

_MINUTES = {Unit.MINUTES: 1, Unit.HOURS: 60}


def fast_copy(
    name_or_folder: str,
    to: Path,
    changes: dict[str, dict[str, Any]] | None = None,
    least: Mapping[str, str] | None = None,
) -> Path:
    """A copy of the pack whose city connectors have `changes` (FAST unless told otherwise); returns its folder.

    `least`: clock -> `6 hours`; rules of minutes and hours that allow less than that allow so much there.
    """
    source = folder_of(name_or_folder)
    target = to / source.name
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    yaml = YAML()
    for file in sorted(target.glob("connectors/*.yaml")):
        document = yaml.load(file)
        if document.get("system") != "city_rest":
            continue
        for section, values in (FAST if changes is None else changes).items():
            document.setdefault(section, {}).update(values)
        document.pop("sweeps", None)
        yaml.dump(document, file)
    deadlines = target / "deadlines.yaml"
    if least and deadlines.exists():
        document = yaml.load(deadlines)
        for clock, limit in least.items():
            for rule in document["clocks"].get(clock, ()):
                _widen(rule, limit)
        yaml.dump(document, deadlines)
    return target


def _widen(rule: dict[str, Any], limit: str) -> None:
    own, least = Amount.parse(rule["within"]), Amount.parse(limit)
    if own.unit in _MINUTES and own.value * _MINUTES[own.unit] < least.value * _MINUTES[least.unit]:
        rule["within"], rule["name"] = limit, rule["name"] + WIDENED


def ground_of(county: County) -> Ground:
    """What the county's first REST city may issue: its own codes, the county's names."""
    for entry in county.connectors.values():
        if isinstance(entry.settings, CityRestSettings):
            codes = entry.settings.codes
            categories = tuple((code, _words(county, ours.to)) for code, ours in codes.category.items())
            areas = tuple((code, name) for code, name in codes.area.items() if len(code) == 9)
            return Ground(categories, areas, tuple(codes.about))
    return Ground()


def _words(county: County, category: str) -> str:
    parts = category.split(".")
    levels = (".".join(parts[: depth + 1]) for depth in range(len(parts)))
    return "/".join(county.categories[level].zh for level in levels)
