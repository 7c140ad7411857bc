"""Two opinions of helin's routing, written independently: the flat table of the tests, and the bridge's tree."""

from dataclasses import asdict, replace
from itertools import product

import pytest

from connectors.systems.city_rest.settings import CityRestSettings
from connectors.systems.city_rest.translate import Translator
from deploy.county import County, load
from deploy.sim.city.generator import write_order
from deploy.sim.city.helin import _show
from deploy.sim.city.order import URGENCIES, Order
from deploy.sim.county import ground_of
from schemas.dispatch import Dispatch
from streams.domain import routing
from streams.domain.routing import Router
from tests.support.oracle import expected

ORDERS = 5_000


@pytest.fixture(scope="module")
def helin() -> County:
    return load("helin")


@pytest.fixture(scope="module")
def settings(helin: County) -> CityRestSettings:
    found = helin.connectors["city"].settings
    assert isinstance(found, CityRestSettings)
    return found


@pytest.fixture(scope="module")
def router(helin: County) -> Router:
    return routing.compile(helin.policy)


def bridge(settings: CityRestSettings, router: Router, order: Order) -> tuple[str, ...]:
    """What the bridge makes of what the city shows."""
    dispatch = Translator(settings).read(b"{}", _show(order))
    assert isinstance(dispatch, Dispatch)
    routed = router.route(dispatch)
    return (routed.lead, *routed.assists)


def test_both_agree_on_every_generated_order(helin: County, settings: CityRestSettings, router: Router) -> None:
    ground, translator = ground_of(helin), Translator(settings)
    differing = []
    for index in range(ORDERS):
        order = write_order(ground, 7, index, f"HS{index:012d}", 1_772_000_000)
        dispatch = translator.read(b"{}", _show(order))
        assert isinstance(dispatch, Dispatch)
        routed = router.route(dispatch)
        wanted = expected(asdict(order), settings.codes.about.get(order.about, ""))
        if (routed.lead, *sorted(routed.assists)) != (wanted[0], *sorted(wanted[1:])):
            differing.append((order.category, order.area, order.kind, order.urgency, order.about, routed, wanted))
    assert differing == []


def test_both_agree_on_every_category_in_every_place_for_every_kind_and_urgency(
    helin: County, settings: CityRestSettings, router: Router
) -> None:
    ground, translator = ground_of(helin), Translator(settings)
    plain = write_order(ground, 7, 0, "HS000000000001", 1_772_000_000)
    areas = [*settings.codes.area, ""]
    texts = ("无", "公路施工欠薪", "水库采砂，开发商流浪狗，电价")
    ways = list(product([("help", one) for one in URGENCIES] + [("praise", "normal")], texts))
    differing = []
    for category, area in product(settings.codes.category, areas):
        there = replace(plain, category=category, area=area, title="无", about="")
        read = translator.read(b"{}", _show(there))
        assert isinstance(read, Dispatch)
        for (kind, urgency), text in ways:
            routed = router.route(read.model_copy(update={"kind": kind, "urgency": urgency, "body": text}))
            wanted = expected(asdict(replace(there, kind=kind, urgency=urgency, content=text)))
            if (routed.lead, *sorted(routed.assists)) != (wanted[0], *sorted(wanted[1:])):
                differing.append((category, area, kind, urgency, text, routed, wanted))
    assert differing[:5] == []


def test_a_code_that_nobody_knows_goes_to_the_duty_desk(
    helin: County, settings: CityRestSettings, router: Router
) -> None:
    order = write_order(ground_of(helin), 7, 0, "HS000000000001", 1_772_000_000, ("990001", "x/y/z"))
    assert bridge(settings, router, order) == expected(asdict(order)) == ("duty-desk",)


def test_an_oracle_that_is_wrong_in_one_line_is_noticed(
    helin: County, settings: CityRestSettings, router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.support import oracle

    broken = tuple(row._replace(lead="police") if row.code == "0105" else row for row in oracle.TABLE)
    monkeypatch.setattr(oracle, "TABLE", broken)
    order = replace(write_order(ground_of(helin), 7, 0, "HS000000000001", 1_772_000_000), category="010501", about="")
    order = replace(order, kind="help")
    assert bridge(settings, router, order) != expected(asdict(order))
