"""A city's YAML: what is wrong with it is found before anything runs, and where it stands."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from connectors.systems.city_rest.settings import CityRestSettings

ROOT = Path(__file__).parents[3]
HELIN = ROOT / "deploy/counties/helin/connectors/city.yaml"


def document() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(HELIN)
    found.pop("system")
    return found


FAULTS: list[tuple[tuple[str, ...], Any, str]] = [
    (("times", "zone"), "Asia/Beijing", "no time zone"),
    (("pull", "every"), "10", "write a duration"),
    (("pull", "evry"), "10s", "Extra inputs"),
    (("list", "params", "from"), "{begin}", "{begin} is no value here"),
    (("list", "params", "from"), "{after1}", "{after1} has no value with numbered paging"),
    (("list", "paging"), {"kind": "chained", "size": 10, "start": ["{start}"]}, "either `next` or `keyset`"),
    (("list", "paging", "size"), 0, "greater than or equal to 1"),
    (("tell", "requests", "sign", "body", "x"), "{password}", "{password} is no value here"),
    (("tell", "requests", "praise"), {"path": "/"}, "Input should be 'sign'"),
    (("tell", "read_back", "params", "x"), "{round}", "{round} is no value here"),
    (("auth", "body", "x"), "{token}", "{token} is no value here"),
    (("auth", "kind"), "oauth", "does not match any of the expected tags"),
    (("envelope", "rules"), [{"means": "success"}], "a rule has"),
    (("envelope", "rules"), [{"means": "fine", "status": [200]}], "Input should be 'success'"),
    (("fields", "number"), "order no", "write a path"),
    (("codes", "status", "5"), "lost", "Input should be 'open'"),
    (("codes", "kind", 7), "help", "write codes in quotes"),
    (("codes", "category", "999999"), {"to": "Water Outage"}, "String should match"),
    (("sweeps",), [{"name": "both", "back": "1d", "at": "02:30", "every": "1h"}], "either `at`"),
]


@pytest.mark.parametrize(("place", "value", "says"), FAULTS, ids=[f"{'.'.join(map(str, f[0]))}" for f in FAULTS])
def test_a_fault_is_named_with_its_place(place: tuple[str, ...], value: Any, says: str) -> None:
    made = document()
    section: Any = made
    for key in place[:-1]:
        section = section[key]
    section[place[-1]] = value
    with pytest.raises(ValidationError) as refused:
        CityRestSettings.model_validate(made)
    faults = refused.value.errors()
    assert says in "\n".join(fault["msg"] for fault in faults)
    assert {fault["loc"][0] for fault in faults} == {place[0]}


def test_every_template_of_the_yaml_has_its_values() -> None:
    assert CityRestSettings.model_validate(document()).tell is not None


@pytest.mark.parametrize(
    "change",
    [
        {"auth": {"kind": "none"}},
        {
            "auth": {
                "kind": "signed",
                "algorithm": "hmac-sha256",
                "key": "k",
                "secret": "s",
                "params": {},
                "signature": "x",
            }
        },
        {"tell": None},
        {"detail": {"path": "/one/{number}", "data": "data"}},
        {"times": {"zone": "UTC", "format": "epoch_ms"}},
    ],
)
def test_what_a_city_does_not_have_can_be_left_out(change: dict[str, Any]) -> None:
    CityRestSettings.model_validate({**document(), **change})
