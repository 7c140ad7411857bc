"""Everything that differs from one folder of files to the next: one YAML, read into `FilesSettings`."""

import re
from datetime import timedelta
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from connectors.runtime.settings import ConnectorSettings, Duration, Strict
from schemas.base import Code
from schemas.dispatch import CategoryCode, Channel, CityStatus, Kind, Urgency
from schemas.feedback import FeedbackKind


def _text(value: Any) -> Any:
    # YAML reads 01 as a number and true as a truth; what stands in a file is text
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    raise ValueError("write codes in quotes")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name} is no time zone") from None
    return name


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as problem:
        raise ValueError(f"not a regular expression: {problem}") from None
    return text


def _charset(name: str) -> str:
    if name != "auto":
        try:
            "".encode(name)
        except LookupError:
            raise ValueError(f"{name} is no character set") from None
    return name


def _from(value: Any) -> Any:
    """`title: 标题` and `title: [标题, 工单标题]` are short for `title: {column: [...]}`."""
    if isinstance(value, str):
        return {"column": [value]}
    if isinstance(value, list | tuple):
        return {"column": list(value)}
    return value


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Word = Annotated[str, BeforeValidator(_text)]
Zone = Annotated[str, AfterValidator(_zone)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Charset = Annotated[str, AfterValidator(_charset)]
Columns = Annotated[tuple[Word, ...], BeforeValidator(_several)]
TimeFormats = Annotated[tuple[str, ...], BeforeValidator(_several)]


class From(Strict):
    """Where a value comes from, and what is done to it, in this order: find, replace, split and part, otherwise.

    Exactly one of `column`, `first`, `join`, `value` and `file`. In JSON, `place.address` leads into an object.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    column: Columns = ()
    """The first of these names that the file has."""
    first: Columns = ()
    """The first of these columns that is not empty in the row."""
    join: Columns = ()
    """These columns, as far as they are not empty, one after another."""
    between: str = Field(default="/", alias="with")
    """What `join` puts between them."""
    value: Word | None = None
    """Always this."""
    file: Literal["name", "modified"] | None = None
    """The file's own name, or when it was last written."""
    find: Pattern | None = None
    """A regular expression; its first group, or all of it, is the value. No match: empty."""
    replace: dict[Word, str] = Field(default_factory=dict)
    """Texts that are replaced wherever they occur."""
    split: str | None = None
    """Where a list of values is cut."""
    part: int | None = Field(default=None, ge=1)
    """Which piece of it, counted from 1."""
    otherwise: Word | None = None
    """In place of an empty value."""
    formats: TimeFormats = ()
    """For a time: instead of the formats of the whole file."""
    zone: Zone | None = None
    """For a time: instead of the zone of the whole file."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        ways = [self.column, self.first, self.join, self.value is not None, self.file]
        if sum(map(bool, ways)) != 1:
            raise ValueError("exactly one of column, first, join, value, file")
        if self.part is not None and self.split is None:
            raise ValueError("`part` needs `split`")
        return self


Where = Annotated[From, BeforeValidator(_from)]


class Fields(Strict):
    """Our field <- where it stands in the file. What the file does not have is left out."""

    number: Where
    issued_at: Where
    updated_at: Where | None = None
    """Left out or empty: the time of issue. A row that is delivered again, changed, is an amendment all the same."""
    title: Where
    status: Where | None = None
    round: Where | None = None
    merged_into: Where | None = None
    body: Where | None = None
    kind: Where | None = None
    urgency: Where | None = None
    category: Where | None = None
    category_names: Where | None = None
    """Left out: the parts of the city's own category, where it is a path of names."""
    channel: Where | None = None
    area: Where | None = None
    township: Where | None = None
    community: Where | None = None
    address: Where | None = None
    longitude: Where | None = None
    latitude: Where | None = None
    caller_name: Where | None = None
    caller_phone: Where | None = None
    contact_phone: Where | None = None
    secret: Where | None = None
    about: Where | None = None
    due_at: Where | None = None
    """A date without a time of day means the end of that day."""
    remark: Where | None = None
    attachments: Where | None = None


class Category(Strict):
    """What one of the file's categories is with us; `name` is for whoever reads the YAML."""

    to: CategoryCode
    name: str = ""


def _category(value: Any) -> Any:
    return {"to": value} if isinstance(value, str) else value


class Codes(Strict):
    """What stands in the file -> ours. A code that is not here is never guessed: the dispatch is flagged."""

    status: dict[Word, CityStatus] = Field(default_factory=dict)
    kind: dict[Word, Kind] = Field(default_factory=dict)
    urgency: dict[Word, Urgency] = Field(default_factory=dict)
    channel: dict[Word, Channel] = Field(default_factory=dict)
    secret: dict[Word, bool] = Field(default_factory=lambda: {"0": False, "1": True, "否": False, "是": True})
    category: dict[Word, Annotated[Category, BeforeValidator(_category)]] = Field(default_factory=dict)
    """A path `a/b/c` that is not here is looked up as `a/b`, then as `a`."""
    area: dict[Word, Word] = Field(default_factory=dict)
    """A GB/T 2260 code -> its name; or a name -> its code. Empty: any well-formed code is known."""
    about: dict[Word, Code] = Field(default_factory=dict)


class Table(Strict):
    """How the files are written. `auto` looks at the file."""

    format: Literal["auto", "csv", "xlsx", "jsonl", "json"] = "auto"
    """By the name's ending; `xlsx` stands for every spreadsheet (xls, xlsb, ods too)."""
    charset: Charset = "auto"
    """By the byte order mark, else UTF-8 if it is, else GB18030."""
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | Literal["auto"] = "auto"
    quote: Annotated[str, StringConstraints(min_length=1, max_length=1)] = '"'
    sheet: str | Annotated[int, Field(ge=1)] = 1
    """By name, or by number from 1."""
    header: Literal["auto", "none"] | Annotated[int, Field(ge=1)] = "auto"
    """The row with the names of the columns. `auto`: the first that has those of the number and the time of issue."""
    columns: tuple[Word, ...] = ()
    """The names, where `header` is `none`."""
    rows: str | None = None
    """In `json`: the path to the list of rows, where the file is not itself the list."""
    short_rows: Literal["refuse", "fill"] = "refuse"
    """In `csv`: a row with fewer cells than there are columns is mostly half a row."""
    ignore: tuple[Pattern, ...] = ()
    """Rows whose first filled cell matches one of these are no dispatches: totals, signatures."""
    nothing: tuple[str, ...] = ("", "-", "--", "/", "NULL", "null", "None", "N/A", "无")
    """Cells that mean nothing."""

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.header == "none") != bool(self.columns):
            raise ValueError("`columns` goes with `header: none`, and only with it")
        return self


class Times(Strict):
    """How times are written: the first format that fits. Real date cells of a spreadsheet always do.

    strptime's formats; `auto` (year first, in any usual form), `iso`, `excel` (a serial number of days), `epoch`
    (seconds), `epoch_ms`.
    """

    zone: Zone = "Asia/Shanghai"
    formats: TimeFormats = ("auto",)


class Separators(Strict):
    """Where a cell with several values is cut."""

    attachments: str = Field(default=",", min_length=1)
    category: str = Field(default="/", min_length=1)
    about: str = Field(default=",", min_length=1)


class Folders(Strict):
    """The folders inside `folder`."""

    incoming: str = "in"
    working: str = "work"
    done: str = "done"
    refused: str = "refused"
    """Files of which nothing could be read."""
    out: str = "out"


VALUES: Final = (
    "id", "number", "round", "kind", "occurred_at", "unit", "note", "public_reply", "contacted", "contacted_at",
    "founded", "solved", "unsolved_reason", "reason", "extend_days", "attachments",
)  # fmt: skip
"""What can be told."""


class Tell(Strict):
    """The files in which the city is told: one a day, appended to."""

    format: Literal["csv", "jsonl"] = "csv"
    name: Annotated[str, StringConstraints(pattern=r"^[^/]*\{day\}[^/]*$")] = "feedback-{day}.csv"
    """`{day}` is the local date on which what is told happened."""
    charset: Literal["utf-8", "utf-8-sig", "gb18030"] = "utf-8-sig"
    time: str = "%Y-%m-%d %H:%M:%S"
    unit: str
    """Who speaks where no department is named."""
    columns: dict[str, str] = Field(default_factory=lambda: {value: value for value in VALUES})
    """Name of the column <- our value."""
    kind: dict[FeedbackKind, Word] = Field(default_factory=dict)
    flag: dict[Word, Word] = Field(default_factory=lambda: {"yes": "1", "no": "0"})
    """For `yes` and for `no`."""
    reason: dict[Word, Word] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known(self) -> Self:
        unknown = set(self.columns.values()) - set(VALUES)
        if unknown:
            raise ValueError(f"no such value: {', '.join(sorted(unknown))}")
        if "id" not in self.columns.values():
            raise ValueError("one column must hold `id`: it keeps a repeat from being written twice")
        return self


class FilesSettings(ConnectorSettings):
    """One folder."""

    folder: str
    """Its path; may be `env:NAME` or `env:NAME|default`."""
    folders: Folders = Folders()
    pick: Columns = ("*",)
    """Names of files that are taken; others stay where they are."""
    settle: Duration = timedelta(seconds=2)
    """A file that was written to more recently is left alone: it may not be whole yet."""
    batch: int = Field(default=500, ge=1, le=5000)
    """Rows that become durable together."""
    largest_mb: int = Field(default=512, ge=1)
    """Of a file, unpacked."""
    table: Table = Table()
    times: Times = Times()
    fields: Fields
    keep: dict[Code, Where] = Field(default_factory=dict)
    """Further columns, kept as they are among the dispatch's city codes."""
    codes: Codes = Codes()
    separators: Separators = Separators()
    tell: Tell | None = None
    language: Literal["zh", "en"] = "zh"
    """Of the receipts."""
