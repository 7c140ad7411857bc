"""Message types: the name in the envelope, and the model behind it."""

from typing import Final

from schemas.assignment import Assignment
from schemas.base import Message
from schemas.case import Case
from schemas.checkpoint import Checkpoint, Control
from schemas.clock import DueMark
from schemas.dispatch import Dispatch
from schemas.fact import Fact
from schemas.feedback import Feedback, Outcome
from schemas.notice import Notice
from schemas.order import Order
from schemas.report import Report

TYPES: Final[dict[str, type[Message]]] = {
    "paidan.dispatch.v1": Dispatch,
    "paidan.report.v1": Report,
    "paidan.outcome.v1": Outcome,
    "paidan.order.v1": Order,
    "paidan.due.v1": DueMark,
    "paidan.assignment.v1": Assignment,
    "paidan.feedback.v1": Feedback,
    "paidan.notice.v1": Notice,
    "paidan.fact.v1": Fact,
    "paidan.case.v1": Case,
    "paidan.checkpoint.v1": Checkpoint,
    "paidan.control.v1": Control,
}
"""Envelope type -> model. A breaking change is a new line with the next number, never a changed one."""

NAMES: Final[dict[type[Message], str]] = {model: name for name, model in TYPES.items()}
