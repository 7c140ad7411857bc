"""Fills `{name}` in a request's templates. Pure."""

import re
from collections.abc import Mapping
from typing import Final

_NAME: Final = re.compile(r"\{([a-z_0-9]+)\}")


def names(template: str) -> frozenset[str]:
    """What it asks for."""
    return frozenset(_NAME.findall(template))


def fill(template: str, values: Mapping[str, str]) -> str:
    """With values in place. Raises KeyError for a name that has none: settings are checked before."""
    return _NAME.sub(lambda match: values[match[1]], template)


def fill_all(templates: Mapping[str, str], values: Mapping[str, str], *, keep_empty: bool) -> dict[str, str]:
    """Each entry filled; those that come out empty are left out unless they are kept."""
    filled = {name: fill(template, values) for name, template in templates.items()}
    return {name: value for name, value in filled.items() if value or keep_empty}
