"""The runbooks: what they tell a person to type is there to be typed."""

import re
from pathlib import Path

import pytest
import typer.main

from deploy import cli

RUNBOOKS = Path(__file__).parents[4] / "deploy" / "runbooks"
BOOKS = sorted(file for file in RUNBOOKS.glob("Hotline*.md"))
LINE = re.compile(r"paidan ([a-z][^`#\n]*)")


def unknown(line):
    """What of `paidan <line>` the command line does not know: a command, or an option of it."""
    words = [word for word in line.split() if re.fullmatch(r"-{0,2}[a-z][a-z-]*", word)]
    entry = next((one for one in cli.COMMANDS if one.name == words[0]), None)
    if entry is None:
        return [words[0]]
    command = typer.main.get_command(cli.import_module(entry.module).app)
    rest = words[1:]
    if hasattr(command, "commands") and rest and rest[0] in command.commands:
        command, rest = command.commands[rest[0]], rest[1:]
    elif hasattr(command, "commands"):
        return [" ".join(words[:2])]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    return [f"{words[0]} {word}" for word in rest if word.startswith("--") and word not in known]


@pytest.mark.parametrize("book", BOOKS, ids=[book.stem for book in BOOKS])
def test_every_command_of_a_runbook_exists(book):
    lines = LINE.findall(book.read_text(encoding="utf-8"))
    assert [fault for line in lines for fault in unknown(line)] == []


@pytest.mark.parametrize("line", ["dead bury X", "dead show --all", "deadly", "case 来源:编号 close --whoever 姓名"])
def test_a_command_that_does_not_exist_is_seen(line):
    assert unknown(line)


@pytest.mark.parametrize("book", BOOKS, ids=[book.stem for book in BOOKS])
def test_a_runbook_says_what_it_means_where_to_look_and_what_to_do(book):
    text = book.read_text(encoding="utf-8")
    assert text.startswith(f"# {book.stem}：")
    assert "## 先看\n\n```sh\n" in text
    assert "## 怎么办\n\n1. " in text
