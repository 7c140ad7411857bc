"""Bytes to messages and back: the only place that knows JSON."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from schemas.dead_letter import DeadReason
from schemas.limits import refusal

M = TypeVar("M", bound=BaseModel)


class UndecodableError(ValueError):
    """These bytes are not a message of the type asked for. `detail` names a field or a rule, never a value."""

    def __init__(self, reason: DeadReason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


def decode(model: type[M], value: bytes | None, *, checked: bool = False) -> M:
    """The message in `value`. Raises UndecodableError, and nothing else, whatever the bytes are.

    `checked` skips the limits for bytes that already passed a door of ours.
    """
    if value is None:
        raise UndecodableError(DeadReason.NOT_JSON, "no value")
    if not checked and (reason := refusal(value)):
        raise UndecodableError(reason)
    try:
        return model.model_validate_json(value)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_context=False, include_input=False)[0]
        if first["type"] == "json_invalid":
            raise UndecodableError(DeadReason.NOT_JSON) from None
        where = ".".join(map(str, first["loc"]))
        raise UndecodableError(DeadReason.INVALID, f"{where}: {first['type']}") from None


def encode(message: BaseModel) -> bytes:
    """UTF-8 JSON; absent fields are left out; equal messages give equal bytes."""
    return message.__pydantic_serializer__.to_json(message, exclude_none=True)
