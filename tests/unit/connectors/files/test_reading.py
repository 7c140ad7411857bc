"""Files of every format, as people really deliver them."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from connectors.systems.files.mapping import Plans
from connectors.systems.files.opening import BrokenFileError
from connectors.systems.files.reading import open_file
from connectors.systems.files.rows import Reading, Row, TableFault
from connectors.systems.files.settings import FilesSettings
from connectors.systems.files.times import instant
from schemas.dead_letter import DeadReason

TABLE = "工单编号,派单时间,标题,内容\n1001,2026/3/2 9:30,停水,三天了\n1002,2026/3/2 9:31,停电,\n"


def settings(**table: Any) -> FilesSettings:
    return FilesSettings.model_validate(
        {
            "source": "drop",
            "folder": "in",
            "table": table,
            "largest_mb": 1,
            "fields": {"number": ["编号", "工单编号"], "issued_at": "派单时间", "title": "标题", "body": "内容"},
        }
    )


def opened(path: Path, **table: Any) -> Reading | TableFault:
    made = settings(**table)
    return open_file(path, made, Plans(made))


def rows(path: Path, **table: Any) -> list[Row]:
    reading = opened(path, **table)
    assert isinstance(reading, Reading), reading
    return list(reading.rows)


def numbers(path: Path, **table: Any) -> list[str]:
    return [str(row.cells.get("工单编号")) for row in rows(path, **table)]


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_character_set_gives_the_same_rows(tmp_path: Path, charset: str, end: str) -> None:
    path = written(tmp_path / "a.csv", TABLE.replace("\n", end).encode(charset))
    found = rows(path)
    assert [row.cells["标题"] for row in found] == ["停水", "停电"]
    assert [row.line for row in found] == [2, 3]


def test_packed_files_are_unpacked(tmp_path: Path) -> None:
    assert numbers(written(tmp_path / "a.csv.gz", gzip.compress(TABLE.encode()))) == ["1001", "1002"]


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    assert numbers(written(tmp_path / "a.txt", TABLE.replace(",", delimiter))) == ["1001", "1002"]


def test_titles_above_the_header_and_totals_below_are_no_dispatches(tmp_path: Path) -> None:
    text = f"某县12345派单表\n导出时间：2026-03-02,,,\n\n{TABLE}合计,2,,\n填报人：张三,,,\n"
    path = written(tmp_path / "a.csv", text)
    assert numbers(path, ignore=["^合计", "^填报人"]) == ["1001", "1002"]
    assert [row.line for row in rows(path)] == [5, 6, 7, 8]


def test_a_header_may_be_said_to_be_in_a_row_or_not_there(tmp_path: Path) -> None:
    body = "\n".join(TABLE.splitlines()[1:])
    assert numbers(written(tmp_path / "a.csv", f"x,y\n{TABLE}"), header=2) == ["1001", "1002"]
    columns = ["工单编号", "派单时间", "标题", "内容"]
    assert numbers(written(tmp_path / "b.csv", body), header="none", columns=columns) == ["1001", "1002"]


def test_half_a_row_is_refused_unless_short_rows_are_usual(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", f"{TABLE}1003,2026/3/2 9:32\n1004,2026/3/2 9:33,停气,x\n")
    faults = [(row.line, row.fault, row.detail) for row in rows(path) if row.fault]
    assert faults == [(4, DeadReason.UNREADABLE, "columns")]
    assert numbers(path, short_rows="fill") == ["1001", "1002", "1003", "1004"]


def test_a_broken_character_costs_its_row(tmp_path: Path) -> None:
    content = TABLE.encode() + b"1003,2026/3/2 9:32,\xe5\xe5,x\n1004,2026/3/2 9:33,x,x\n"
    found = rows(written(tmp_path / "a.csv", content))
    assert [(row.line, row.fault) for row in found if row.fault] == [(4, DeadReason.NOT_UTF8)]
    assert len(found) == 4


def test_a_row_in_quarantine_has_all_its_cells_also_of_columns_of_one_name(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "工单编号,派单时间,标题,备注,备注\n1,2026/3/2,停水,甲,乙\n")
    kept = json.loads(rows(path)[0].raw)
    assert kept == {
        "file": "a.csv",
        "line": 2,
        "row": {"工单编号": "1", "派单时间": "2026/3/2", "标题": "停水", "备注": "甲", "备注#2": "乙"},
    }


def sheet(path: Path, lines: list[list[Any]], *, before: int = 0, name: str = "派单") -> Path:
    book = openpyxl.Workbook()
    book.active.title = "说明"  # type: ignore[union-attr]
    made = book.create_sheet(name)
    for number, line in enumerate(lines, 1 + before):
        for column, cell in enumerate(line, 1):
            made.cell(number, column, cell)
    book.save(path)
    return path


def test_a_spreadsheet_with_real_dates_and_numbers(tmp_path: Path) -> None:
    noon = datetime.fromisoformat("2026-03-02T12:00:00")
    path = sheet(
        tmp_path / "a.xlsx",
        [["工单编号", "派单时间", "标题"], [101004143000, noon, "停水"], ["A-2", 46083.5, "停电"], [None, None, None]],
        before=2,
    )
    found = rows(path, sheet="派单")
    assert [row.line for row in found] == [4, 5]
    zone = settings().times.zone
    assert zone == "Asia/Shanghai"
    for row in found:
        moment = instant(row.cells["派单时间"], ("auto",), Plans(settings()).zone)
        assert moment == datetime(2026, 3, 2, 4, tzinfo=UTC)
    assert json.loads(found[0].raw)["row"]["派单时间"] == "2026-03-02T12:00:00"
    assert rows(path, sheet=2)[0].cells["标题"] == "停水"


def test_json_lines_and_a_list_in_json(tmp_path: Path) -> None:
    lines = [{"工单编号": "1", "派单时间": "2026-03-02", "标题": "停水"}, {"工单编号": 2}]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    assert numbers(written(tmp_path / "a.jsonl", f"\ufeff{text}\n\n")) == ["1", "2"]
    assert numbers(written(tmp_path / "a.json", json.dumps(lines))) == ["1", "2"]
    assert numbers(written(tmp_path / "b.json", json.dumps({"data": {"rows": lines}})), rows="data.rows") == ["1", "2"]


# a line, why it is refused
BAD_LINES: list[tuple[bytes, DeadReason]] = [
    (b'{"a": 1', DeadReason.NOT_JSON),
    (b'{"a": 1, "a": 2}', DeadReason.DUPLICATE_KEY),
    (b'{"a": NaN}', DeadReason.NOT_A_NUMBER),
    (b'{"a": ' + b"9" * 5000 + b"}", DeadReason.HUGE_NUMBER),
    (b'{"a": "\\ud800"}', DeadReason.LONE_SURROGATE),
    (b'{"a": "\xe5"}', DeadReason.NOT_UTF8),
    (b"[" * 20 + b"]" * 20, DeadReason.TOO_DEEP),
    (b'{"a": "' + b"x" * 300_000 + b'"}', DeadReason.TOO_LARGE),
    (b"[1]", DeadReason.UNREADABLE),
]


@pytest.mark.parametrize(("line", "reason"), BAD_LINES)
def test_a_bad_line_of_json_costs_itself(tmp_path: Path, line: bytes, reason: DeadReason) -> None:
    good = '{"工单编号": "中"}\n'.encode()
    found = rows(written(tmp_path / "a.jsonl", good * 3 + line + b"\n" + good))
    assert [(row.line, row.fault) for row in found if row.fault] == [(4, reason)]
    assert len(found) == 5


# a name, a content, what the table is asked for, why nothing of it can be read
UNREADABLE: list[tuple[str, bytes, dict[str, Any], str]] = [
    ("a.pdf", b"%PDF", {}, "unknown_format"),
    ("a.csv", b"", {}, "empty"),
    ("a.csv", "编号,标题\n1,停水\n".encode(), {}, "no_header"),
    ("a.csv", "编号,派单时间,题目\n1,2026-3-2,停水\n".encode(), {}, "no_column"),
    ("a.csv", "编号,派单时间,标题,标题\n1,2026-3-2,停水,停电\n".encode(), {}, "column_twice"),
    ("a.csv", TABLE.encode(), {"header": 9}, "no_header"),
    ("a.xlsx", b"PK\x03\x04 nothing", {}, "not_a_spreadsheet"),
    ("a.json", b"{", {}, "not_json"),
    ("a.json", b'{"rows": {}}', {"rows": "rows"}, "not_json"),
    ("a.csv.gz", gzip.compress(TABLE.encode(), mtime=0)[:30], {}, "broken"),
    ("a.csv.gz", b"not packed", {}, "broken"),
    ("a.csv.gz", gzip.compress(b"x" * 2_000_000, mtime=0), {}, "too_large"),
]


@pytest.mark.parametrize(("name", "content", "table", "reason"), UNREADABLE)
def test_a_file_that_cannot_be_read_says_why(
    tmp_path: Path, name: str, content: bytes, table: dict[str, Any], reason: str
) -> None:
    found = opened(written(tmp_path / name, content), **table)
    assert isinstance(found, TableFault), found
    assert found.reason == reason


def test_a_sheet_that_is_not_there_says_so(tmp_path: Path) -> None:
    assert opened(sheet(tmp_path / "a.xlsx", []), sheet="三月") == TableFault("no_sheet", "三月")


def test_a_packed_file_that_breaks_off_gives_its_rows_until_there(tmp_path: Path) -> None:
    text = TABLE.splitlines()[0] + "\n" + "".join(f"{n},2026/3/2 9:30,停水{n * 7919},x\n" for n in range(5000))
    whole = gzip.compress(text.encode())
    made = settings(charset="utf-8")
    reading = open_file(written(tmp_path / "a.csv.gz", whole[: len(whole) * 9 // 10]), made, Plans(made))
    assert isinstance(reading, Reading)
    found = list(until_broken(reading))
    assert len(found) > 100
    assert len(found) < 5000


def until_broken(reading: Reading) -> Iterator[Row]:
    try:
        yield from reading.rows
    except BrokenFileError:
        return
    pytest.fail("it should have broken off")
