"""The language is chosen anywhere on the line, and a program reads exactly one JSON object."""

import json

import pytest

from deploy import console


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ([], None, ("zh", [])),
        ([], "", ("zh", [])),
        ([], "en", ("en", [])),
        (["--lang", "en", "books"], None, ("en", ["books"])),
        (["books", "--lang=en"], "zh", ("en", ["books"])),
        (["books", "--lang", "zh", "--json"], "en", ("zh", ["books", "--json"])),
        (["--lang", "en", "--lang", "zh"], None, ("zh", [])),
        (["case", "--", "--lang"], None, ("zh", ["case", "--", "--lang"])),
        (["--lang", "fr"], None, (None, [])),
        (["books", "--lang"], None, (None, ["books"])),
        ([], "de", (None, [])),
    ],
)
def test_the_language_is_chosen_before_anything_else(arguments, environment, expected):
    assert console.choose_language(arguments, environment) == expected


def test_the_chosen_language_is_spoken():
    console.use_language("en")
    assert console.t("派单", "dispatch") == "dispatch"
    console.use_language("zh")
    assert console.t("派单", "dispatch") == "派单"


def test_a_result_for_a_program_is_one_json_object_with_chinese_as_it_is(capsys):
    console.out({"name": "城管局", "path": console.OK, "list": ("a", {"b": None})})
    said = capsys.readouterr()
    assert json.loads(said.out) == {"name": "城管局", "path": 0, "list": ["a", {"b": None}]}
    assert "城管局" in said.out
    assert said.err == ""


def test_a_failure_is_said_on_stderr_and_is_the_exit_code(capsys):
    with pytest.raises(SystemExit) as ended:
        console.fail("no", 1)
    assert ended.value.code == 1
    assert capsys.readouterr() == ("", "no\n")
