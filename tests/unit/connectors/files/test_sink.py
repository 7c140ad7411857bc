"""What the city is told, in files: once, whole, and readable by a spreadsheet."""

import csv
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.runtime.ports import Accepted, Failed, Failure, Operation, Priority
from connectors.systems.files.settings import FilesSettings, Tell
from connectors.systems.files.sink import OutFolder
from schemas.feedback import Feedback, FeedbackKind
from schemas.ids import derived_id
from schemas.report import ReturnReason

P = Priority.FEEDBACK


class Free:
    """Calls without a budget."""

    @contextmanager
    def turn(self, priority: Priority) -> Iterator[None]:
        yield

    def made(self, operation: Operation, outcome: str, seconds: float) -> None: ...


def sink(folder: Path, **tell: Any) -> OutFolder:
    made = FilesSettings.model_validate(
        {
            "source": "drop",
            "folder": "unused",
            "fields": {"number": "编号", "issued_at": "时间", "title": "标题"},
            "tell": {"unit": "县中心", **tell},
        }
    )
    assert made.tell is not None
    return OutFolder(made, made.tell, folder, Free())


def feedback(number: str = "A1", **changes: Any) -> Feedback:
    base: dict[str, Any] = {
        "dispatch": f"drop:{number}",
        "source": "drop",
        "number": number,
        "seq": 3,
        "round": 1,
        "kind": FeedbackKind.RESULT,
        "occurred_at": datetime(2026, 3, 2, 17, 0, tzinfo=UTC),
        "department_name": "住建局",
        "public_reply": "已修好",
        "solved": True,
    }
    return Feedback.model_validate({**base, **changes})


def rows(path: Path, charset: str = "utf-8-sig") -> list[dict[str, str]]:
    with path.open(encoding=charset, newline="") as file:
        return list(csv.DictReader(file))


def test_a_feedback_is_one_line_in_the_file_of_its_day(tmp_path: Path) -> None:
    assert sink(tmp_path).send(feedback(), derived_id("1"), P) == Accepted()
    # 17:00 UTC is the next day in Shanghai
    found = rows(tmp_path / "feedback-20260303.csv")
    assert len(found) == 1
    assert (found[0]["number"], found[0]["unit"], found[0]["solved"]) == ("A1", "住建局", "1")
    assert found[0]["occurred_at"] == "2026-03-03 01:00:00"
    assert found[0]["contacted"] == ""


def test_a_feedback_told_before_is_not_told_again(tmp_path: Path) -> None:
    first = sink(tmp_path)
    first.send(feedback(), derived_id("1"), P)
    for again in (first, sink(tmp_path)):
        told = again.send(feedback(), derived_id("1"), P)
        assert isinstance(told, Failed)
        assert told.failure is Failure.EXISTS
    assert len(rows(tmp_path / "feedback-20260303.csv")) == 1


def test_it_can_be_asked_what_it_was_told(tmp_path: Path) -> None:
    out = sink(tmp_path)
    assert out.has(feedback(), derived_id("1"), P) is False
    out.send(feedback(), derived_id("1"), P)
    assert out.has(feedback(), derived_id("1"), P) is True
    assert sink(tmp_path).has(feedback(), derived_id("1"), P) is True


@pytest.mark.parametrize("format", ["csv", "jsonl"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030"])
def test_half_a_line_left_by_a_crash_is_cut_off(tmp_path: Path, format: str, charset: str) -> None:
    name = "out-{day}." + format
    sink(tmp_path, format=format, charset=charset, name=name).send(feedback(note="甲\r\n乙"), derived_id("1"), P)
    path = tmp_path / f"out-20260303.{format}"
    whole = path.read_bytes()
    for half in range(1, 12):
        path.write_bytes(whole + '没有写完的,"一行'.encode(charset)[:half])
        later = sink(tmp_path, format=format, charset=charset, name=name)
        assert later.has(feedback(), derived_id("1"), P) is True
        assert path.read_bytes() == whole
    later.send(feedback("B2"), derived_id("2"), P)
    assert later.has(feedback(), derived_id("2"), P) is True
    assert sink(tmp_path, format=format, charset=charset, name=name).has(feedback(), derived_id("2"), P) is True


def test_a_file_of_which_only_a_part_of_the_first_write_is_there_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "feedback-20260303.csv").write_bytes(b"\xef\xbb\xbfid,num")
    assert sink(tmp_path).send(feedback(), derived_id("1"), P) == Accepted()
    assert [row["number"] for row in rows(tmp_path / "feedback-20260303.csv")] == ["A1"]


def test_columns_and_words_are_those_of_the_yaml(tmp_path: Path) -> None:
    out = sink(
        tmp_path,
        charset="gb18030",
        columns={"编号": "id", "工单": "number", "类型": "kind", "原因": "reason"},
        kind={"return": "退回"},
        reason={"not_ours": "非本单位职责"},
    )
    back = feedback(kind=FeedbackKind.RETURN, reason=ReturnReason.NOT_OURS)
    assert out.send(back, derived_id("1"), P) == Accepted()
    found = rows(tmp_path / "feedback-20260303.csv", "gb18030")
    assert found == [{"编号": derived_id("1"), "工单": "A1", "类型": "退回", "原因": "非本单位职责"}]


def test_a_word_that_no_table_has_is_a_rejection_and_writes_nothing(tmp_path: Path) -> None:
    told = sink(tmp_path, kind={"sign": "签收"}).send(feedback(), derived_id("1"), P)
    assert isinstance(told, Failed)
    assert (told.failure, told.city_code) == (Failure.REJECTED, "no_word")
    assert list(tmp_path.iterdir()) == []


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    sink(tmp_path).send(feedback(note="=1+1", public_reply="@x"), derived_id("1"), P)
    found = rows(tmp_path / "feedback-20260303.csv")[0]
    assert (found["note"], found["public_reply"]) == ("'=1+1", "'@x")


def test_json_lines_keep_texts_as_they_are(tmp_path: Path) -> None:
    out = sink(tmp_path, format="jsonl", name="{day}.jsonl", charset="utf-8")
    out.send(feedback(note="=1\r\n甲"), derived_id("1"), P)
    assert json.loads((tmp_path / "20260303.jsonl").read_text(encoding="utf-8"))["note"] == "=1\r\n甲"


def test_lines_of_many_threads_do_not_mix(tmp_path: Path) -> None:
    out = sink(tmp_path)
    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(lambda n: out.send(feedback(f"N{n % 50}"), derived_id(n % 50), P), range(100)))
    assert sum(isinstance(one, Accepted) for one in told) == 50
    assert sorted(row["id"] for row in rows(tmp_path / "feedback-20260303.csv")) == sorted(map(derived_id, range(50)))


def test_a_folder_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    told = sink(tmp_path / "gone").send(feedback(), derived_id("1"), P)
    assert isinstance(told, Failed)
    assert told.failure is Failure.UNREACHABLE


def test_what_holds_no_id_cannot_be_asked_for() -> None:
    with pytest.raises(ValueError, match="`id`"):
        Tell(unit="x", columns={"工单": "number"})
