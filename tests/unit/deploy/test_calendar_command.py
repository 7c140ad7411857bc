"""`paidan calendar`: the month an operator sees, and tables that are written only when two sources agree."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from deploy.county import published
from deploy.county.calendars import CALENDARS
from tests.support.command import paidan


def lines(text: str) -> list[str]:
    return [re.sub(r"\s+", " ", line).strip() for line in text.splitlines()]


def test_a_month_is_drawn_week_by_week_with_what_rests_and_works(tmp_path: Path) -> None:
    done = paidan("calendar", "show", "2026-10", PAIDAN_HOME=str(tmp_path))
    said = lines(done.stdout)
    assert done.returncode == 0
    assert said[0] == "2026 年 10 月"
    assert "41 5 休 6 休 7 休 8 9 10 班 11" in said
    assert "10-01 – 10-07 休 国庆节" in said
    assert "10-10 班 国庆节" in said
    assert "工作日 18 天" in said
    assert "日历覆盖至 2026-12-31" in done.stderr
    assert "暂定" not in done.stdout + done.stderr


def test_a_month_beyond_the_calendar_says_that_it_is_provisional(tmp_path: Path) -> None:
    done = paidan("calendar", "show", "2031-02", "--lang", "en", PAIDAN_HOME=str(tmp_path))
    assert "2031-02, provisional" in lines(done.stdout)
    assert "by the weekday alone, provisional" in done.stderr


def test_a_month_as_json_says_why_of_every_day(tmp_path: Path) -> None:
    done = json.loads(paidan("calendar", "show", "2026-10", "--json", PAIDAN_HOME=str(tmp_path)).stdout)
    assert (len(done["days"]), done["working_days"], done["provisional"]) == (31, 18, False)
    assert done["days"][9] == {
        "date": "2026-10-10", "works": True, "why": "make_up", "name": "国庆节", "covered": True,
    }  # fmt: skip
    assert done["covered_until"] == "2026-12-31"
    assert done["version"].startswith("cn-2026-")


def test_a_countys_own_day_is_drawn_as_its_own(tmp_path: Path) -> None:
    (tmp_path / "county.yaml").write_text(
        "code: x\nname: x\nduty_desk: x\narbiter: x\nreturn_cap: 2\n", encoding="utf-8"
    )
    (tmp_path / "calendar.yaml").write_text("days: [{date: 2026-08-14, name: 那达慕}]\n", encoding="utf-8")
    done = paidan("calendar", "show", "2026-08", "--county", str(tmp_path), PAIDAN_HOME=str(tmp_path / "home"))
    assert "08-14 休 那达慕（本县）" in lines(done.stdout)


@pytest.mark.parametrize(
    "words", [("2026-13",), ("October",), ("2026-10", "--county", "nowhere"), ("2026-10", "--calendar", "x")]
)
def test_what_cannot_be_shown_is_wrong_use(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = paidan("calendar", "show", *words, PAIDAN_HOME=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr


def test_update_writes_what_is_not_there_and_then_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "cn"
    first = json.loads(paidan("calendar", "update", "--dir", str(folder), "--json").stdout)
    assert first["written"] == list(range(2007, 2027))
    assert (first["differences"], first["covered_until"]) == ([], "2026-12-31")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        path.name: path.read_bytes() for path in (CALENDARS / "cn").iterdir()
    }
    (folder / "2020.json").unlink()
    assert json.loads(paidan("calendar", "update", "--dir", str(folder), "--json").stdout)["written"] == [2020]
    again = paidan("calendar", "update", "--dir", str(folder))
    assert (again.returncode, again.stdout) == (0, "")
    assert "没有变化" in again.stderr


def test_update_into_home_leaves_alone_what_came_with_the_program(tmp_path: Path) -> None:
    done = json.loads(paidan("calendar", "update", "--json", PAIDAN_HOME=str(tmp_path)).stdout)
    assert done["written"] == []
    assert list(tmp_path.iterdir()) == []


def test_a_difference_between_the_sources_is_shown_and_refused_until_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = published.Difference(date(2026, 10, 10), True, False)
    monkeypatch.setattr("deploy.commands.calendar.differences", lambda year: iter([one] if year == 2026 else []))
    refused = paidan("calendar", "update", "--dir", str(tmp_path / "cn"))
    assert refused.returncode == 1
    assert "2026-10-10 六 班 休" in lines(refused.stdout)
    assert "1 天不一致" in refused.stderr
    assert not (tmp_path / "cn").exists()
    accepted = paidan("calendar", "update", "--dir", str(tmp_path / "cn"), "--accept", "--json")
    assert accepted.returncode == 0
    assert json.loads(accepted.stdout)["differences"] == [
        {"day": "2026-10-10", "chinesecalendar": True, "holidays": False}
    ]
    assert (tmp_path / "cn/2026.json").exists()


def test_a_new_year_is_written_to_home_and_used_from_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The packages have come to know 2027."""
    known = published.tables()
    known[2027] = {"year": 2027, "papers": [], "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": True}]}
    monkeypatch.setattr("deploy.commands.calendar.tables", lambda: known)
    monkeypatch.setattr("deploy.commands.calendar.differences", lambda year: iter(()))
    done = json.loads(paidan("calendar", "update", "--json", PAIDAN_HOME=str(tmp_path)).stdout)
    assert (done["written"], done["covered_until"]) == ([2027], "2027-12-31")
    shown = json.loads(paidan("calendar", "show", "2027-01", "--json", PAIDAN_HOME=str(tmp_path)).stdout)
    assert (shown["provisional"], shown["days"][0]["why"]) == (False, "holiday")
