"""Delimited text: a bad line costs itself and nothing else."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.systems.files.csv_rows import delimiter_of, records

GOOD = ["1,a,b\n", "2,c,d\n", "3,e,f\n"]


def cells(lines: Sequence[str], width: int | None = 3) -> list[tuple[int, Sequence[str] | None]]:
    return [(record.line, record.cells) for record in records(lines, ",", '"', width)]


# lines, what comes of them
DIRT: list[tuple[str, list[str], list[tuple[int, list[str] | None]]]] = [
    ("blank lines are passed over", ["1,a,b\n", "\n", ",,\n", "2,c,d"], [(1, ["1", "a", "b"]), (4, ["2", "c", "d"])]),
    ("a cell may hold line ends", ['1,"a\n', 'b",c\n', "2,c,d\n"], [(1, ["1", "a\nb", "c"]), (3, ["2", "c", "d"])]),
    (
        "a quote that never closes costs its line",
        ['1,"a,b\n', "2,c,d\n", "3,e,f\n"],
        [(1, None), (2, ["2", "c", "d"]), (3, ["3", "e", "f"])],
    ),
    (
        "two stray quotes do not swallow what is between them",
        ['1,"a,b\n', "2,c,d\n", '3,e,f"\n', "4,g,h\n"],
        [(1, None), (2, ["2", "c", "d"]), (3, ["3", "e", 'f"']), (4, ["4", "g", "h"])],
    ),
    ("quotes inside a cell, not doubled", ['1,"他说"好"了",b\n'], [(1, ["1", '他说好"了"', "b"])]),
    ("a blank after the closing quote", ['1,"a" ,b\n'], [(1, ["1", "a ", "b"])]),
    ("blank cells beyond the last column", ["1,a,b,,\n"], [(1, ["1", "a", "b"])]),
    ("too few cells are given as they are", ["1,a\n"], [(1, ["1", "a"])]),
]


@pytest.mark.parametrize(("lines", "expected"), [pytest.param(*rest, id=name) for name, *rest in DIRT])
def test_dirt(lines: list[str], expected: list[tuple[int, list[str] | None]]) -> None:
    assert cells(lines) == expected


def test_a_cell_beyond_the_limit_costs_its_line() -> None:
    lines = ['1,"' + "x" * 200_000 + "\n", *["more\n"] * 3, "2,c,d\n"]
    found = list(records(lines, ",", '"', 3))
    assert (found[0].line, found[0].cells) == (1, None)
    assert (found[-1].line, found[-1].cells) == (5, ["2", "c", "d"])


def test_line_numbers_count_from_where_reading_starts() -> None:
    assert [record.line for record in records(GOOD, ",", '"', 3, start=2)] == [2, 3]


@given(
    st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters='\0\r"')), min_size=2, max_size=2)),
    st.integers(0, 5),
)
def test_rows_after_a_stray_quote_are_all_there(rows: list[list[str]], where: int) -> None:
    """Rows without quotes and line ends of their own: each is one line, and one line is spoilt."""
    plain = [
        [f"n{number}", *(cell.replace("\n", " ").replace(",", " ") for cell in row)] for number, row in enumerate(rows)
    ]
    lines = [",".join(row) + "\n" for row in plain]
    lines.insert(min(where, len(lines)), 'bad,"never closed,\n')
    read = [list(record.cells) for record in records(lines, ",", '"', 3) if record.cells and record.cells[0] != "bad"]
    assert read == plain


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "，"])
def test_the_delimiter_is_the_one_that_shows_the_columns(delimiter: str) -> None:
    head = [f"某县某表，{'逗号' * 5}\n", delimiter.join(["编号", "时间", "标题, 或主题"]) + "\n"]
    assert delimiter_of(head, '"', ["编号", "时间"]) == delimiter
