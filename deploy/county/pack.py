"""The files of a pack as they were read, before anything is said of how they fit together."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from deploy.county.categories import roughly
from deploy.county.county import ConnectorEntry
from deploy.county.document import Document, Loc
from deploy.county.files import AreasFile, CategoriesFile, CountyFile, DepartmentFile, ExpectationsFile, RoutesFile
from streams.domain.deadlines import Deadlines
from streams.domain.policy import Department, DepartmentKind, Policy, RouteNode


@dataclass(slots=True)
class Pack:
    """The files of a pack, each with its document; None where a file is not there or at fault."""

    county: CountyFile | None = None
    county_doc: Document | None = None
    categories: CategoriesFile | None = None
    categories_doc: Document | None = None
    areas: AreasFile | None = None
    areas_doc: Document | None = None
    routes: RoutesFile | None = None
    routes_doc: Document | None = None
    deadlines: Deadlines | None = None
    deadlines_doc: Document | None = None
    expectations: ExpectationsFile | None = None
    expectations_doc: Document | None = None
    departments: dict[str, DepartmentFile] = field(default_factory=dict)
    department_docs: dict[str, Document | None] = field(default_factory=dict)
    connectors: dict[str, ConnectorEntry] = field(default_factory=dict)
    connector_docs: dict[str, Document] = field(default_factory=dict)

    def codes(self) -> list[str]:
        """Departments that are known, the files at fault among them."""
        return sorted({*self.department_docs, *(file.code for file in self.departments.values())})

    def categories_known(self) -> dict[str, Any] | None:
        """Codes of the tree, also where something is wrong in it; None where it cannot be read."""
        return None if self.categories_doc is None else roughly(self.categories_doc.data)

    def areas_known(self) -> list[str] | None:
        """Area codes, also where something is wrong among them; None where there is no list of them."""
        areas = self.areas_doc.data.get("areas") if self.areas_doc and isinstance(self.areas_doc.data, dict) else None
        return [str(code) for code in areas] if isinstance(areas, dict) else None

    def policy(self) -> Policy:
        """The policy; in place of what is at fault, something that makes no further fault."""
        departments = [
            self.departments[stem].department()
            if stem in self.departments
            else Department(code=stem, name=stem, kind=DepartmentKind.BUREAU)
            for stem in self.department_docs
        ]
        some = departments[0].code if departments else "none"
        county = self.county
        return Policy(
            county=county.code if county else "none",
            name=county.name.zh if county else "none",
            departments=tuple(departments),
            routes=self.routes.route if self.routes else RouteNode(name="none", lead=some),
            duty_desk=county.duty_desk if county else some,
            arbiter=county.arbiter if county else some,
            return_cap=county.return_cap if county else 2,
            sign=county.sign if county else "auto",
            review=county.review if county else "auto",
        )


def nodes(root: RouteNode, named: str = "routes", loc: Loc = ("route",)) -> Iterator[tuple[str, RouteNode, Loc]]:
    """Every node with the rules' own path to it and its place in the file."""
    yield named, root, loc
    for number, child in enumerate(root.routes):
        yield from nodes(child, f"{named}.{child.name}", (*loc, "routes", number))
