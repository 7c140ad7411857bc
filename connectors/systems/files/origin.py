"""The file a row comes from, as far as a mapping may ask for it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """`modified` is in UTC; None where only a quarantined row is left of the file."""

    name: str
    modified: datetime | None
