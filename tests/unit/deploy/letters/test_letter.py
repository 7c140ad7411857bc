"""The page: everything a letter must say, in its order; nothing that runs or is fetched; one sheet of paper."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typing_extensions import override

from deploy.letters.content import Letter
from deploy.letters.letter import DEMANDS, OPENINGS, TITLES, WAYS, day, letter, moment
from deploy.letters.pdf import PrintError, browser, print_page
from schemas.clock import ClockName
from schemas.order import Rung
from streams.domain.deadlines import Mark
from tests.support.letters import CALENDAR, DUE, RED

ATTACK = """<script>alert(1)</script>"><img src=x onerror=alert(1)>${number}&amp;'"""
LETTERED = [rung for rung in Rung if rung is not Rung.PHONE]
VOID = {"meta", "br", "img"}


def content(**changes) -> Letter:
    base = {
        "rung": Rung.WRITTEN, "number": "HS1-1", "step": 2, "centre": "县中心", "to": "自来水公司", "dispatch": "HS1",
        "title": "自来水管破裂", "clock": ClockName.HANDLING, "mark": Mark.RED, "due": DUE, "issued": RED,
        "answer_by": datetime(2026, 3, 10, 9, 30, tzinfo=UTC),
    }  # fmt: skip
    return Letter(**{**base, **changes})


class Page(HTMLParser):
    """Text by element, all elements with their attributes, and whether they are well nested."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(page)
        self.close()

    @override
    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)
            self.texts.setdefault(tag, []).append("")

    @override
    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    @override
    def handle_data(self, data):
        for tag in set(self.stack):
            self.texts[tag][-1] += data

    def of(self, tag: str) -> list[str]:
        return [" ".join(text.split()) for text in self.texts.get(tag, [])]


def test_a_letter_says_everything_it_must_in_its_order():
    page = Page(letter(content(), CALENDAR))
    assert page.stack == []
    assert page.of("h1") == ["12345派单催办单"]
    assert page.of("title") == ["催办单 HS1-1"]
    text = page.of("main")[0]
    parts = (
        "县中心", "催办单〔2026〕HS1-1号", "12345派单催办单", "自来水公司：", "编号HS1", "办理时限为2026年3月5日24时",
        "已逾期2个工作日", "红牌", "自来水管破裂", "对该派单的第2次督办", "2026年3月10日17时30分", "请你单位：",
        "于2026年3月10日17时30分前书面答复", "县中心", "2026年3月9日", "回 执",
    )  # fmt: skip
    place = 0
    for part in parts:
        place = text.index(part, place)
    assert dict(zip(page.of("th"), page.of("td"), strict=False))["时 限"] == "2026年3月5日24时"


@pytest.mark.parametrize(
    ("rung", "title"), [(Rung.WRITTEN, "催办单"), (Rung.ONSITE, "督办单"), (Rung.INTERVIEW, "督办单")]
)
def test_a_written_step_is_a_reminder_and_a_higher_one_a_supervision(rung, title):
    page = Page(letter(content(rung=rung), CALENDAR))
    assert page.of("h1") == [f"12345派单{title}"]
    assert WAYS[rung] in page.of("main")[0]
    assert len(page.of("li")) == len(DEMANDS[rung])


def test_every_rung_that_has_a_letter_has_its_words():
    assert set(LETTERED) == TITLES.keys() == WAYS.keys() == OPENINGS.keys() == DEMANDS.keys()


@pytest.mark.parametrize("field", ["title", "to", "centre", "dispatch", "number", "whom", "answer", "by"])
def test_no_text_can_become_markup(field):
    safe = letter(content(by="王某", answer="好"), CALENDAR)
    page = letter(content(**{"by": "王某", "answer": "好", field: ATTACK}), CALENDAR)
    parsed = Page(page)
    assert ATTACK.replace("&amp;'", "") not in page
    assert "<script" not in page
    assert [tag for tag, _ in parsed.elements] == [tag for tag, _ in Page(safe).elements]
    assert not [name for _, attributes in parsed.elements for name in attributes if name.startswith("on")]
    assert "<script>alert(1)</script>" in "".join(parsed.of("html"))


def test_nothing_outside_the_page_is_loaded():
    page = letter(content(), CALENDAR)
    parsed = Page(page)
    assert "default-src 'none'" in page
    assert not [tag for tag, _ in parsed.elements if tag in ("script", "link", "img", "iframe", "object", "a")]
    assert not [name for _, attributes in parsed.elements for name in attributes if name in ("src", "href", "style")]
    assert "url(" not in page
    assert "@import" not in page
    assert "://" not in page


def test_it_is_made_for_a_sheet_of_paper():
    assert re.search(r"@page \{ size: A4;", letter(content(), CALENDAR))


@pytest.mark.parametrize(
    ("changes", "there", "absent"),
    [
        ({}, ["回 执"], ["督办记录"]),
        ({"by": "王某", "whom": "丙领导", "persons": 3}, ["回 执", "督办记录", "丙领导（3人）"], []),
        ({"by": "王某", "whom": "丙领导", "answer": "周五前恢复"}, ["督办记录", "周五前恢复"], ["回 执", "人）"]),
        ({"due": None}, ["至今未办结"], ["逾期2"]),
        ({"issued": DUE, "mark": Mark.YELLOW}, ["尚未办结", "黄牌", "未逾期"], ["已逾期"]),
        ({"mark": None}, ["已逾期"], ["红牌"]),
    ],
)
def test_what_is_not_known_is_not_said(changes, there, absent):
    text = Page(letter(content(**changes), CALENDAR)).of("main")[0]
    assert all(part in text for part in there)
    assert not [part for part in absent if part in text]


@pytest.mark.parametrize(
    ("instant", "shown"),
    [
        (DUE, "2026年3月5日24时"),
        (datetime(2026, 3, 5, 9, 0, tzinfo=UTC), "2026年3月5日17时"),
        (datetime(2026, 3, 5, 9, 5, tzinfo=UTC), "2026年3月5日17时05分"),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), "2025年12月31日24时"),
    ],
)
def test_times_are_written_as_documents_write_them(instant, shown):
    assert moment(instant, CALENDAR) == shown
    assert shown.startswith(day(instant, CALENDAR)) == (not shown.endswith("24时"))


CHROMIUM = browser()
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@needs_chromium
@pytest.mark.parametrize("rung", LETTERED)
def test_a_letter_is_one_sheet_as_pdf(tmp_path: Path, rung: Rung) -> None:
    assert CHROMIUM is not None
    out = tmp_path / "letter.pdf"
    title = "盛乐镇东街小区三号楼停水两天，多次反映无人处理，居民用水困难"
    print_page(CHROMIUM, letter(content(rung=rung, title=title, due=DUE), CALENDAR), out)
    made = out.read_bytes()
    assert made.startswith(b"%PDF-")
    assert re.findall(rb"/Count (\d+)", made) == [b"1"]
    assert [path.name for path in tmp_path.iterdir()] == ["letter.pdf"]


def test_a_browser_that_makes_nothing_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(PrintError):
        print_page("false", "<p></p>", tmp_path / "letter.pdf")
    assert not [*tmp_path.iterdir()]
