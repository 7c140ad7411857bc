"""Showing what shape a record has without showing what is in it."""

import json
from typing import Any

SHOWN = 200


def masked(value: bytes | None) -> str:
    """JSON with every text and number replaced by its length; for what is no JSON, its length and nothing else."""
    if value is None:
        return "-"
    try:
        shape = _shape(json.loads(value))
    except (ValueError, RecursionError):
        return f"<{len(value)} bytes>"
    return json.dumps(shape, ensure_ascii=False) if isinstance(shape, dict | list) else str(shape)


def _shape(what: Any) -> Any:
    if isinstance(what, dict):
        return {str(name)[:SHOWN]: _shape(content) for name, content in what.items()}
    if isinstance(what, list):
        return [_shape(content) for content in what]
    if what is None or isinstance(what, bool):
        return what
    return f"<{len(str(what))}>"
