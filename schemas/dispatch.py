"""A dispatch (派单): one order that the city sent, as the city shows it at one moment.

A connector writes such a snapshot whenever the city's view may have changed. Whether it is new, amended, withdrawn,
ordered again or the same is decided by the cases agent from its row, never by the connector.
"""

from enum import StrEnum
from hashlib import blake2b
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from schemas.base import Code, DispatchId, Instant, Line, Message, Text


class CityStatus(StrEnum):
    """What the city says of its own order."""

    OPEN = "open"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


class Kind(StrEnum):
    """工单类型: 咨询, 求助, 投诉, 举报, 建议, 表扬."""

    CONSULT = "consult"
    HELP = "help"
    COMPLAINT = "complaint"
    REPORT = "report"
    SUGGESTION = "suggestion"
    PRAISE = "praise"
    OTHER = "other"


class Urgency(StrEnum):
    """一般, 紧急, 特急."""

    NORMAL = "normal"
    URGENT = "urgent"
    CRITICAL = "critical"


class Channel(StrEnum):
    """How the citizen reached the city."""

    PHONE = "phone"
    WEB = "web"
    WECHAT = "wechat"
    APP = "app"
    INSPECTOR = "inspector"
    PROVINCE = "province"
    MAIL = "mail"
    OTHER = "other"


class Unknown(StrEnum):
    """A field whose city code no table of the county knows. The code itself is kept in `city_codes`."""

    CATEGORY = "category"
    AREA = "area"
    URGENCY = "urgency"
    KIND = "kind"
    CHANNEL = "channel"
    ABOUT = "about"


CategoryCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+(\.[a-z0-9_-]+){0,2}$")]
"""Up to three levels joined by dots, in the county's own words: `utilities.water.outage`."""

UNKNOWN_CATEGORY: Final = "unknown"


class Caller(Message):
    """Who called. Present only where the reader may see it."""

    name: Line | None = None
    phone: Line | None = None
    contact_phone: Line | None = None


class Place(Message):
    """Where. `area_code` is GB/T 2260 (6 digits) with township (9) and community (12)."""

    area_code: Annotated[str, StringConstraints(pattern=r"^(\d{6}|\d{9}|\d{12})$")] | None = None
    township: Line | None = None
    community: Line | None = None
    address: Line | None = None
    longitude: float | None = None
    latitude: float | None = None


class Attachment(Message):
    """A file by reference; the bytes never travel in a message. `url` is the owner's link and may expire."""

    id: Line
    name: Line
    media_type: Line | None = None
    size: int | None = None
    sha256: Line | None = None
    url: Text | None = None


class Dispatch(Message):
    """One order of the city (field list: domain study 2.9)."""

    id: DispatchId
    source: Code
    number: Line
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
    """Of the content fields; see `content_digest`. Equal content has an equal digest, whoever read it and when."""
    status: CityStatus = CityStatus.OPEN
    round: int = Field(default=1, ge=1)
    """1 for the first order; each redo (重办) is the next."""
    merged_into: DispatchId | None = None
    issued_at: Instant
    updated_at: Instant
    """The city's own update time. Not in the digest: a touch without a change is no amendment."""
    due_at: Instant | None = None
    """The city's own deadline. Never overwritten by ours."""
    channel: Channel = Channel.OTHER
    kind: Kind = Kind.OTHER
    urgency: Urgency = Urgency.NORMAL
    title: Line
    body: Text = ""
    category: CategoryCode = UNKNOWN_CATEGORY
    category_names: tuple[Line, ...] = ()
    """The city's words for the category, level by level, to show to people."""
    place: Place = Place()
    caller: Caller | None = None
    secret: bool = False
    """保密: the caller asked that nobody is told who called."""
    about: tuple[Code, ...] = ()
    """Departments that the complaint is about: they never learn who complained."""
    attachments: tuple[Attachment, ...] = ()
    remark: Text = ""
    """派单意见: the city's note to whoever handles it."""
    city_codes: dict[str, str] = Field(default_factory=dict)
    """Field name -> the city's own code, for every coded field."""
    unknown: tuple[Unknown, ...] = ()
    """Coded fields that no table knows. The duty desk gets the dispatch; it is routed again when a table learns it."""


CONTENT_FIELDS: Final = frozenset(
    {
        "status", "round", "merged_into", "issued_at", "due_at", "channel", "kind", "urgency", "title", "body",
        "category", "place", "caller", "secret", "about", "attachments", "remark", "city_codes", "unknown",
    }
)  # fmt: skip
"""A named list, so that a field added later does not turn every known dispatch into an amendment."""


def content_digest(dispatch: Dispatch) -> str:
    """16 hex digits over the content fields of `dispatch`, whatever its `digest` says now."""
    content = dispatch.model_dump_json(include=set(CONTENT_FIELDS), exclude_none=True)
    return blake2b(content.encode(), digest_size=8).hexdigest()


def stamped(dispatch: Dispatch) -> Dispatch:
    """The same dispatch with the digest of its content."""
    return dispatch.model_copy(update={"digest": content_digest(dispatch)})
