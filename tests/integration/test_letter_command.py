"""`paidan sla letter`: from the journal on a real Kafka to a page on disk."""

import json

import pytest
import typer
from typer.testing import CliRunner

from deploy.commands.letter import letter
from deploy.letters.pdf import browser
from schemas.case import Case, State, encode_row
from schemas.codec import encode
from schemas.topics import CASES, JOURNAL
from tests.support.bridge import Bridge, dispatch
from tests.support.letters import ID, RECEIVED, facts, marked, step, taken

pytestmark = pytest.mark.kafka

NAME, PHONE = "甲乙丙", "13900001111"


@pytest.fixture(scope="module")
def bridge(bootstrap, tmp_path_factory):
    """One dispatch that was telephoned about, written about, and about which somebody was interviewed."""
    county = Bridge(bootstrap, tmp_path_factory.mktemp("letter"))
    county.provision()
    key = ID.encode()
    said = facts(
        RECEIVED,
        step("phone", 1, to="water-supply", mark="yellow"),
        marked("red"),
        step("written", 2, to="water-supply"),
        taken("interview", 3, to="water-supply", whom="段某", persons=3, answer="周五前恢复"),
        department="water-supply",
    )
    for fact in said:
        county.put(JOURNAL, key, encode(fact))
    shown = dispatch("HS1", title=f"{NAME} {PHONE} 家<b>停水</b>", caller={"name": NAME, "phone": PHONE})
    case = Case(at=9, seq=len(said), source="testcity", number="HS1", state=State.HANDLING)
    county.put(CASES, key, encode_row(case, encode(shown)), [("at", b"9")])
    yield county
    county.close()


@pytest.fixture
def run(bridge, monkeypatch):
    app = typer.Typer()
    app.command()(letter)
    monkeypatch.setenv("PAIDAN_KAFKA", bridge.bootstrap)
    monkeypatch.setenv("PAIDAN_COUNTY", "helin")
    return lambda *words: CliRunner().invoke(app, list(map(str, words)))


def test_the_last_letter_is_written_and_carries_no_caller(run, tmp_path):
    out = tmp_path / "letter.html"
    done = run(ID, "--out", out, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["rung"] == "interview"
    page = out.read_text("utf-8")
    # helin gives a dispatch of no kind five working days
    for part in ("12345派单督办单", "自来水公司", "接诉即办中心", "段某（3人）", "周五前恢复", "2026年3月9日24时"):
        assert part in page
    assert "家&lt;b&gt;停水&lt;/b&gt;" in page
    assert NAME not in page
    assert PHONE not in page


def test_a_step_is_chosen_by_its_number(run, tmp_path):
    out = tmp_path / "letter.html"
    assert run(ID, "--step", 2, "--out", out).exit_code == 0
    page = out.read_text("utf-8")
    assert "催办单〔2026〕HS1-2号" in page
    assert "2026年3月5日24时" in page


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((ID, "--step", "1", "--out", "x.html"), 1),
        ((ID, "--step", "9", "--out", "x.html"), 1),
        (("testcity:NOBODY", "--out", "x.html"), 1),
        ((ID, "--out", "x.doc"), 2),
    ],
)
def test_where_there_is_no_letter_nothing_is_written(run, tmp_path, monkeypatch, words, code):
    monkeypatch.chdir(tmp_path)
    assert run(*words).exit_code == code
    assert not [*tmp_path.iterdir()]


def test_without_a_chromium_the_page_is_written_instead_and_it_says_so(run, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run(ID, "--out", tmp_path / "letter.pdf")
    assert done.exit_code == 1
    assert "Chromium" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.html"]


@pytest.mark.skipif(browser() is None, reason="no Chromium on this machine")
def test_with_one_it_is_a_pdf(run, tmp_path):
    assert run(ID, "--out", tmp_path / "letter.pdf").exit_code == 0
    assert (tmp_path / "letter.pdf").read_bytes().startswith(b"%PDF-")
