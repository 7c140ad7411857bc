"""One question, and the column of the books that its answers count into."""

from dataclasses import dataclass
from enum import StrEnum


class Column(StrEnum):
    """Where an offence is counted."""

    LOST = "lost"
    MISROUTED = "misrouted"
    REPEATED = "repeated_effects"
    ORDER = "out_of_order"
    STALE = "stale_rows"
    UNEXPLAINED = "unexplained"
    """Something that nobody sent, or that cannot be read."""


class Needs(StrEnum):
    """What must have been read besides the topics for the question to make sense."""

    NOTHING = "nothing"
    CITY = "city"
    """The city's journal."""
    EXPECTED = "expected"
    """Somebody else's opinion of the routing."""


@dataclass(frozen=True, slots=True)
class Check:
    """`sql` answers rows of (dispatch or number, where). `zh` and `en` say what is wrong with them."""

    name: str
    column: Column
    zh: str
    en: str
    sql: str
    needs: Needs = Needs.NOTHING
