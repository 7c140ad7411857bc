"""`paidan county` and `paidan routes` as an operator meets them, without a broker."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.cli import main

CONFIG = Path(__file__).parents[3] / "config"


class Paidan:
    """The command line; what it printed is read from the test's own capture."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        code = ended.value.code
        return (code if isinstance(code, int) else 0), *self._capture.readouterr()

    def answer(self, *words: str) -> tuple[int, dict[str, Any]]:
        code, out, _ = self(*words, "--json")
        made = json.loads(out)
        assert isinstance(made, dict)
        return code, made


@pytest.fixture
def paidan(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Paidan:
    monkeypatch.delenv("PAIDAN_COUNTY", raising=False)
    monkeypatch.delenv("PAIDAN_LANG", raising=False)
    return Paidan(capsys)


@pytest.fixture
def broken(tmp_path: Path) -> str:
    for name, text in (
        ("county.yaml", (CONFIG / "base/county.yaml").read_text()),
        ("categories.yaml", (CONFIG / "base/categories.yaml").read_text()),
        ("routes.yaml", "route: {name: all, lead: nobody}\n"),
    ):
        (tmp_path / name).write_text(text)
    return str(tmp_path)


def test_check_of_a_pack_in_order_ends_with_0(paidan: Paidan) -> None:
    code, said = paidan.answer("county", "check", "harbour")
    assert code == 0
    assert (said["ok"], said["faults"], said["departments"]) == (True, [], 3)


def test_check_of_a_pack_with_faults_ends_with_1_and_names_them(paidan: Paidan, broken: str) -> None:
    code, said = paidan.answer("county", "check", broken)
    assert code == 1
    assert not said["ok"]
    assert {"file", "line", "key", "found", "would_do", "kind"} <= set(said["faults"][0])


def test_check_of_no_pack_ends_with_2(paidan: Paidan) -> None:
    code, out, err = paidan("county", "check", "nowhere")
    assert (code, out) == (2, "")
    assert "helin" in err


def test_the_environment_chooses_the_county(paidan: Paidan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAIDAN_COUNTY", "harbour")
    code, _, err = paidan("county", "check")
    assert code == 0
    assert "Harbour County" in err


def test_what_an_operator_reads_is_chinese_unless_asked(paidan: Paidan) -> None:
    assert "承办单位" in paidan("county", "check", "harbour")[2]
    assert "departments" in paidan("county", "check", "harbour", "--lang", "en")[2]


def test_show_does_not_say_whom_to_call(paidan: Paidan) -> None:
    code, out, _ = paidan("county", "show", "harbour")
    assert code == 0
    assert "Harbour Water" in out
    assert "000 0003" not in out + json.dumps(paidan.answer("county", "show", "harbour")[1])


def test_routes_test_tries_the_packs_own_expectations(paidan: Paidan) -> None:
    code, said = paidan.answer("routes", "test", "--county", "harbour")
    assert (code, said) == (0, {"tried": 6, "passed": 6, "failed": []})


def test_an_expectation_that_fails_ends_with_1_and_says_what_was_found(paidan: Paidan, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("expect:\n  - {category: water.outage, lead: works}\n  - {category: streets, lead: works}\n")
    code, said = paidan.answer("routes", "test", str(file), "--county", "harbour")
    assert (code, said["tried"], said["passed"]) == (1, 2, 1)
    assert said["failed"][0]["found"]["lead"] == "water"
    assert paidan("routes", "test", str(file), "--county", "harbour")[0] == 1


def test_a_file_of_expectations_with_a_mistake_ends_with_2_and_its_line(paidan: Paidan, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("expect:\n  - {category: water.outage, lead: wroks}\n")
    code, _, err = paidan("routes", "test", str(file), "--county", "harbour")
    assert code == 2
    assert "mine.yaml:2" in err
    assert "works" in err


def test_explain_tells_the_path_and_why_the_nearest_did_not_match(paidan: Paidan) -> None:
    code, said = paidan.answer(
        "routes", "explain", "--county", "harbour", "--category", "water.leak", "--text", "my kitchen"
    )
    assert (code, said["lead"], said["assists"]) == (0, "water", [])
    assert said["path"] == ["backstop", "water"]
    nearest = said["nearest"][0]
    assert nearest["path"][-1] == "burst main"
    assert [one["condition"] for one in nearest["conditions"] if not one["holds"]] == ["words"]


def test_explain_in_words(paidan: Paidan) -> None:
    code, out, _ = paidan("routes", "explain", "--category", "housing.quality.leak", "--area", "150123100001")
    assert code == 0
    for word in ("主办", "housing", "协办", "chengguan-first", "最接近"):
        assert word in out


def test_explain_of_no_category_is_the_duty_desk(paidan: Paidan) -> None:
    code, said = paidan.answer("routes", "explain", "--county", "harbour")
    assert (code, said["lead"], said["reason"]) == (0, "desk", "unknown_code")


@pytest.mark.parametrize(
    ("asked", "hint"),
    [(("--category", "water.outtage"), "water.outage"), (("--area", "15"), "6"), (("--urgency", "soon"), "urgent")],
)
def test_explain_refuses_what_cannot_be(paidan: Paidan, asked: tuple[str, str], hint: str) -> None:
    code, _, err = paidan("routes", "explain", "--county", "harbour", *asked)
    assert code == 2
    assert hint in err
