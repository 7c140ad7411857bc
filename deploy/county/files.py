"""What each file of a county pack may hold. The rules inside (departments, routes) are the streams' own models."""

from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from deploy.console import t
from schemas.base import Code, Line, Text
from schemas.dispatch import Kind, Urgency
from streams.domain.policy import (
    AreaPattern,
    CategoryPattern,
    Contact,
    Department,
    DepartmentKind,
    RouteNode,
    Work,
)


class FileModel(BaseModel):
    """The base: frozen, and a key that is not known is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Names(FileModel):
    """A name in both languages, `{zh: ..., en: ...}`; or in one, as a plain text, which then stands for both."""

    zh: Line
    en: Line | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"zh": value} if isinstance(value, str) else value

    def in_language(self, language: Literal["zh", "en"]) -> str:
        """The name to show."""
        return self.zh if language == "zh" or self.en is None else self.en


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(t("时区名，如 Asia/Shanghai", "an IANA time zone, such as Asia/Shanghai"))
    return name


AreaCode = Annotated[str, StringConstraints(pattern=r"^(\d{6}|\d{9}|\d{12})$")]
"""A whole code: GB/T 2260 (6 digits), township (9), community (12)."""


class CountyFile(FileModel):
    """`county.yaml`: the county's own rules."""

    code: Code
    name: Names
    area: AreaCode | None = None
    time_zone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    duty_desk: Code
    arbiter: Code
    return_cap: Annotated[int, Field(ge=1, le=9)] = 2
    review: Work = "auto"
    sign: Work = "auto"


class DepartmentFile(FileModel):
    """`departments/<code>.yaml`: one department."""

    code: Code
    name: Names
    kind: DepartmentKind
    enabled: bool = True
    deputy: Code | None = None
    takes: tuple[CategoryPattern, ...] = ()
    areas: tuple[AreaPattern, ...] = ()
    duties: tuple[Text, ...] = ()
    contacts: tuple[Contact, ...] = ()

    def department(self) -> Department:
        """As the streams know it."""
        return Department(**self.model_dump(exclude={"name"}), name=self.name.zh, name_en=self.name.en)


Segment = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,30}$")]


class CategoryNode(Names):
    """A category and what is under it."""

    under: dict[Segment, "CategoryNode"] = Field(default_factory=dict)


class CategoriesFile(FileModel):
    """`categories.yaml`: the tree of matters, at most three levels."""

    categories: dict[Segment, CategoryNode]


class AreasFile(FileModel):
    """`areas.yaml`: the county's area codes. Without it no area code is checked."""

    areas: dict[AreaCode, Names]


class RoutesFile(FileModel):
    """`routes.yaml`: the tree of rules."""

    route: RouteNode


class ConnectorHead(BaseModel):
    """What every `connectors/<name>.yaml` says first; the rest belongs to the system."""

    model_config = ConfigDict(frozen=True, extra="allow")

    system: str


class Expectation(FileModel):
    """One line of `routes.expect.yaml`: for such a dispatch, these departments."""

    about: Line | None = None
    category: CategoryPattern | None = None
    area: AreaCode | None = None
    urgency: Urgency = Urgency.NORMAL
    kind: Kind = Kind.OTHER
    source: Code | None = None
    """None: the first of the pack's connectors, or `city`."""
    text: Text = ""
    """Stands in the title."""
    lead: Code
    assists: tuple[Code, ...] | None = None
    """None: not asked for."""

    def as_asked(self) -> dict[str, Any]:
        """The dispatch's side of it, for a report."""
        return self.model_dump(mode="json", exclude={"lead", "assists", "about"}, exclude_defaults=True)


class ExpectationsFile(FileModel):
    """`routes.expect.yaml`."""

    expect: tuple[Expectation, ...]
