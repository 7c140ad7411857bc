"""`python -m deploy.prometheus.generate` writes rules/; `--check` writes nothing and exits 1 where a file is stale."""

import sys
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import FoldedScalarString

from deploy.prometheus.city_alerts import CITY_ALERTS
from deploy.prometheus.clock_alerts import CLOCK_ALERTS
from deploy.prometheus.pipeline_alerts import PIPELINE_ALERTS
from deploy.prometheus.recordings import RECORDINGS
from deploy.prometheus.rule import Alert

FOLDER: Final = Path(__file__).parent / "rules"
NOTE: Final = "# Made by `python -m deploy.prometheus.generate`; do not edit.\n"
ALERTS: Final = (*CLOCK_ALERTS, *PIPELINE_ALERTS, *CITY_ALERTS)


def files() -> dict[str, str]:
    """File name -> text. Recordings stand before the alerts that read them: groups run side by side."""
    recordings = [{"record": one.record, "expr": _folded(one.expr)} for one in RECORDINGS]
    groups = [
        ("hotline_clocks", CLOCK_ALERTS),
        ("hotline_pipeline", PIPELINE_ALERTS),
        ("hotline_city", CITY_ALERTS),
    ]
    return {
        "recordings.yaml": _yaml([{"name": "hotline_recordings", "rules": recordings}]),
        "alerts.yaml": _yaml([{"name": name, "rules": _alerts(alerts)} for name, alerts in groups]),
    }


def main(arguments: list[str]) -> int:
    """0 done or up to date; 1 with the names of what is stale."""
    made = files()
    stale = [name for name, text in made.items() if not _same(FOLDER / name, text)]
    if "--check" in arguments:
        for name in stale:
            print(
                f"deploy/prometheus/rules/{name} is out of date: run python -m deploy.prometheus.generate",
                file=sys.stderr,
            )
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for name in stale:
        (FOLDER / name).write_text(made[name], encoding="utf-8")
    return 0


def _alerts(alerts: Iterable[Alert]) -> list[dict[str, Any]]:
    return [
        {
            "alert": one.name,
            "expr": _folded(one.expr),
            **({"for": one.held} if one.held else {}),
            **({"keep_firing_for": one.kept} if one.kept else {}),
            "labels": {"severity": one.severity.value, "domain": one.domain.value},
            "annotations": {"summary": one.summary, "runbook_url": one.runbook},
        }
        for one in alerts
    ]


def _folded(expr: str) -> str:
    folded: str = FoldedScalarString(f"{expr}\n")
    return folded


def _yaml(groups: list[dict[str, Any]]) -> str:
    out = StringIO()
    yaml = YAML()
    yaml.width = 4096
    yaml.dump({"groups": groups}, out)
    return NOTE + out.getvalue()


def _same(file: Path, text: str) -> bool:
    return file.exists() and file.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
