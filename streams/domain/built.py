"""Messages made from values that are right already, without validating them a second time.

Validation costs 3 to 6 us a message, half of a decision. What is built here was read through a model or made by this
package; the tests validate every output of every decision.
"""

from typing import Any, Final, TypeVar

from pydantic import BaseModel

from schemas.assignment import Assignment
from schemas.base import Message
from schemas.case import Case, Held, Holding
from schemas.clock import ClockRun, Pause
from schemas.dispatch import Attachment, Caller, Place
from schemas.fact import Fact
from schemas.feedback import Feedback
from schemas.notice import Notice

M = TypeVar("M", bound=Message)


def _defaults(model: type[Message]) -> dict[str, Any]:
    """Every field in the order of the model, because that is the order in which it is written."""
    return {
        name: None if field.is_required() else field.get_default(call_default_factory=True, validated_data={})
        for name, field in model.model_fields.items()
    }


_MODELS: Final[tuple[type[Message], ...]] = (
    Fact, Assignment, Feedback, Notice, Holding, Held, Case, Caller, Place, Attachment, ClockRun, Pause,
)  # fmt: skip
_DEFAULTS: Final = {model: _defaults(model) for model in _MODELS}
_ALL: Final = {model: set(model.model_fields) for model in _MODELS}
_new: Final = object.__new__
_set_values, _set_fields, _set_unknown, _set_private = (
    BaseModel.__dict__[name].__set__
    for name in ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
)
"""What `object.__setattr__` would look up for each message anew: a third of making one."""


def built(model: type[M], fields: dict[str, Any]) -> M:
    """The message with these fields; the others at their default."""
    return _made(model, {**_DEFAULTS[model], **fields}, {})


def changed(message: M, changes: dict[str, Any]) -> M:
    """The same message with these fields changed; fields that this version does not know are kept."""
    return _made(type(message), {**message.__dict__, **changes}, message.__pydantic_extra__)


def remade(message: M, fields: dict[str, Any]) -> M:
    """The same message with all of its fields given anew, in the order of the model; unknown ones are kept."""
    return _made(type(message), fields, message.__pydantic_extra__)


def _made(model: type[M], fields: dict[str, Any], unknown: dict[str, Any] | None) -> M:
    made = _new(model)
    _set_values(made, fields)
    _set_fields(made, _ALL[model])
    _set_unknown(made, unknown)
    _set_private(made, None)
    return made


def known(message: M) -> M:
    """The message without the fields that this version does not know; the same one where it has none."""
    if not message.__pydantic_extra__:
        return message
    return _made(type(message), message.__dict__, {})
