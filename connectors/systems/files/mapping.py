"""The columns of a file, seen through the mapping of its YAML. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from unicodedata import normalize
from zoneinfo import ZoneInfo

from connectors.systems.files.origin import Origin
from connectors.systems.files.rows import Cell, column_key, has, look_up, lost_digits, text_of
from connectors.systems.files.settings import FilesSettings, From
from connectors.systems.files.times import instant

LINE_MOST: Final = 500
"""Characters of a short text."""
_NUMBER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,79}")
_SCIENTIFIC: Final = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
"""What a spreadsheet writes for a long number: its last digits are gone."""
_BLANKS: Final = re.compile(r"\s+")
_BLANK_ESCAPE: Final = re.compile("_x000[9ADad]_")
"""A line end as a workbook escapes it, and as many exports pass it on."""
_CUT: Final = "……（过长，已截断）"


@dataclass(frozen=True, slots=True)
class Plan:
    """A `From` with its names as keys and its pattern compiled."""

    rule: From
    column: tuple[str, ...]
    first: tuple[str, ...]
    join: tuple[str, ...]
    find: re.Pattern[str] | None

    @classmethod
    def of(cls, rule: From) -> "Plan":
        """Ready for use."""
        column, first, join = (tuple(map(column_key, names)) for names in (rule.column, rule.first, rule.join))
        return cls(rule, column, first, join, re.compile(rule.find) if rule.find else None)


class Plans:
    """All plans of one YAML."""

    def __init__(self, settings: FilesSettings) -> None:
        rules = {name: getattr(settings.fields, name) for name in type(settings.fields).model_fields}
        self.fields = {name: Plan.of(rule) for name, rule in rules.items() if rule is not None}
        self.kept = {name: Plan.of(rule) for name, rule in settings.keep.items()}
        self.nothing = frozenset(settings.table.nothing)
        self.formats = settings.times.formats
        self.zone = ZoneInfo(settings.times.zone)

        self.columns = frozenset(name for plan in self._all() for name in (*plan.column, *plan.first, *plan.join))

    def _all(self) -> list[Plan]:
        return [*self.fields.values(), *self.kept.values()]

    def satisfied(self, field: str, columns: Sequence[str]) -> bool:
        """Whether a table with these columns (as keys) has one that the field may stand in."""
        plan = self.fields[field]
        named = (*plan.column, *plan.first, *plan.join)
        return not named or any(has(columns, name) for name in named)

    def wording(self, field: str) -> list[str]:
        """The names under which the YAML looks for the field."""
        rule = self.fields[field].rule
        return [*rule.column, *rule.first, *rule.join]

    def over(self, cells: Mapping[str, Cell], origin: Origin) -> "Mapped":
        """One row, by our field names."""
        return Mapped(self, cells, origin)


class Mapped:
    """One row, by our field names. A field that is not mapped is empty."""

    __slots__ = ("_cells", "_origin", "_plans")

    def __init__(self, plans: Plans, cells: Mapping[str, Cell], origin: Origin) -> None:
        self._plans = plans
        self._cells = cells
        self._origin = origin

    def has(self, field: str) -> bool:
        """Whether the YAML maps it."""
        return field in self._plans.fields

    def number(self, field: str) -> str | None:
        """An identifier; None where there is none, or a spreadsheet has ruined it."""
        plan = self._plans.fields.get(field)
        if plan is None or lost_digits(self._cell(plan)):
            return None
        text = normalize("NFKC", self._planned(plan))
        return text if _NUMBER.fullmatch(text) and not _SCIENTIFIC.fullmatch(text) else None

    def time(self, field: str, *, end_of_day: bool = False) -> datetime | None:
        """An instant in UTC; None where there is none that could be one."""
        plan = self._plans.fields.get(field)
        if plan is None:
            return None
        rule = plan.rule
        cell: Any = self._cell(plan)
        if isinstance(cell, str) or rule.find or rule.replace or rule.split or not text_of(cell):
            cell = self._planned(plan)
        zone = ZoneInfo(rule.zone) if rule.zone else self._plans.zone
        return instant(cell, rule.formats or self._plans.formats, zone, end_of_day=end_of_day)

    def text(self, field: str) -> str:
        """A text; empty where there is none."""
        plan = self._plans.fields.get(field)
        return "" if plan is None else self._planned(plan)

    def line(self, field: str) -> str | None:
        """A short text in one line."""
        return cut(one_line(self.text(field)), LINE_MOST) or None

    def phone(self, field: str) -> str | None:
        """A telephone number, in usual digits."""
        return cut(normalize("NFKC", self.text(field)), LINE_MOST) or None

    def kept(self) -> dict[str, str]:
        """The further columns that the YAML asks to keep, those that are not empty."""
        return {name: text for name, plan in self._plans.kept.items() if (text := self._planned(plan))}

    def _planned(self, plan: Plan) -> str:
        rule = plan.rule
        if plan.join:
            text = rule.between.join(text for name in plan.join if (text := self._filled(name)))
        else:
            text = self._clean(self._cell(plan))
        if plan.find is not None:
            match = plan.find.search(text)
            text = "" if match is None else (match[1] if match.re.groups else match[0]) or ""
        for old, new in rule.replace.items():
            text = text.replace(old, new)
        if rule.split is not None and rule.part is not None:
            parts = text.split(rule.split)
            text = parts[rule.part - 1].strip() if rule.part <= len(parts) else ""
        return text or rule.otherwise or ""

    def _cell(self, plan: Plan) -> Cell:
        rule = plan.rule
        if rule.value is not None:
            return rule.value
        if rule.file is not None:
            return self._origin.name if rule.file == "name" else self._origin.modified
        if plan.first:
            return next((look_up(self._cells, name) for name in plan.first if self._filled(name)), None)
        return next((cell for name in plan.column if (cell := look_up(self._cells, name)) is not None), None)

    def _filled(self, name: str) -> str:
        return self._clean(look_up(self._cells, name))

    def _clean(self, cell: Cell) -> str:
        text = ",".join(map(text_of, cell)) if isinstance(cell, list) else text_of(cell)
        if "_x000" in text:
            text = _BLANK_ESCAPE.sub("\n", text).strip()
        return "" if text in self._plans.nothing else text


def one_line(text: str) -> str:
    """Every run of blanks and line ends is one blank."""
    return _BLANKS.sub(" ", text).strip()


def cut(text: str, most: int) -> str:
    """At most so many characters; says so where something is missing."""
    return text if len(text) <= most else text[: most - len(_CUT)] + _CUT
