"""A Java is asked before it is taken."""

from pathlib import Path

import pytest

from deploy.broker import BrokerError, Reason
from deploy.broker import java as finder
from deploy.broker.java import find_java, release_of


@pytest.mark.parametrize(
    ("words", "release"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_392"', 8),
        ('openjdk version "25" 2025-09-16', 25),
        ('openjdk version "21-ea" 2023-09-19', 21),
        ('Picked up JAVA_TOOL_OPTIONS: -Da=b\nopenjdk version "11.0.2" 2019-01-15', 11),
        ("pyenv: java: command not found", None),
    ],
)
def test_the_release_is_read_from_what_java_says(words, release):
    assert release_of(words) == release


def a_java(folder: Path, says: str, code: int = 0) -> str:
    binary = folder / "bin" / "java"
    binary.parent.mkdir(parents=True)
    binary.write_text(f"#!/bin/sh\necho '{says}' >&2\nexit {code}\n")
    binary.chmod(0o755)
    return str(binary)


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine without any Java: what a test adds is all there is."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(finder.importlib.util, "find_spec", lambda name: None)
    return tmp_path


def test_the_chosen_java_home_comes_before_the_path(machine, monkeypatch):
    chosen = a_java(machine / "chosen", 'version "21.0.1"')
    other = a_java(machine / "other", 'version "17.0.1"')
    monkeypatch.setenv("JAVA_HOME", str(machine / "chosen"))
    monkeypatch.setenv("PATH", str(Path(other).parent))
    found = find_java()
    assert (found.path, found.release, found.source) == (chosen, 21, "JAVA_HOME")


@pytest.mark.parametrize(("says", "code"), [('version "11.0.2"', 0), ("refused", 127), ('version "17.0.1"', 1)])
def test_a_java_that_is_old_or_refuses_is_passed_over(machine, monkeypatch, says, code):
    a_java(machine / "bad", says, code)
    good = a_java(machine / "good", 'version "17.0.1"')
    monkeypatch.setenv("JAVA_HOME", str(machine / "bad"))
    monkeypatch.setenv("PATH", str(Path(good).parent))
    assert find_java().path == good


def test_where_no_java_will_do_the_error_names_what_was_found_and_what_would_do(machine, monkeypatch):
    old = a_java(machine / "old", 'version "1.8.0_392"')
    monkeypatch.setenv("PATH", str(Path(old).parent))
    with pytest.raises(BrokerError) as refused:
        find_java()
    assert refused.value.reason is Reason.NO_JAVA
    assert old in refused.value.detail
    assert "8" in refused.value.detail
    assert "17" in refused.value.remedy
