"""`python -m deploy.reference` writes docs/reference; `--check` writes nothing and exits 1 where a table is stale."""

import sys
from pathlib import Path
from typing import Final

from deploy.reference.tables import tables

FOLDER: Final = Path(__file__).parents[2] / "docs" / "reference"


def main(arguments: list[str]) -> int:
    """0 done or up to date; 1 with the names of what is stale."""
    stale = [name for name, text in tables().items() if not _same(FOLDER / name, text)]
    if "--check" in arguments:
        for name in stale:
            print(f"docs/reference/{name} is out of date: run python -m deploy.reference", file=sys.stderr)
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (FOLDER / name).write_text(tables()[name], encoding="utf-8")
    return 0


def _same(file: Path, text: str) -> bool:
    return file.exists() and file.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
