"""Settings that are facts of the machine: `env:NAME`, `env:NAME|default`, `file:PATH`, or the text itself."""

from collections.abc import Mapping
from pathlib import Path


class UnresolvedError(ValueError):
    """A setting points at a variable that is not set, or at a file that cannot be read; the text says which."""


def resolve(text: str, environment: Mapping[str, str]) -> str:
    """What the setting stands for. Raises UnresolvedError."""
    kind, _, rest = text.partition(":")
    if kind == "env":
        name, has_default, default = rest.partition("|")
        found = environment.get(name) or (default if has_default else None)
        if found is None:
            raise UnresolvedError(f"{name} is not set")
        return found
    if kind == "file":
        try:
            return Path(rest).read_text(encoding="utf-8").strip()
        except OSError as problem:
            raise UnresolvedError(f"{rest}: {problem.strerror}") from problem
    return text
