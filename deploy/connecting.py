"""The connectors of this machine: from a county pack or from YAML files, with what the environment lays over them."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from connectors.registry import SYSTEMS, System
from connectors.runtime.service import Entry
from connectors.runtime.settings import ConnectorSettings
from deploy import settings
from deploy.console import UserError, t
from deploy.county import CountyError, connector_file, load


def entries(names: Sequence[str] | None, county: str | None, files: Sequence[Path] | None) -> list[Entry]:
    """The connectors of a county pack (of PAIDAN_COUNTY unless told otherwise), or of YAML files; or those of `names`.

    Raises UserError naming everything that is wrong.
    """
    try:
        known = map(connector_file, files) if files else load(county or settings.county()).connectors.values()
        found = [_entry(one.name, SYSTEMS[one.system], one.settings) for one in known]
    except CountyError as problem:
        raise UserError(str(problem)) from problem
    unknown = sorted(set(names or ()) - {entry.name for entry in found})
    if unknown:
        there = ", ".join(entry.name for entry in found)
        raise UserError(t(f"没有连接器 {unknown[0]}；有：{there}", f"no connector {unknown[0]}; there are: {there}"))
    return [entry for entry in found if not names or entry.name in names]


def _entry(name: str, system: System, given: ConnectorSettings) -> Entry:
    final = _overridden(name, system, given)
    return Entry(name, final, lambda fittings: system.build(final, fittings))


def _overridden(name: str, system: System, given: ConnectorSettings) -> ConnectorSettings:
    """With what PAIDAN_CONNECTOR_<NAME> says: a JSON object laid over the YAML, for one run and one machine."""
    variable = f"PAIDAN_CONNECTOR_{name.upper().replace('-', '_')}"
    text = os.environ.get(variable)
    if not text:
        return given
    try:
        return system.settings.model_validate(_laid_over(given.model_dump(), json.loads(text)))
    except (ValueError, TypeError) as problem:
        raise UserError(f"{variable}: {problem}") from problem


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **below,
        **{
            key: _laid_over(below[key], value)
            if isinstance(value, Mapping) and isinstance(below.get(key), Mapping)
            else value
            for key, value in above.items()
        },
    }
