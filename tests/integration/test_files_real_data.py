"""Files that nobody here invented, read in place with the YAMLs of the documentation; the counts are their source's."""

import csv
import gzip
import io
from collections import Counter
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from schemas.dispatch import CityStatus, Unknown
from tests.support.folder import SHARED, Drop, from_yaml

BOSTON = SHARED / "boston311-fixtures"
TEDDY = SHARED / "teddycup"

boston = pytest.mark.skipif(not BOSTON.is_dir(), reason=f"the Boston fixtures are not there: {BOSTON}")
teddy = pytest.mark.skipif(not TEDDY.is_dir(), reason=f"the Teddy Cup data are not there: {TEDDY}")

VARIANTS = (
    "boston311-100.csv",
    "boston311-100.jsonl",
    "boston311-dmy-100.csv",
    "boston311-100-with-nonascii.csv",
)


@boston
@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_of_the_city_requests_is_read_whole(tmp_path: Path, name: str) -> None:
    drop = Drop(tmp_path, from_yaml("boston"))
    drop.deliver(name, (BOSTON / name).read_bytes())
    made = drop.dispatches()
    assert len(made) == 100
    outcomes = Counter((one.status, one.city_codes["ontime"]) for one in made)
    assert outcomes == {
        (CityStatus.CLOSED, "ONTIME"): 80,
        (CityStatus.CLOSED, "OVERDUE"): 5,
        (CityStatus.OPEN, "OVERDUE"): 12,
        (CityStatus.OPEN, "ONTIME"): 3,
    }
    assert sum(one.due_at is not None for one in made) == 89
    late = {(one.status, one.city_codes["ontime"]) for one in made if one.due_at and one.updated_at > one.due_at}
    assert (CityStatus.CLOSED, "ONTIME") not in late
    receipt = drop.receipt(name)
    assert (receipt["rows"], receipt["taken"], receipt["refused"], receipt["repeated"]) == (100, 100, [], [])


@boston
def test_the_variants_say_the_same_of_every_request(tmp_path: Path) -> None:
    """Other encodings, other date forms, other types of cells: equal content has equal ids and digests."""
    read = {}
    for name in VARIANTS[:3]:
        folder = tmp_path / name
        folder.mkdir()
        drop = Drop(folder, from_yaml("boston"))
        drop.deliver(name, (BOSTON / name).read_bytes())
        read[name] = {one.id: (one.digest, one.issued_at, one.updated_at) for one in drop.dispatches()}
    assert read[VARIANTS[0]] == read[VARIANTS[1]] == read[VARIANTS[2]]


@boston
def test_letters_beyond_ascii_arrive_as_they_were_written(tmp_path: Path) -> None:
    drop = Drop(tmp_path, from_yaml("boston"))
    name = VARIANTS[3]
    drop.deliver(name, (BOSTON / name).read_bytes())
    texts = " ".join(f"{one.body} {one.place.address}" for one in drop.dispatches())
    assert "Dëad rat" in texts
    assert "Sàratoga" in texts


@boston
def test_a_department_that_no_table_knows_is_flagged_and_counted(tmp_path: Path) -> None:
    drop = Drop(tmp_path, from_yaml("boston"))
    drop.deliver(VARIANTS[0], (BOSTON / VARIANTS[0]).read_bytes())
    flagged = [one for one in drop.dispatches() if one.unknown]
    assert [one.unknown for one in flagged] == [(Unknown.CATEGORY,)]
    unknown = drop.receipt(VARIANTS[0])["unknown"]
    assert [(one["field"], one["rows"]) for one in unknown] == [("category", 1)]
    assert unknown[0]["code"].startswith("Boston Police Department")


@boston
def test_rows_that_a_damaged_copy_has_lost_are_refused_one_by_one(tmp_path: Path) -> None:
    """The real file with four real faults in it."""
    lines = (BOSTON / VARIANTS[0]).read_bytes().splitlines(keepends=True)
    lines[10] = lines[10].replace(lines[10].split(b",")[0], b"1.01004E+11", 1)
    lines[20] = lines[20].replace(lines[20].split(b",")[1], b"soon", 1)
    lines[30] = lines[30][: len(lines[30]) // 2] + b"\n"
    lines[40] = lines[40].replace(b",", b',"', 1)
    drop = Drop(tmp_path, from_yaml("boston"))
    drop.deliver("damaged.csv", b"".join(lines))
    records = drop.all()
    assert len(records) == 100
    refused = drop.receipt("damaged.csv")["refused"]
    assert [(one["line"], one["reason"], one["where"]) for one in refused] == [
        (11, "no_number", "number"),
        (21, "no_time", "issued_at"),
        (31, "unreadable", "columns"),
        (41, "unreadable", "quotes"),
    ]


# file, rows, lines with a number that was there before
MESSAGES = (("messages.csv.gz", 1318, 0), ("replies.csv.gz", 1079, 0), ("labelled_sample.csv.gz", 495, 1))


@teddy
@pytest.mark.parametrize(("name", "rows", "repeated"), MESSAGES)
def test_citizens_messages_with_their_dirt_are_read_whole(tmp_path: Path, name: str, rows: int, repeated: int) -> None:
    """Dates in eight widths, texts with tabs and line ends, one number twice."""
    drop = Drop(tmp_path, from_yaml("messages"))
    drop.deliver(name, (TEDDY / name).read_bytes())
    made = drop.dispatches()
    receipt = drop.receipt(name)
    assert (len(made), receipt["taken"], receipt["refused"]) == (rows, rows, [])
    assert len(receipt["repeated"]) == repeated
    assert len({one.id for one in made}) == rows - repeated
    assert all(one.title and one.caller and one.body for one in made)
    assert {one.issued_at.year for one in made} <= set(range(2009, 2021))


@teddy
def test_messages_are_routed_by_the_citys_own_category(tmp_path: Path) -> None:
    drop = Drop(tmp_path, from_yaml("messages"))
    drop.deliver("labelled_sample.csv.gz", (TEDDY / "labelled_sample.csv.gz").read_bytes())
    made = drop.dispatches()
    assert all(not one.unknown for one in made)
    assert {one.category for one in made} == {
        "housing", "labour", "education", "market", "environment", "health", "roads"
    }  # fmt: skip


@teddy
def test_messages_without_a_category_go_to_the_duty_desk(tmp_path: Path) -> None:
    drop = Drop(tmp_path, from_yaml("messages"))
    drop.deliver("messages.csv.gz", (TEDDY / "messages.csv.gz").read_bytes())
    assert all(one.unknown == (Unknown.CATEGORY,) for one in drop.dispatches())
    assert drop.receipt("messages.csv.gz")["columns_missing"] == ["category"]


@teddy
def test_a_spreadsheet_and_another_encoding_of_the_messages_say_the_same(tmp_path: Path) -> None:
    """As a county would send them: saved by Excel as GB18030, or as a workbook with real dates."""
    name = "labelled_sample.csv.gz"
    text = gzip.decompress((TEDDY / name).read_bytes()).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["网友留言汇总表"])
    sheet.append(rows[0])
    for number, user, title, written, body, category in rows[1:]:
        date, _, time = written.partition(" ")
        moment = datetime.strptime(f"{date} {time or '0:00:00'}", "%Y/%m/%d %H:%M:%S")  # noqa: DTZ007
        sheet.append([int(number), user, title, moment, body.replace("\r\n", "\n"), category])
    packed = io.BytesIO()
    book.save(packed)
    variants = {name: (TEDDY / name).read_bytes(), "g.csv": text.encode("gb18030"), "x.xlsx": packed.getvalue()}
    read = {}
    for delivered, content in variants.items():
        folder = tmp_path / delivered
        folder.mkdir()
        drop = Drop(folder, from_yaml("messages"))
        drop.deliver(delivered, content)
        made = drop.dispatches()
        read[delivered] = [(one.id, one.issued_at, one.title, "".join(one.body.split()), one.category) for one in made]
    assert drop.receipt("x.xlsx")["header_line"] == 2
    assert read[name] == read["g.csv"] == read["x.xlsx"]
