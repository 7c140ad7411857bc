"""Where a rule of `deadlines.yaml` stands."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.county.document import read
from schemas.clock import ClockName

FILE: Final = "deadlines.yaml"

Lines = Mapping[tuple[ClockName, str], int]
"""Clock and name of the rule -> the line, from 1."""


def lines(folder: Path) -> Lines:
    """Of all rules of the pack in `folder`, which is in order; nothing where it has no such file."""
    document, _ = read(folder / FILE, FILE)
    if document is None:
        return {}
    return {
        (ClockName(clock), rule["name"]): document.line(("clocks", clock, number))
        for clock, rules in document.data["clocks"].items()
        for number, rule in enumerate(rules)
    }
