"""One bad row never spoils a page: rows are told apart by their text, each with its original."""

import json

import pytest

from connectors.systems.city_rest.rows import NotJsonError, split

PATH = ("data", "rows")


def page(*rows: str) -> str:
    return (
        f'{{"code":1, "data" : {{"total":{len(rows)},"rows" :[ {" , ".join(rows)} ] , "x":[1,{{"rows":[]}}]}},"z":0}}'
    )


@pytest.mark.parametrize(
    "rows",
    [
        [],
        ['{"a":1}'],
        ['{"a":"}],[{\\"\\\\"}', '{"b":[{"c":{}}]}', "null", "1.5e3", '"text, with ] and }"', "[]"],
    ],
)
def test_rows_come_with_their_own_text(rows: list[str]) -> None:
    rest, found = split(page(*rows), PATH)
    assert found is not None
    assert [row.text for row in found] == rows
    assert [row.value for row in found] == [json.loads(row) for row in rows]
    assert json.loads(rest)["data"]["rows"] == []
    assert json.loads(rest)["z"] == 0


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param('{"n":' + "9" * 5000 + "}", id="a number of 5,000 digits"),
        pytest.param("[" * 50_000 + "]" * 50_000, id="50,000 deep"),
        pytest.param('{"a":1,,"b":2}', id="no JSON, but in brackets"),
        pytest.param('{"a":"\x00"}', id="NUL"),
        pytest.param("tru", id="a broken word"),
    ],
)
def test_a_row_that_cannot_be_parsed_leaves_the_others_whole(bad: str) -> None:
    _, found = split(page('{"a":1}', bad, '{"b":2}'), PATH)
    assert found is not None
    assert [row.value for row in found] == [{"a": 1}, None, {"b": 2}]
    assert found[1].text.strip() == bad


@pytest.mark.parametrize("cut", [1, 8, 20, 40, 60])
def test_a_page_that_was_cut_off_is_no_page(cut: int) -> None:
    text = page('{"a":1}', '{"b":2}')[:-cut]
    with pytest.raises(ValueError, match=r".*"):
        json.loads(split(text, PATH)[0])


def test_rows_that_cannot_be_told_apart_are_no_page() -> None:
    with pytest.raises(NotJsonError):
        split('{"data":{"rows":[{"a":1} {"b":2}]}}', PATH)
    with pytest.raises(NotJsonError):
        split('{"data":{"rows":[{"a":', PATH)


@pytest.mark.parametrize(
    "text", ["[]", "null", "{}", '{"data":null}', '{"data":{"rows":null}}', '{"data":{"rows":{}}}', ""]
)
def test_where_there_is_no_list_there_are_no_rows(text: str) -> None:
    assert split(text, PATH) == (text, None)
