"""Another Faust than the one the overrides were written against is refused, by name."""

import pytest

from streams.engine import versions
from streams.engine.versions import SOURCES, VERSIONS, UnsupportedError, differences


def test_what_is_installed_is_what_they_were_written_against():
    assert differences() == []


def test_every_overridden_method_is_watched():
    from streams.engine import overrides

    stock = {
        "Consumer": "faust.transport.consumer:Consumer",
        "App": "mode.services:Service",
        "RunSchema": "faust.serializers.schemas:Schema",
    }
    for ours, theirs in stock.items():
        methods = [name for name, found in vars(getattr(overrides, ours)).items() if callable(found)]
        for name in methods:
            if name in {"at", "on_init", "__init__"}:
                continue
            watched = {source.rpartition(".")[2] for source in SOURCES}
            assert name in watched, f"{theirs}.{name} is overridden but not watched"


@pytest.mark.parametrize("name", VERSIONS)
def test_another_version_is_refused(name):
    found = differences(versions={**VERSIONS, name: "9.9.9"})
    assert len(found) == 1
    assert name in found[0]
    assert "9.9.9" in found[0]


@pytest.mark.parametrize("name", SOURCES)
def test_a_patched_method_is_refused(name):
    assert differences(sources={**SOURCES, name: "0" * 16}) == [f"the source of {name} is another"]


def test_an_absent_distribution_is_refused():
    assert "absent" in differences(versions={"no-such-distribution": "1"})[0]


def test_streams_without_the_compiled_part_are_refused(monkeypatch):
    assert "NO_CYTHON" in differences(environment={"NO_CYTHON": "1"})[0]
    monkeypatch.setenv("NO_CYTHON", "1")
    with pytest.raises(UnsupportedError, match="NO_CYTHON"):
        versions.check()
