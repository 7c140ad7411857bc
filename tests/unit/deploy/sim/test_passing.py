"""What a passing run leaves: nothing of its own, and everything of the operator's."""

import os
import signal
from pathlib import Path

import pytest

from deploy.sim.passing import ended_by_sigterm, own_environment, passing_home


def test_a_home_of_its_own_goes_unless_it_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with passing_home("demo") as home:
        (home / "file").write_text("x")
    assert list(tmp_path.iterdir()) == []
    with passing_home("demo", keep=True) as kept:
        assert kept.parent == tmp_path
    assert kept.exists()


def test_a_given_home_stays(tmp_path: Path) -> None:
    with passing_home("demo", tmp_path) as home:
        assert home == tmp_path
    assert tmp_path.exists()


def test_sigterm_ends_like_an_interrupt_and_only_inside() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), ended_by_sigterm():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_operators_settings_are_hidden_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAIDAN_KAFKA_CA", "ca.pem")
    monkeypatch.setenv("PAIDAN_LANG", "en")
    with own_environment():
        assert "PAIDAN_KAFKA_CA" not in os.environ
        assert os.environ["PAIDAN_LANG"] == "en"
    assert os.environ["PAIDAN_KAFKA_CA"] == "ca.pem"
