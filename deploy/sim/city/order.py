"""One order as the city holds it, in words of no dialect."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """What the city says of an order. All but `open` are final, unless the order is issued again."""

    OPEN = "open"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


KINDS = ("consult", "help", "complaint", "report", "suggestion", "praise")
URGENCIES = ("normal", "urgent", "critical")
CHANNELS = ("phone", "web", "wechat", "app", "inspector", "province", "mail")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Times are whole epoch seconds of the city's own clock. `version` counts what the city shows differently."""

    number: str
    version: int = 1
    status: Status = Status.OPEN
    round: int = 1
    merged_into: str = ""
    title: str
    content: str
    kind: str
    urgency: str
    category: str
    """Six digits, 2+2+2."""
    category_name: str
    area: str
    town: str
    community: str
    address: str
    longitude: float
    latitude: float
    caller: str
    phone: str
    contact_phone: str
    secret: bool
    channel: str
    about: str
    """The unit complained about, by name or code; mostly empty."""
    issued_at: int
    updated_at: int
    due_at: int
    opinion: str
    attachments: tuple[str, ...] = ()
