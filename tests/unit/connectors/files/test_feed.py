"""The folder as a feed: claimed by rename, put away with a receipt when everything is durable, harmless to repeat."""

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.runtime.ports import Batch, Idle, Operation, Refused, State
from connectors.systems.files.settings import FilesSettings
from schemas.dispatch import Dispatch
from tests.support.folder import Drop

HEAD = "编号,时间,标题,分类\n"
GOOD = HEAD + "1,2026-03-02 09:30,停水,水\n2,2026-03-02 09:31,停电,电\n"


def settings(**changes: Any) -> FilesSettings:
    return FilesSettings.model_validate(
        {
            "source": "drop",
            "folder": "unused",
            "pick": ["*.csv", "*.jsonl"],
            "fields": {"number": "编号", "issued_at": "时间", "title": "标题", "category": "分类"},
            "codes": {"category": {"水": "water", "电": "power"}},
            **changes,
        }
    )


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    return Drop(tmp_path, settings())


def test_a_file_is_claimed_read_and_put_away_with_its_receipt(drop: Drop) -> None:
    drop.deliver("a.csv", GOOD)
    batch = drop.batch()
    assert (drop.names("in"), drop.names("work"), drop.names("done")) == ([], ["a.csv"], [])
    drop.feed.durable(batch)
    assert (drop.names("work"), drop.names("done")) == ([], ["a.csv", "a.csv.receipt.json"])
    receipt = drop.receipt("a.csv")
    assert (receipt["rows"], receipt["taken"], receipt["refused"], receipt["fault"]) == (2, 2, [], None)
    assert (receipt["format"], receipt["charset"], receipt["delimiter"], receipt["header_line"]) == (
        "csv",
        "utf-8",
        ",",
        1,
    )
    assert drop.calls.outcomes == [(Operation.LIST, "ok")]
    assert isinstance(drop.feed.next(), Idle)


def test_the_receipt_tells_every_refused_line_and_why(drop: Drop) -> None:
    drop.deliver(
        "a.csv",
        GOOD + ",2026-03-02,停气,水\n4,昨天,停气,水\n5,2026-03-02\n6,2026-03-02,停暖,暖\n1,2026-03-03,停水,水\n",
    )
    records = drop.all()
    receipt = drop.receipt("a.csv")
    assert [(one["line"], one["reason"], one["where"]) for one in receipt["refused"]] == [
        (4, "no_number", "number"),
        (5, "no_time", "issued_at"),
        (6, "unreadable", "columns"),
    ]
    assert "没有可用的时间" in receipt["refused"][1]["why"]
    assert receipt["unknown"] == [{"field": "category", "code": "暖", "rows": 1}]
    assert receipt["repeated"] == [{"line": 8, "first": 2}]
    assert (receipt["rows"], receipt["taken"]) == (7, 4)
    assert sum(isinstance(record, Refused) for record in records) == 3


def test_a_receipt_holds_nothing_of_a_citizen(drop: Drop) -> None:
    drop.deliver("a.csv", HEAD + ",2026-03-02,王小明电话一三八,水\nX9,无,王小明,水\n")
    drop.all()
    text = json.dumps(drop.receipt("a.csv"), ensure_ascii=False)
    assert "王小明" not in text
    assert "X9" not in text


def test_rows_come_in_batches_and_the_file_waits_for_the_last(tmp_path: Path) -> None:
    drop = Drop(tmp_path, settings(batch=2))
    drop.deliver("a.csv", HEAD + "".join(f"{n},2026-03-02,停水,水\n" for n in range(5)))
    sizes = []
    while isinstance(made := drop.feed.next(), Batch):
        sizes.append(len(made.records))
        assert drop.names("done") == []
        drop.feed.durable(made)
    assert sizes == [2, 2, 1]
    assert drop.receipt("a.csv")["taken"] == 5


def test_after_a_crash_the_claimed_file_is_read_again_from_its_start(tmp_path: Path) -> None:
    drop = Drop(tmp_path, settings(batch=1))
    drop.deliver("a.csv", GOOD)
    first = drop.batch()
    drop.feed.durable(first)
    drop.batch()
    drop.start()
    again = drop.all()
    assert [one.id for one in again if isinstance(one, Dispatch)] == ["drop:1", "drop:2"]
    assert again[:1] == list(first.records)
    assert drop.names("done") == ["a.csv", "a.csv.receipt.json"]


def test_a_crash_between_receipt_and_rename_leaves_the_file_to_be_read_again(drop: Drop) -> None:
    drop.deliver("a.csv", GOOD)
    batch = drop.batch()
    (drop.root / "done" / "a.csv.receipt.json").write_text("{}")
    drop.start()
    assert len(drop.all()) == len(batch.records)
    assert drop.receipt("a.csv")["taken"] == 2


def test_a_file_still_being_written_is_left_alone(drop: Drop) -> None:
    drop.deliver("fresh.csv", GOOD, age=0)
    for name in (".hidden.csv", "~$open.csv", "a.csv.part", "b.tmp", "notes.docx"):
        drop.deliver(name, GOOD)
    assert isinstance(drop.feed.next(), Idle)
    assert "fresh.csv" in drop.names("in")


def test_the_oldest_file_goes_first(drop: Drop) -> None:
    drop.deliver("b.csv", HEAD + "2,2026-03-02,停水,水\n", age=100)
    drop.deliver("a.csv", HEAD + "1,2026-03-02,停水,水\n", age=50)
    assert [one.id for one in drop.all() if isinstance(one, Dispatch)] == ["drop:2", "drop:1"]


def test_a_second_file_of_the_same_name_does_not_replace_the_first(drop: Drop) -> None:
    drop.deliver("export.csv", GOOD)
    drop.all()
    drop.deliver("export.csv", GOOD)
    drop.all()
    assert drop.names("done") == [
        "export.csv", "export.csv.receipt.json", "export~2.csv", "export~2.csv.receipt.json"
    ]  # fmt: skip


def test_a_file_that_cannot_be_read_is_set_aside_and_shown_among_the_dead(drop: Drop) -> None:
    drop.deliver("a.csv", "x,y\n1,2\n")
    drop.deliver("b.csv", GOOD, age=1)
    drop.deliver("c.csv", GOOD)
    records = drop.all()
    assert drop.names("refused") == ["a.csv", "a.csv.receipt.json"]
    receipt = drop.receipt("a.csv", "refused")
    assert receipt["fault"]["reason"] == "no_header"
    assert "编号" in receipt["fault"]["why"]
    refused = [one for one in records if isinstance(one, Refused)]
    assert len(refused) == 1
    assert refused[0].detail == "file: no_header"
    assert len(records) == 3


def test_an_empty_table_is_no_fault(drop: Drop) -> None:
    drop.deliver("a.csv", HEAD)
    assert drop.all() == []
    assert drop.receipt("a.csv")["rows"] == 0


def test_a_folder_that_is_gone_is_degraded_and_heals(tmp_path: Path) -> None:
    root = tmp_path / "share"
    root.mkdir()
    drop = Drop(root, settings())
    away = root.rename(tmp_path / "away")
    assert isinstance(drop.feed.next(), Idle)
    assert drop.feed.state[0] is State.DEGRADED
    away.rename(root)
    drop.deliver("a.csv", GOOD)
    assert len(drop.all()) == 2
    assert drop.feed.state == (State.RUNNING, "")


def test_a_repeat_gives_the_same_dispatches(drop: Drop) -> None:
    drop.deliver("a.csv", GOOD)
    first = drop.all()
    drop.deliver("later.csv", GOOD)
    assert drop.all() == first


def learned(drop: Drop) -> Drop:
    """The same folder after its table has learned a code."""
    return Drop(drop.root, settings(codes={"category": {"水": "water", "电": "power", "暖": "heating"}}))


def test_what_the_table_has_learned_is_read_again_from_files_that_are_done(drop: Drop) -> None:
    drop.deliver("a.csv", GOOD + "3,2026-03-02,停暖,暖\n")
    assert [one.category for one in drop.dispatches()] == ["water", "power", "unknown"]
    later = learned(drop)
    assert [one.category for one in later.dispatches()] == ["water", "power", "heating"]
    later.start()
    assert later.all() == []


def test_an_old_file_does_not_overtake_a_newer_one_when_it_is_read_again(drop: Drop) -> None:
    """Nor one that comes in meanwhile, which goes first."""
    for name, title in (("a.csv", "一"), ("b.csv", "二")):
        drop.deliver(name, HEAD + f"1,2026-03-02,{title},暖\n2,2026-03-02,{title},暖\n")
        drop.all()
        drop.now += 60
    later = learned(drop)
    later.deliver("c.csv", HEAD + "1,2026-03-02,三,暖\n")
    assert [(one.number, one.title) for one in later.dispatches()] == [("1", "三"), ("2", "二")]


def test_reading_again_begins_anew_when_it_was_cut_short(tmp_path: Path) -> None:
    drop = Drop(tmp_path, settings(batch=1))
    drop.deliver("a.csv", GOOD)
    drop.all()
    changed = settings(batch=1, codes={"category": {"水": "water"}})
    later = Drop(tmp_path, changed)
    later.feed.durable(later.batch())
    later.start()
    assert len(later.all()) == 2
