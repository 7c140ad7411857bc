"""A simulated county is the real pack, polled faster."""

from pathlib import Path

from deploy.county import load
from deploy.sim.county import WIDENED, fast_copy, ground_of


def test_a_fast_copy_differs_only_in_how_its_connectors_poll(tmp_path: Path) -> None:
    real, fast = load("helin"), load(str(fast_copy("helin", tmp_path)))
    assert fast.policy == real.policy
    assert fast.connectors["city"].settings.pull.every.total_seconds() < 1
    assert fast.connectors["city"].settings.sweeps == ()


def test_only_short_limits_are_widened_and_say_so(tmp_path: Path) -> None:
    least = {"sign": "6 hours", "contact": "6 hours", "handling": "6 hours"}
    real, wide = load("helin").timetable, load(str(fast_copy("helin", tmp_path, least=least))).timetable
    assert real is not None
    assert wide is not None
    before, after = real.deadlines, wide.deadlines
    widened = {
        (clock, rule.name): (old.within, rule.within)
        for clock, rules in after.clocks.items()
        for old, rule in zip(before.clocks[clock], rules, strict=True)
        if old != rule
    }
    assert widened == {
        ("sign", f"签收二十分钟{WIDENED}"): ("20 minutes", "6 hours"),
        ("contact", f"特急联系{WIDENED}"): ("30 minutes", "6 hours"),
        ("contact", f"紧急联系{WIDENED}"): ("2 hours", "6 hours"),
        ("handling", f"特急办理{WIDENED}"): ("2 hours", "6 hours"),
    }
    assert after.model_copy(update={"clocks": {}}) == before.model_copy(update={"clocks": {}})


def test_the_ground_holds_the_codes_that_the_county_knows() -> None:
    county = load("helin")
    ground = ground_of(county)
    codes = county.connectors["city"].settings.codes  # type: ignore[attr-defined]
    assert {code for code, _ in ground.categories} == set(codes.category)
    assert all(name.count("/") == 2 for _, name in ground.categories)
    assert {len(code) for code, _ in ground.areas} == {9}
