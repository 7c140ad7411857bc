"""The county pack `helin`, and a second one that shares nothing with it."""

import csv
from pathlib import Path

import pytest

from deploy.county import County, load
from deploy.county.categories import covers, leaves
from deploy.county.expecting import dispatch_of, try_all
from streams.domain import routing
from streams.domain.policy import DepartmentKind

AREAS = Path(__file__).parents[4] / "../shared/data/cn-areas/streets_15.csv"


@pytest.fixture(scope="module")
def helin() -> County:
    return load("helin")


def test_helin_has_no_fault_and_no_warning(helin: County) -> None:
    assert helin.warnings == ()


def test_helin_has_the_departments_of_a_county(helin: County) -> None:
    kinds = [department.kind for department in helin.departments]
    assert len(kinds) >= 32
    assert kinds.count(DepartmentKind.TOWNSHIP) == 10
    assert kinds.count(DepartmentKind.UTILITY) >= 4
    for department in helin.departments:
        assert department.duties, department.code
        assert department.contacts, department.code


def test_townships_are_those_of_the_area_data(helin: County) -> None:
    if not AREAS.exists():
        pytest.skip(f"the area data are not there: {AREAS}")
    with AREAS.open(encoding="utf-8") as file:
        real = {row["code"]: row["name"] for row in csv.DictReader(file) if row["areaCode"] == "150123"}
    assert {code: helin.areas[code].zh for code in helin.areas if len(code) == 9} == real
    townships = [one for one in helin.departments if one.kind is DepartmentKind.TOWNSHIP]
    assert {area for township in townships for area in township.areas} == set(real)


def test_every_expectation_of_a_pack_holds(helin: County) -> None:
    for county in (helin, load("harbour")):
        tried = try_all(routing.compile(county.policy), county.expectations, "city")
        assert [one.expected for one in tried if not one.ok] == []
    assert len(helin.expectations) >= 60


def test_every_leaf_is_routed_to_a_department_that_takes_it(helin: County) -> None:
    """In the seat of the county, with an address: the backstop is for what nobody foresaw."""
    router = routing.compile(helin.policy)
    takes = {department.code: department.takes for department in helin.departments}
    for category in leaves(helin.categories):
        routed = router.route(dispatch_of(category=category, area="150123100"))
        assert routed.reason is routing.RouteReason.RULE, category
        if routed.lead in takes and not category.startswith("community"):
            assert any(covers(pattern, category) for pattern in takes[routed.lead]), (category, routed.lead)


def test_three_levels_of_head_topics_are_there(helin: County) -> None:
    topics = {"utilities.water", "utilities.power", "utilities.gas", "utilities.heating", "labour.wages",
              "labour.security", "land.requisition", "housing.quality", "housing.title"}  # fmt: skip
    assert topics <= set(helin.categories)
    assert max(code.count(".") for code in helin.categories) == 2


def test_a_complaint_about_a_community_has_the_bureau_and_the_community(helin: County) -> None:
    routed = routing.compile(helin.policy).route(dispatch_of(category="housing.quality.leak", area="150123100001"))
    assert (routed.lead, routed.assists) == ("housing", ("chengguan-first",))


def test_a_second_county_shares_nothing_with_helin() -> None:
    harbour = load("harbour")
    assert len(harbour.departments) == 3
    assert [entry.system for entry in harbour.connectors.values()] == ["files"]
    assert harbour.zone.key == "Europe/Dublin"
    assert harbour.names.in_language("en") == harbour.names.in_language("zh") == "Harbour County"
