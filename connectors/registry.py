"""Every kind of outside system, one line each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from connectors.runtime.ports import Fittings, Parts
from connectors.runtime.settings import ConnectorSettings
from connectors.systems.city_rest import CityRestSettings, build_city_rest
from connectors.systems.files import FilesSettings, build_files


@dataclass(frozen=True, slots=True)
class System:
    """`settings` is what its YAML is checked against; `build` makes its parts and opens no connection yet."""

    settings: type[ConnectorSettings]
    build: Callable[[Any, Fittings], Parts]


SYSTEMS: Final[dict[str, System]] = {
    "city_rest": System(CityRestSettings, build_city_rest),
    "files": System(FilesSettings, build_files),
}
