"""What a panel and a dashboard are in Grafana's JSON (schema 36, Grafana 9 and later)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

DATASOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS: Final = 24

Kind = Literal["stat", "timeseries", "bargauge", "table"]
Unit = Literal["short", "s", "percentunit", "dateTimeAsIso", "ops", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """`about` says what to read from it, and what is no reason to worry."""

    title: str
    about: str
    expr: str
    legend: str = ""
    also: tuple[tuple[str, str], ...] = ()
    """Further expressions, each with its legend."""
    kind: Kind = "timeseries"
    unit: Unit = "short"
    width: int = 8
    height: int = 8
    stacked: bool = False
    red_from: float | None = None
    """From which value on it is red; none: it says nothing good or bad."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """`uid` is what links point to and never changes."""

    uid: str
    title: str
    panels: tuple[Panel, ...]
    since: str = "now-6h"


def as_json(dashboard: Dashboard) -> dict[str, Any]:
    """As Grafana imports it."""
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "tags": ["paidan"],
        "schemaVersion": 36,
        "version": 1,
        "editable": False,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": dashboard.since, "to": "now"},
        "templating": {
            "list": [{"name": "datasource", "type": "datasource", "query": "prometheus", "label": "数据源"}]
        },
        "links": [{"type": "dashboards", "tags": ["paidan"], "asDropdown": True, "title": "派单"}],
        "panels": _placed(dashboard.panels),
    }


def _placed(panels: Sequence[Panel]) -> list[dict[str, Any]]:
    """From left to right, a new row where the next does not fit."""
    placed, x, y, tallest = [], 0, 0, 0
    for number, panel in enumerate(panels, 1):
        if x + panel.width > COLUMNS:
            x, y, tallest = 0, y + tallest, 0
        placed.append(_panel(panel, number) | {"gridPos": {"x": x, "y": y, "w": panel.width, "h": panel.height}})
        x, tallest = x + panel.width, max(tallest, panel.height)
    return placed


def _panel(panel: Panel, number: int) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green" if panel.red_from is not None else "blue", "value": None}]
    if panel.red_from is not None:
        steps.append({"color": "red", "value": panel.red_from})
    custom = {"stacking": {"mode": "normal"}, "fillOpacity": 30} if panel.stacked else {"lineWidth": 2}
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.about,
        "datasource": DATASOURCE,
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "thresholds": {"mode": "absolute", "steps": steps},
                **({"custom": custom} if panel.kind == "timeseries" else {}),
            },
            "overrides": [],
        },
        "options": _options(panel),
        "targets": [
            _target(panel, letter, *pair)
            for letter, pair in zip("ABCDEFGH", [(panel.expr, panel.legend), *panel.also], strict=False)
        ],
    }


def _target(panel: Panel, letter: str, expr: str, legend: str) -> dict[str, Any]:
    now = panel.kind != "timeseries"
    shape = {"format": "table"} if panel.kind == "table" else {}
    return {
        "refId": letter,
        "datasource": DATASOURCE,
        "expr": expr,
        "legendFormat": legend,
        "instant": now,
        "range": not now,
    } | shape


def _options(panel: Panel) -> dict[str, Any]:
    if panel.kind == "timeseries":
        return {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}}
    if panel.kind == "table":
        return {"showHeader": True}
    return {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}}
