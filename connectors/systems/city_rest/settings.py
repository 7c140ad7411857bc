"""Everything about a city's interface that differs from city to city: one YAML, read into `CityRestSettings`."""

import re
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from connectors.runtime.settings import ConnectorSettings, Duration, Strict
from connectors.systems.city_rest.template import names as template_names
from schemas.base import Code
from schemas.dispatch import CategoryCode, Channel, CityStatus, Kind, Urgency
from schemas.feedback import FeedbackKind, Timeliness


def _text(value: Any) -> Any:
    # YAML reads 01 as a number and yes as a truth; a city's codes are texts
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    raise ValueError("write codes in quotes")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name} is no time zone") from None
    return name


_PATH = re.compile(r"[^.\s]+(\.[^.\s]+)*")


def _path(value: str) -> str:
    if not _PATH.fullmatch(value):
        raise ValueError("write a path into the JSON as a.b.c")
    return value


Zone = Annotated[str, AfterValidator(_zone)]
Path = Annotated[str, AfterValidator(_path)]
Word = Annotated[str, BeforeValidator(_text)]


def _knows(*names: str) -> AfterValidator:
    """Text with `{name}` where a value goes, from this list."""
    allowed = frozenset(names)

    def check(template: str) -> str:
        for name in sorted(template_names(template) - allowed):
            raise ValueError(f"{{{name}}} is no value here; there are {', '.join(sorted(allowed))}")
        return template

    return AfterValidator(check)


LoginTemplate = Annotated[str, _knows("key", "secret")]
TokenTemplate = Annotated[str, _knows("token")]
SignedTemplate = Annotated[str, _knows("key", "epoch", "epoch_ms", "nonce", "time")]
PairTemplate = Annotated[str, _knows("name", "value")]
StartTemplate = Annotated[str, _knows("start", "end")]
PageTemplate = Annotated[str, _knows("start", "end", "page", "size", *(f"after{part}" for part in range(1, 10)))]
NumberTemplate = Annotated[str, _knows("number")]
ReadBackTemplate = Annotated[str, _knows("number", "id")]
PushTemplate = Annotated[
    str,
    _knows(
        "number", "id", "kind", "round", "occurred_at", "unit", "note", "public_reply", "contacted", "contacted_at",
        "founded", "solved", "unsolved_reason", "reason", "extend_days", "timeliness",
        "attachments",
    ),
]  # fmt: skip

Verdict = Literal["success", "busy", "error", "expired", "not_found", "exists", "rejected"]


class Rule(Strict):
    """One line of the table that tells what an answer means: the first that holds decides.

    Holds when the HTTP status is among `status` (if given) and the text at `path` among `values` (if given).
    """

    means: Verdict
    status: tuple[int, ...] = ()
    path: Path | None = None
    values: tuple[Word, ...] = ()

    @model_validator(mode="after")
    def _says(self) -> Self:
        if bool(self.path) != bool(self.values) or not (self.status or self.path):
            raise ValueError("a rule has `status`, or `path` and `values`, or all three")
        return self


class Envelope(Strict):
    """How the city says whether it worked. HTTP alone decides where no rule holds: 401, 403, 3xx and an HTML page
    are an expired session, 429 is busy, 5xx an error."""

    rules: tuple[Rule, ...]
    code: Path
    """Where its own code is, for the record."""
    message: Path


class TokenAuth(Strict):
    """Log in, get a token, send it as a header."""

    kind: Literal["token"]
    method: Literal["GET", "POST"] = "POST"
    path: str
    body: dict[str, LoginTemplate] = Field(default_factory=dict)
    params: dict[str, LoginTemplate] = Field(default_factory=dict)
    key: str
    secret: str
    token: Path
    expires_in: Path | None = None
    """Seconds."""
    life: Duration | None = None
    """Where the city does not say."""
    header: str = "Authorization"
    value: TokenTemplate = "{token}"


class SignedAuth(Strict):
    """Every request carries a signature over its query: an HMAC of `k=v` sorted by name and joined."""

    kind: Literal["signed"]
    algorithm: Literal["hmac-sm3", "hmac-sha256"]
    key: str
    secret: str
    params: dict[str, SignedTemplate]
    """Added to each query; {epoch}, {epoch_ms} and {time} are the city's own now."""
    signature: str
    """The parameter that holds it, in hex."""
    pair: PairTemplate = "{name}={value}"
    joiner: str = "&"
    upper: bool = False
    over_body: bool = False
    """Fields of a JSON body are signed with the query."""


class NoAuth(Strict):
    """Open, or behind something that identifies us by address or certificate."""

    kind: Literal["none"] = "none"


class NumberedPaging(Strict):
    """By page number: {page} and {size}."""

    kind: Literal["numbered"]
    first: int = 1
    size: int = Field(ge=1)
    cap: int | None = Field(default=None, ge=1)
    ascending: bool = True
    total: Path | None = None


class ChainedPaging(Strict):
    """Each page names the next: {after1}, {after2}, ... are the parts of its token.

    The token is the text at `next`; or, where the city has none, it is made of the last row's fields `keyset` as
    long as pages are full.
    """

    kind: Literal["chained"]
    size: int = Field(ge=1)
    next: Path | None = None
    keyset: tuple[Path, ...] = ()
    separator: str = "|"
    start: tuple[StartTemplate, ...]
    """The parts for the first page, with {start}."""
    ascending: bool = True

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.next is None) == (not self.keyset):
            raise ValueError("either `next` or `keyset`")
        return self


class WholePaging(Strict):
    """One answer holds the whole window."""

    kind: Literal["whole"]


Paging = Annotated[NumberedPaging | ChainedPaging | WholePaging, Field(discriminator="kind")]


class Call(Strict):
    """What all kinds of call have in common. An entry of the query or body that comes out empty is left out."""

    method: Literal["GET", "POST", "PUT"] = "GET"
    form: bool = False
    """The body as a form instead of JSON."""
    keep_empty: bool = False


class ListCall(Call):
    """The list by update time."""

    path: str
    params: dict[str, PageTemplate] = Field(default_factory=dict)
    body: dict[str, PageTemplate] = Field(default_factory=dict)
    rows: Path
    paging: Paging

    @model_validator(mode="after")
    def _pages(self) -> Self:
        """A page number where pages are chained, or a token where they are numbered, would never have a value."""
        match self.paging:
            case NumberedPaging():
                allowed = {"page", "size"}
            case ChainedPaging(start=start):
                allowed = {"size", *(f"after{part}" for part in range(1, len(start) + 1))}
            case _:
                allowed = set()
        used = set().union(*(template_names(text) for text in (*self.params.values(), *self.body.values())))
        for name in sorted(used - allowed - {"start", "end"}):
            raise ValueError(f"{{{name}}} has no value with {self.paging.kind} paging")
        return self


class DetailCall(Call):
    """One order, asked for each row of the list because the list does not show everything."""

    path: NumberTemplate
    params: dict[str, NumberTemplate] = Field(default_factory=dict)
    body: dict[str, NumberTemplate] = Field(default_factory=dict)
    data: Path


class ReadBackCall(Call):
    """What the city has been told of one order."""

    path: ReadBackTemplate
    params: dict[str, ReadBackTemplate] = Field(default_factory=dict)
    body: dict[str, ReadBackTemplate] = Field(default_factory=dict)
    rows: Path
    id: Path
    """Where a row has the serial number that we sent."""


class PushCall(Call):
    """One kind of feedback."""

    method: Literal["GET", "POST", "PUT"] = "POST"
    path: PushTemplate
    params: dict[str, PushTemplate] = Field(default_factory=dict)
    body: dict[str, PushTemplate] = Field(default_factory=dict)


AnyCall = ListCall | DetailCall | ReadBackCall | PushCall


class Fields(Strict):
    """Our field <- the path of the city's. What the city does not have is left out."""

    number: Path
    updated_at: Path
    issued_at: Path
    title: Path
    status: Path | None = None
    round: Path | None = None
    merged_into: Path | None = None
    body: Path | None = None
    kind: Path | None = None
    urgency: Path | None = None
    category: Path | None = None
    category_names: Path | None = None
    channel: Path | None = None
    area: Path | None = None
    township: Path | None = None
    community: Path | None = None
    address: Path | None = None
    longitude: Path | None = None
    latitude: Path | None = None
    caller_name: Path | None = None
    caller_phone: Path | None = None
    contact_phone: Path | None = None
    secret: Path | None = None
    about: Path | None = None
    due_at: Path | None = None
    remark: Path | None = None
    attachments: Path | None = None


class Category(Strict):
    """What one of the city's category codes is with us; `name` is for whoever reads the YAML."""

    to: CategoryCode
    name: str = ""


class Codes(Strict):
    """The city's codes -> ours. A code that is not here is never guessed: the dispatch is flagged."""

    status: dict[Word, CityStatus] = Field(default_factory=dict)
    kind: dict[Word, Kind] = Field(default_factory=dict)
    urgency: dict[Word, Urgency] = Field(default_factory=dict)
    channel: dict[Word, Channel] = Field(default_factory=dict)
    secret: dict[Word, bool] = Field(default_factory=lambda: {"0": False, "1": True})
    category: dict[Word, Category] = Field(default_factory=dict)
    area: dict[Word, str] = Field(default_factory=dict)
    """GB/T 2260 code -> its name. A longer code that begins with one of these is known too. Empty: any is."""
    about: dict[Word, Code] = Field(default_factory=dict)
    """What the city writes for the unit complained about -> the department's code."""


class Separators(Strict):
    """Between the parts of a text that holds several."""

    attachments: str = ","
    category_names: str = "/"


class Flag(Strict):
    """How the city is told yes and no."""

    yes: Word = "1"
    no: Word = "0"


class Words(Strict):
    """Ours -> the city's, for what it is told. A word that is needed and not here: the feedback is a dead letter."""

    kind: dict[FeedbackKind, Word] = Field(default_factory=dict)
    flag: Flag = Flag()
    reason: dict[Word, Word] = Field(default_factory=dict)
    timeliness: dict[Timeliness, Word] = Field(default_factory=dict)
    """Where it is empty the city is not told whether a result is in time."""


class Times(Strict):
    """How the city writes times: strptime's format, `iso`, `epoch` (seconds) or `epoch_ms`; and in which zone."""

    zone: Zone
    format: str = "%Y-%m-%d %H:%M:%S"
    grain: Duration = Field(default="1s", validate_default=True)


class Push(Strict):
    """What the city is told, and how, by kind of feedback. A kind that is not here is a dead letter."""

    unit: str
    """Who speaks where no department is named: the county's own centre."""
    requests: dict[FeedbackKind, PushCall]
    read_back: ReadBackCall | None = None
    idempotent: bool = True
    """The city recognises {id} and does nothing a second time."""


class CityRestSettings(ConnectorSettings):
    """One city."""

    url: str
    """Base URL; may be `env:NAME` or `env:NAME|default`."""
    times: Times
    auth: Annotated[TokenAuth | SignedAuth | NoAuth, Field(discriminator="kind")] = NoAuth()
    envelope: Envelope
    list: ListCall
    detail: DetailCall | None = None
    fields: Fields
    codes: Codes
    separators: Separators = Separators()
    words: Words = Words()
    tell: Push | None = None
    charset: str = "utf-8"
    connect_timeout: Duration = Field(default="5s", validate_default=True)
    read_timeout: Duration = Field(default="15s", validate_default=True)
    ca_file: str | None = None
    """A CA of the city's own, in PEM."""
    client_certificate: str | None = None
    """PEM with certificate and key, where the city asks for one."""
