"""The county's deadlines as the oracle reads them: `deadlines.yaml` and `calendar.yaml` by plain YAML.

Says which rule is for which dispatch, and who is told what. Shares no code with `streams.domain`.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from ruamel.yaml import YAML

from deploy.simulate.days import Days

OURS: Final = frozenset({"sign", "route", "review", "callback"})
"""Clocks of the county centre: it alone is told of them."""

PASSED_BY: Final = ("p50", "p75", "p90", "yellow", "breach", "red", "overdue5")
GRAVE: Final = frozenset({"breach", "red", "overdue5"})
BY_DAY: Final = frozenset({"yellow", "red", "overdue5"})


class Rule(NamedTuple):
    """How long, in which unit, with which marks."""

    name: str
    amount: int
    unit: str
    marks: tuple[str, ...]
    pausable: bool


class Terms:
    """What `deadlines.yaml` says. Raises ValueError for what this reader does not know."""

    def __init__(self, pack: Path) -> None:
        said = YAML(typ="safe", pure=True).load((pack / "deadlines.yaml").read_text(encoding="utf-8"))
        if said["day_end"] != "24:00":
            raise ValueError("the oracle knows deadlines that end at 24:00")
        self._rules: dict[str, list[dict[str, Any]]] = said["clocks"]
        self._marks: dict[str, list[str]] = said["marks"]
        self.cap, self.times = int(said["extension"]["cap"]), int(said["extension"]["times"])
        self.quiet = _minutes(said["quiet"]["from"]), _minutes(said["quiet"]["to"])
        self.told: dict[str, tuple[str, ...]] = {mark: tuple(one["to"]) for mark, one in said["notices"].items()}
        self.rule = lru_cache(maxsize=None)(self._rule)
        for rule in (rule for rules in self._rules.values() for rule in rules):
            if {"level", "day_end"} & {*rule, *rule.get("when", ())}:
                raise ValueError("the oracle knows no levels and no rules of another kind")

    def _rule(self, clock: str, urgency: str, kind: str, category: str) -> Rule | None:
        found = [rule for rule in self._rules.get(clock, ()) if _for(rule.get("when", {}), urgency, kind, category)]
        if not found:
            return None
        rule = min(found, key=lambda one: one.get("order", 1))
        amount, unit = rule["within"].split()
        if unit not in {"minutes", "hours", "natural_days", "working_days"}:
            raise ValueError(f"the oracle knows no {unit}")
        marks = {*rule.get("marks", self._marks.get(clock, ())), "breach"}
        ordered = tuple(mark for mark in PASSED_BY if mark in marks)
        return Rule(rule["name"], int(amount), unit, ordered, bool(rule.get("pausable")))


def days_of(pack: Path, tables: Path, last: int) -> Days:
    """The nation's tables up to a year, and the county's own hours."""
    said = YAML(typ="safe", pure=True).load((pack / "calendar.yaml").read_text(encoding="utf-8"))
    if said["days"]:
        raise ValueError("the oracle knows no days of the county's own")
    hours = [tuple(map(_minutes, slot.split("-"))) for slot in said["hours"]]
    known = [path for path in tables.glob("[0-9]*.json") if int(path.stem) <= last]
    return Days(known, [(since, to) for since, to in hours], {})


def _for(when: dict[str, list[str]], urgency: str, kind: str, category: str) -> bool:
    fits = {"urgency": urgency, "kind": kind}
    if any(name in when and value not in when[name] for name, value in fits.items()):
        return False
    parts = category.split(".")
    above = {".".join(parts[:number]) for number in range(1, len(parts) + 1)}
    return "category" not in when or bool(above & {*when["category"]})


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
