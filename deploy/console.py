"""What an operator sees: the language, tables or one JSON object on stdout, everything else on stderr."""

import json
import os
import sys
from collections.abc import Sequence
from typing import Any, Literal, NoReturn

from pydantic import BaseModel
from rich.console import Console

Language = Literal["zh", "en"]

OK, WRONG, MISUSE = 0, 1, 2
"""Exit codes: done; done and something is wrong; wrong use or configuration."""

_LANGUAGES: dict[str, Language] = {"zh": "zh", "en": "en"}
_language: Language = "zh"


class UserError(Exception):
    """What the operator can put right: shown as its message, never as a traceback. `code` is the exit code."""

    def __init__(self, message: str, *, code: int = MISUSE) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


def choose_language(arguments: Sequence[str], environment: str | None) -> tuple[Language | None, list[str]]:
    """The language asked for by `--lang` (anywhere on the command line) or else the environment, and what is left.

    None stands for a language that does not exist; the default is `zh`.
    """
    asked: str = environment or "zh"
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word == "--lang":
            asked = next(words, "")
        elif word.startswith("--lang="):
            asked = word.removeprefix("--lang=")
        else:
            rest.append(word)
    return _LANGUAGES.get(asked), rest


def use_language(language: Language) -> None:
    """Sets the language of every later `t`; called before the command modules are imported."""
    global _language
    _language = language


def language() -> Language:
    """The language in use."""
    return _language


def t(zh: str, en: str) -> str:
    """The text in the operator's language."""
    return zh if _language == "zh" else en


def stdout() -> Console:
    """Where results go. Wide enough for a table when it is no terminal, so that nothing is cut in a pipe."""
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else _piped_width(), highlight=False)


def stderr() -> Console:
    """Where everything else goes: progress, warnings, errors."""
    return Console(file=sys.stderr, width=None if sys.stderr.isatty() else _piped_width(), highlight=False)


def out(what: object) -> None:
    """Prints a result: a rich renderable or a text as it is, a model, mapping or list as one JSON object."""
    if isinstance(what, BaseModel | dict | list | tuple):
        print(json.dumps(_plain(what), ensure_ascii=False, indent=None if not sys.stdout.isatty() else 2))
    elif isinstance(what, str):
        print(what)
    else:
        stdout().print(what)


def note(text: str) -> None:
    """Says something that is no result, on stderr."""
    print(text, file=sys.stderr, flush=True)


def fail(message: str, code: int = MISUSE) -> NoReturn:
    """Says what is wrong on stderr and ends the command with `code` (1: something is wrong, 2: wrong use)."""
    print(message, file=sys.stderr, flush=True)
    raise SystemExit(code)


def _plain(what: object) -> Any:
    if isinstance(what, BaseModel):
        return what.model_dump(mode="json")
    if isinstance(what, dict):
        return {str(key): _plain(value) for key, value in what.items()}
    if isinstance(what, list | tuple):
        return [_plain(value) for value in what]
    if what is None or isinstance(what, str | int | float | bool):
        return what
    return str(what)


def _piped_width() -> int:
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdecimal() and int(columns) > 0 else 160
