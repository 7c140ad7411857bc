"""The usual interface of a Chinese city's 12345 platform: JSON over HTTP, described by one YAML for each city.

Nothing here names a particular city: paths, fields, codes, times, paging, login and verdicts are settings.
"""

from connectors.systems.city_rest.build import build_city_rest, mapping_digest
from connectors.systems.city_rest.settings import CityRestSettings

__all__ = ["CityRestSettings", "build_city_rest", "mapping_digest"]
