"""Console and file: what was shown is not shown again, and a torn line is mended."""

import io
import json

import pytest

from connectors.systems.notices import ConsoleSink, FileSink, FolderTakenError
from tests.support.notices import received, translator


@pytest.fixture
def open_sink(tmp_path):
    opened = []

    def another(**options):
        while opened:
            opened.pop().close()
        opened.append(FileSink(translator(), tmp_path, **options))
        return opened[-1]

    yield another
    opened[-1].close()


def lines(folder):
    files = sorted(folder.glob("*/*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def shown(folder):
    return [known for line in lines(folder) for known in line["ids"]]


def test_the_console_shows_each_notice_once_while_it_lives():
    screen = io.StringIO()
    sink = ConsoleSink(translator(), screen)
    one, two = received("N1"), received("N2")
    assert sink.deliver([one, one]) == 1
    assert sink.deliver([one, two]) == 1
    assert [("N1" in line, "N2" in line) for line in screen.getvalue().splitlines()] == [(True, False), (False, True)]


def test_a_file_holds_each_notice_once_over_lives(open_sink, tmp_path):
    batch = [received("N1"), received("N2", department="housing"), received("N3", audience="duty_desk")]
    assert open_sink().deliver(batch) == 3
    assert open_sink().deliver([*batch, received("N4")]) == 1
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("*/*")) == [
        "20260302/desk.jsonl", "20260302/housing.jsonl", "20260302/water.jsonl",
    ]  # fmt: skip
    assert len(shown(tmp_path)) == len(set(shown(tmp_path))) == 4


def test_a_line_says_all_that_a_messenger_needs(open_sink, tmp_path):
    open_sink().deliver([received("N1", digest="d", channels=("wecom",)), received("N2", digest="d")])
    first, second = lines(tmp_path)
    assert (first["office"], first["to"], first["channel"], first["address"]) == ("water", "乙联络", "wecom", "0000-02")
    assert first["about"] == [
        {"dispatch": "testcity:N1", "kind": "mark", "what": "办理时限已过半", "title": "自来水管破裂",
         "due": "2026-03-05 24:00"}
    ]  # fmt: skip
    assert first["at"] == "2026-03-02T12:00:00+08:00"
    assert "N2" in second["text"]


def test_a_digest_that_was_half_read_before_a_crash_loses_and_repeats_nothing(open_sink, tmp_path):
    batch = [received(f"N{number}", digest="d") for number in range(4)]
    open_sink().deliver(batch[:2])
    open_sink().deliver(batch)
    assert [len(line["ids"]) for line in lines(tmp_path)] == [2, 2]
    assert sorted(shown(tmp_path)) == sorted(one.id for one in batch)


@pytest.mark.parametrize("cut", [1, 5, 200])
def test_half_a_line_is_cut_off_and_written_again(open_sink, tmp_path, cut):
    batch = [received("N1"), received("N2")]
    open_sink().deliver(batch)
    (path,) = tmp_path.glob("*/*.jsonl")
    path.write_bytes(path.read_bytes()[:-cut])
    assert open_sink().deliver(batch) == 1
    assert shown(tmp_path) == [one.id for one in batch]


def test_what_failed_comes_again_and_is_there_once(open_sink, tmp_path):
    failing = [True]

    def full(point):
        if failing.pop():
            raise OSError(28, "No space left on device")

    sink = open_sink(at=full)
    batch = [received("N1"), received("N2", department="housing")]
    with pytest.raises(OSError, match="No space"):
        sink.deliver(batch)
    failing += [False] * 3
    sink.deliver(batch)
    assert sorted(shown(tmp_path)) == sorted(one.id for one in batch)


def test_a_line_that_is_not_ours_does_no_harm(open_sink, tmp_path):
    (tmp_path / "20260302").mkdir()
    (tmp_path / "20260302/water.jsonl").write_bytes(b'hand-written\n[1]\n{"ids": 3}\n')
    assert open_sink().deliver([received()]) == 1


def test_a_folder_has_one_writer(open_sink, tmp_path):
    open_sink()
    with pytest.raises(FolderTakenError):
        FileSink(translator(), tmp_path)
