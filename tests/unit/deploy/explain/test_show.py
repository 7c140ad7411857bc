"""How an explanation looks: whole at 80 and at 120 columns, in both languages, and as one JSON object."""

import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from deploy.commands.explain import department_names
from deploy.console import use_language
from deploy.explain.explanation import Explanation
from deploy.explain.show import plain, shown
from deploy.explain.wrapping import NOT_FIRST, wrap
from tests.support.explained import HELIN, SHANGHAI, a_desk, over_the_holiday


@pytest.fixture(scope="module")
def story() -> Explanation:
    return over_the_holiday().explained()


def drawn(said: Explanation, width: int) -> list[str]:
    console = Console(width=width, file=io.StringIO(), highlight=False)
    console.print(shown(said, department_names(HELIN), SHANGHAI))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_fits_and_loses_nothing(story: Explanation, width: int, language: str) -> None:
    use_language("en" if language == "en" else "zh")
    lines = drawn(story, width)
    names = department_names(HELIN)
    texts = [text for one in plain(story, names, SHANGHAI)["clocks"] for text in one["words"]]
    assert max(map(cell_len, lines)) <= width
    assert not any("…" in line for line in lines)
    whole = re.sub(r"[\s│]", "", "".join(lines))
    for text in texts:
        said = re.split("：|: ", text, maxsplit=1)[1]
        assert re.sub(r"\s", "", said) in whole


def line_of(rule: str) -> int:
    """Where the county's file has the rule."""
    lines = (HELIN.folder / "deadlines.yaml").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if rule in line)


def test_people_read_days_by_name(story: Explanation) -> None:
    lines = "\n".join(drawn(story, 80))
    rule = line_of("投诉举报办理")
    for words in ("10月1日至7日    国庆节 休  不计", "共计12个工作日", "文号 HS1-1", f"deadlines.yaml 第 {rule} 行"):
        assert words in lines


def test_what_is_provisional_is_loud() -> None:
    desk = a_desk()
    desk.issued("2026-12-28 10:00", kind="help")
    console = Console(width=80, file=io.StringIO(), highlight=False, force_terminal=True, color_system="standard")
    console.print(shown(desk.explained(), {}, SHANGHAI))
    assert isinstance(console.file, io.StringIO)
    assert "\x1b[1;37;41m暂定" in console.file.getvalue()


def test_the_same_as_one_json_object(story: Explanation) -> None:
    whole = json.loads(json.dumps(plain(story, department_names(HELIN), SHANGHAI), ensure_ascii=False))
    handling = next(one for one in whole["clocks"] if (one["clock"], one["round"]) == ("handling", 1))
    assert handling["due"] == "2026-10-27T16:00:00Z"
    assert handling["rule"]["amount"] == {"value": 10, "unit": "working_days"}
    assert handling["days"][1]["name"] == "国庆节"
    assert handling["binds"] == "ours"
    assert [mark["mark"] for mark in handling["marks"]][-1] == "overdue5"


def test_nothing_to_explain_is_said() -> None:
    lines = "\n".join(drawn(a_desk().explained(), 80))
    assert "没有计时" in lines


@given(st.text(alphabet="限时， ab12（）。；office", max_size=60), st.integers(4, 30))
def test_wrapping_keeps_every_character_and_the_width(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_no_line_begins_with_a_comma() -> None:
    for width in range(12, 40):
        lines = wrap("起始日不计，只计工作日；调休上班的周末算，放假的不算（国庆节），末日截止。", width)
        assert not [line for line in lines if line and line[0] in NOT_FIRST]
