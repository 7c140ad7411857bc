"""Logs: one JSON object a line on stderr, from which dispatch numbers and personal data are masked."""

import logging
import os
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

REDACTED = "[redacted]"
PRIVATE_FIELDS = frozenset(
    {"name", "phone", "caller", "address", "content", "dispatch", "dispatch_id", "case", "key", "value"}
)
"""Fields of a log event that may hold a dispatch number or personal data: their content never reaches a log."""

_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z.])\+?(?:\d[ -]?){10,}[\dXx]")
"""Eleven digits and more: telephone, identity card and dispatch numbers; offsets and sizes are fields of their own."""


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: masks private fields and long numbers, at any depth, in the text of exceptions too."""
    for field in event:
        event[field] = REDACTED if field in PRIVATE_FIELDS else _masked(event[field])
    return event


def _masked(what: Any) -> Any:
    if isinstance(what, str):
        return _LONG_NUMBER.sub(REDACTED, what)
    if isinstance(what, bytes):
        return REDACTED
    if isinstance(what, Mapping):
        return {name: REDACTED if name in PRIVATE_FIELDS else _masked(value) for name, value in what.items()}
    if isinstance(what, list | tuple):
        return [_masked(value) for value in what]
    if what is None or isinstance(what, bool | int | float):
        return what
    return _LONG_NUMBER.sub(REDACTED, str(what))


def log_to_stderr(component: str, level: int = logging.INFO) -> None:
    """One JSON object a line on stderr, ours and the libraries' alike, each with `component`, time (UTC) and level."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.contextvars.bind_contextvars(component=component, pid=os.getpid())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("kafka", "aiokafka", "faust", "mode", "httpx2", "httpcore2"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))
