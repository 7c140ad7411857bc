"""The county's policy: its departments, its routing tree and its rules of work, as values.

Files are read elsewhere; this says what they may hold, and `faults` says all that is wrong with it at once.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from schemas.base import Code, Line, Text
from schemas.dispatch import Kind, Urgency

CategoryPattern = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+(\.[a-z0-9_-]+){0,2}$")]
"""A category and everything below it: `utilities.water` takes `utilities.water.outage`, not `utilities.waterways`."""

AreaPattern = Annotated[str, StringConstraints(pattern=r"^\d{1,12}$")]
"""The first digits of an area code: `150123` takes the whole county, `150123100` one township."""

Word = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class PolicyModel(BaseModel):
    """A part of the policy. Frozen; a key that is not known is a mistake of whoever wrote it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DepartmentKind(StrEnum):
    """局委, 乡镇, 社区, 公用企业, 县级机构."""

    BUREAU = "bureau"
    TOWNSHIP = "township"
    COMMUNITY = "community"
    UTILITY = "utility"
    OFFICE = "office"


class Contact(PolicyModel):
    """Whom a notice reaches. `address` is what the channel needs: a number, a user name, a mail address."""

    name: Line
    role: Literal["handler", "leader"] = "handler"
    """经办人, or who is in charge there (分管领导) and hears what is overdue."""
    channel: Literal["wecom", "sms", "email", "voice"] = "wecom"
    address: Line


class Department(PolicyModel):
    """One department (承办单位). `code` names its topics and never changes."""

    code: Code
    name: Line
    name_en: Line | None = None
    kind: DepartmentKind
    enabled: bool = True
    deputy: Code | None = None
    """Who gets its dispatches while it is switched off."""
    takes: tuple[CategoryPattern, ...] = ()
    """Categories it is responsible for; not a route, but what the routes are checked against."""
    areas: tuple[AreaPattern, ...] = ()
    duties: tuple[Text, ...] = ()
    contacts: tuple[Contact, ...] = ()


class Match(PolicyModel):
    """Conditions, all of which must hold; in each, one of the listed values must. An empty list asks nothing."""

    category: tuple[CategoryPattern, ...] = ()
    area: tuple[AreaPattern, ...] = ()
    urgency: tuple[Urgency, ...] = ()
    source: tuple[Code, ...] = ()
    kind: tuple[Kind, ...] = ()
    words: tuple[Word, ...] = ()
    """One of these occurs in the title or the body, letter for letter."""


class RouteNode(PolicyModel):
    """A node of the routing tree. What it does not say, it inherits from its parent."""

    name: Line
    match: Match = Match()
    lead: Code | None = None
    assists: tuple[Code, ...] | None = None
    """None: as the parent says. An empty list: no assists."""
    go_on: bool = False
    """After this node matched, its next siblings are tried too, and their departments assist."""
    routes: tuple["RouteNode", ...] = ()


Work = Literal["auto", "manual"]


class Policy(PolicyModel):
    """How one county works."""

    county: Code
    name: Line
    departments: tuple[Department, ...]
    routes: RouteNode
    """The root matches everything: it is the backstop."""
    duty_desk: Code
    """Gets what no rule takes, and codes that no table knows."""
    arbiter: Code
    """Gets what departments have returned `return_cap` times; its word is final."""
    return_cap: int = Field(default=2, ge=1)
    sign: Work = "auto"
    """Whether a dispatch is signed to the city as soon as it is held, or when a person routes it."""
    review: Work = "auto"
    """Whether a result is passed to the city at once, or when a person passed it."""

    def department(self, code: str) -> Department | None:
        """By its code. For tools; what decides often keeps its own index."""
        return next((department for department in self.departments if department.code == code), None)


class FaultKind(StrEnum):
    """What can be wrong with a policy whose parts are well formed."""

    DUPLICATE_DEPARTMENT = "duplicate_department"
    UNKNOWN_DEPARTMENT = "unknown_department"
    DEPUTY_LOOP = "deputy_loop"
    DISABLED_WITHOUT_DEPUTY = "disabled_without_deputy"
    DUTY_DESK_DISABLED = "duty_desk_disabled"
    DUPLICATE_ROUTE = "duplicate_route"
    ROOT_HAS_CONDITIONS = "root_has_conditions"
    NEVER_REACHED = "never_reached"


class PolicyFault(PolicyModel):
    """One thing that is wrong. `where` is a path from the policy's root: `departments.water.deputy`, `routes.a.b`."""

    kind: FaultKind
    where: str
    found: str


def nodes(root: RouteNode, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], RouteNode]]:
    """Every node with the names on the way to it, parents first."""
    here = (*path, root.name)
    yield here, root
    for child in root.routes:
        yield from nodes(child, here)


def faults(policy: Policy) -> list[PolicyFault]:
    """All that is wrong, in the order of the policy; an empty list where nothing is."""
    return [*_department_faults(policy), *_route_faults(policy)]


def _department_faults(policy: Policy) -> Iterator[PolicyFault]:
    known = {department.code: department for department in policy.departments}
    seen: set[str] = set()
    for department in policy.departments:
        where = f"departments.{department.code}"
        if department.code in seen:
            yield PolicyFault(kind=FaultKind.DUPLICATE_DEPARTMENT, where=where, found=department.code)
        seen.add(department.code)
        if department.deputy is not None and department.deputy not in known:
            yield PolicyFault(kind=FaultKind.UNKNOWN_DEPARTMENT, where=f"{where}.deputy", found=department.deputy)
        if not department.enabled and department.deputy is None:
            yield PolicyFault(kind=FaultKind.DISABLED_WITHOUT_DEPUTY, where=where, found=department.code)
        if _loops(department, known):
            yield PolicyFault(kind=FaultKind.DEPUTY_LOOP, where=f"{where}.deputy", found=str(department.deputy))
    for role, code in (("duty_desk", policy.duty_desk), ("arbiter", policy.arbiter)):
        if code not in known:
            yield PolicyFault(kind=FaultKind.UNKNOWN_DEPARTMENT, where=role, found=code)
        elif not known[code].enabled:
            yield PolicyFault(kind=FaultKind.DUTY_DESK_DISABLED, where=role, found=code)


def _loops(start: Department, known: dict[str, Department]) -> bool:
    """Whether following deputies from here comes back here."""
    passed: set[str] = set()
    at: Department | None = start
    while at is not None and at.deputy is not None and at.code not in passed:
        passed.add(at.code)
        at = known.get(at.deputy)
        if at is start:
            return True
    return False


def _route_faults(policy: Policy) -> Iterator[PolicyFault]:
    known = {department.code for department in policy.departments}
    if policy.routes.match != Match():
        yield PolicyFault(kind=FaultKind.ROOT_HAS_CONDITIONS, where="routes.match", found=policy.routes.name)
    for path, node in nodes(policy.routes):
        where = ".".join(("routes", *path[1:]))
        for code in (*(() if node.lead is None else (node.lead,)), *(node.assists or ())):
            if code not in known:
                yield PolicyFault(kind=FaultKind.UNKNOWN_DEPARTMENT, where=where, found=code)
        yield from _sibling_faults(where, node)


def _sibling_faults(where: str, node: RouteNode) -> Iterator[PolicyFault]:
    names: set[str] = set()
    taken_all: str | None = None
    for child in node.routes:
        if child.name in names:
            yield PolicyFault(kind=FaultKind.DUPLICATE_ROUTE, where=f"{where}.{child.name}", found=child.name)
        names.add(child.name)
        if taken_all is not None:
            yield PolicyFault(kind=FaultKind.NEVER_REACHED, where=f"{where}.{child.name}", found=taken_all)
        elif child.match == Match() and not child.go_on:
            taken_all = child.name
