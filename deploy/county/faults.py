"""What is wrong with a county pack: which file, which line, which key, what was found and what would do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from deploy.console import t


class FaultKind(StrEnum):
    """What can be wrong in the files. What can be wrong in the rules: `streams.domain.policy.FaultKind`."""

    NO_PACK = "no_pack"
    NO_FILE = "no_file"
    NOT_UTF8 = "not_utf8"
    SYNTAX = "syntax"
    DUPLICATE_KEY = "duplicate_key"
    MISSING = "missing"
    UNKNOWN_FIELD = "unknown_field"
    WRONG_TYPE = "wrong_type"
    WRONG_VALUE = "wrong_value"
    FILE_NAME = "file_name"
    """The file is not named after the code it holds."""
    UNKNOWN_DEPARTMENT = "unknown_department"
    UNKNOWN_CATEGORY = "unknown_category"
    UNKNOWN_AREA = "unknown_area"
    UNKNOWN_SYSTEM = "unknown_system"
    UNKNOWN_SOURCE = "unknown_source"
    SOURCE_TWICE = "source_twice"
    TOO_DEEP = "too_deep"
    """A category below the third level."""
    NO_BACKSTOP = "no_backstop"
    """The root of the routes has no lead."""


class WarningKind(StrEnum):
    """What is odd but does not keep the pack from being used."""

    CATEGORY_UNTAKEN = "category_untaken"
    """No department takes it."""
    DEPARTMENT_UNREACHED = "department_unreached"
    """No route leads to it."""
    LEAD_DOES_NOT_TAKE = "lead_does_not_take"
    """A route leads a category to a department whose `takes` does not have it."""
    NO_EXPECTATIONS = "no_expectations"
    NO_CONNECTORS = "no_connectors"
    CASE_WITHOUT_DEADLINE = "case_without_deadline"
    """A clock has no rule for some urgency and kind."""
    CALENDAR_ENDS = "calendar_ends"
    """Deadlines will soon be provisional: the next year's holidays are not in the calendar."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault or warning. The texts are in the operator's language; `kind` is a word from a closed list."""

    file: str
    """Relative to the pack, with forward slashes."""
    line: int
    """From 1; 0 where the file itself is the fault."""
    key: str
    """Path to the key: `routes.3.lead`; empty for the whole file."""
    found: str
    would_do: str
    kind: str

    def text(self) -> str:
        """One line: file, line, key, what was found, what would do."""
        key = f" {self.key}:" if self.key else ""
        hint = t(f"；应为：{self.would_do}", f"; would do: {self.would_do}") if self.would_do else ""
        return f"{self.file}:{self.line}:{key} {self.found}{hint}"


class CountyError(Exception):
    """The pack cannot be used. All its faults at once, in the order of file and line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = in_order(faults)
        super().__init__("\n".join(fault.text() for fault in self.faults))


def in_order(faults: Iterable[Fault]) -> list[Fault]:
    """By file and line."""
    return sorted(faults, key=lambda fault: (fault.file, fault.line, fault.key))


def suggestion(found: str, known: Iterable[str], otherwise: str) -> str:
    """`did you mean ...?` where a known word is near, else `otherwise`."""
    close: Sequence[str] = get_close_matches(found, list(known), n=2, cutoff=0.6)
    if not close:
        return otherwise
    words = t(" 或 ", " or ").join(close)
    return t(f"是否想写 {words}？", f"did you mean {words}?")


def listed(words: Iterable[str], most: int = 12) -> str:
    """The words with commas, the rest counted."""
    every = sorted(words)
    rest = len(every) - most
    more = t(f" 等 {len(every)} 个", f" and {rest} more") if rest > 0 else ""
    return ", ".join(every[:most]) + more
