"""`python -m deploy.grafana.generate` writes dashboards/; `--check` only says, with exit code 1, what is stale."""

import json
import sys
from pathlib import Path
from typing import Final

from deploy.grafana.business import CLOCKS, OVERVIEW, SUPERVISION
from deploy.grafana.panels import as_json
from deploy.grafana.technical import CITY, PIPELINE

FOLDER: Final = Path(__file__).parent / "dashboards"
DASHBOARDS: Final = (OVERVIEW, CLOCKS, SUPERVISION, PIPELINE, CITY)


def files() -> dict[str, str]:
    """File name -> text."""
    return {
        f"{one.uid.removeprefix('paidan-')}.json": json.dumps(as_json(one), ensure_ascii=False, indent=1) + "\n"
        for one in DASHBOARDS
    }


def main(arguments: list[str]) -> int:
    """0 done or up to date; 1 with the names of what is stale."""
    made = files()
    stale = [name for name, text in made.items() if not _same(FOLDER / name, text)]
    if "--check" in arguments:
        for name in stale:
            print(
                f"deploy/grafana/dashboards/{name} is out of date: run python -m deploy.grafana.generate",
                file=sys.stderr,
            )
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for name in stale:
        (FOLDER / name).write_text(made[name], encoding="utf-8")
    return 0


def _same(file: Path, text: str) -> bool:
    return file.exists() and file.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
