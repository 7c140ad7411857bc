"""`paidan case ID ACTION`: what an order needs, may have and may not, in the operator's words."""

import pytest

from tests.support import command

BY = ("--as", "王某", "--reason", "值班决定")


REFUSED = [
    (("supervise",), "supervise 需要 --rung"),
    (("supervise", "--rung", "phone", "--days", "3"), "supervise 不用 --days"),
    (("supervise", "--rung", "phone", "--to", "water,town"), "supervise 一次只督办一个单位"),
    (("supervise", "--rung", "interview"), "约谈需要 --persons：约谈了几人"),
    (("supervise", "--rung", "interview", "--persons", "0"), "--persons 应为 1 至 500"),
    (("supervise", "--rung", "interview", "--persons", "501"), "--persons 应为 1 至 500"),
    (("supervise", "--rung", "phone", "--to", "Water!"), "--to 应为承办单位代码：小写字母、数字、连字符"),
    (("supervise", "--rung", "phone", "--whom", "长" * 3000), "--whom 过长，或含控制字符"),
    (("extend",), "extend 需要 --days"),
    (("extend", "--days", "61"), "--days 应为 1 至 60"),
    (("extend", "--days", "3", "--rung", "phone"), "extend 不用 --rung"),
    (("pause", "--days", "3"), "pause 不用 --days"),
    (("resume", "--to", "water"), "resume 不用 --to"),
    (("route",), "route 需要 --to"),
    (("merge", "--into", "x"), "--into 应为 来源:市级编号"),
]


@pytest.mark.parametrize(("words", "said"), REFUSED)
def test_what_does_not_fit_is_refused_before_anything_is_sent(words: tuple[str, ...], said: str) -> None:
    done = command.paidan("case", "city:HS1", *words, *BY, PAIDAN_LANG="zh", PAIDAN_KAFKA="127.0.0.1:1")
    assert (done.returncode, done.stderr) == (2, f"{said}\n")


def test_an_unknown_rung_is_refused() -> None:
    done = command.paidan("case", "city:HS1", "supervise", "--rung", "letter", *BY, PAIDAN_KAFKA="127.0.0.1:1")
    assert done.returncode == 2
    assert "--rung" in done.stderr


def test_by_and_reason_are_asked_for_first() -> None:
    done = command.paidan("case", "city:HS1", "extend", PAIDAN_LANG="en", PAIDAN_KAFKA="127.0.0.1:1")
    assert (done.returncode, done.stderr) == (2, "--as and --reason are needed\n")
