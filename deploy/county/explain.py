"""What a model refuses, in words for whoever edits the file: what was found, and what would do."""

from collections.abc import Callable, Mapping
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from deploy.console import t
from deploy.county.faults import FaultKind, listed, suggestion

_TYPES: Mapping[str, tuple[str, str]] = {
    "string_type": ("文字，代码要加引号", "a text; put codes in quotes"),
    "int_type": ("整数", "a whole number"),
    "int_parsing": ("整数", "a whole number"),
    "int_from_float": ("整数", "a whole number"),
    "float_type": ("数字", "a number"),
    "float_parsing": ("数字", "a number"),
    "bool_type": ("true 或 false", "true or false"),
    "bool_parsing": ("true 或 false", "true or false"),
    "list_type": ("列表：[甲, 乙] 或每行一个 -", "a list: [a, b] or lines that begin with -"),
    "tuple_type": ("列表：[甲, 乙] 或每行一个 -", "a list: [a, b] or lines that begin with -"),
    "dict_type": ("键和值", "keys and values"),
    "model_type": ("键和值", "keys and values"),
    "model_attributes_type": ("键和值", "keys and values"),
    "time_delta_type": ("时长：90s、10m、6h、7d", "a duration: 90s, 10m, 6h, 7d"),
}
"""pydantic's error type -> what the key takes."""

KEY = "[key]"
"""pydantic's last step of a path where a key itself is at fault."""

_SECRET = ("secret", "password", "token", "app_key")


def explain(model: type[BaseModel], error: ErrorDetails, data: Any) -> tuple[FaultKind, str, str]:
    """(kind, found, would do) of one pydantic error about `model` in `data`."""
    loc, type_ = error["loc"], error["type"]
    key = str(loc[-1]) if loc else ""
    if type_ == "missing":
        example = _choices(annotation_at(model, loc))
        return FaultKind.MISSING, t(f"缺少 {key}", f"{key} is missing"), listed(example) or t("补上", "add it")
    if type_ == "extra_forbidden":
        known = fields_at(model, loc[:-1])
        found = t(f"没有 {key} 这个键", f"there is no key {key}")
        return FaultKind.UNKNOWN_FIELD, found, suggestion(key, known, t("只能是 ", "one of ") + listed(known))
    shown = _shown(loc, error["input"])
    if type_ in _TYPES:
        would_do = t(*_TYPES[type_])
        number = isinstance(error["input"], int | float) and not isinstance(error["input"], bool)
        if type_ == "string_type" and number and not _is_secret(loc):
            would_do = t(f'加引号："{error["input"]}"', f'in quotes: "{error["input"]}"')
        return FaultKind.WRONG_TYPE, shown, would_do
    choices = [] if loc and loc[-1] == KEY else _choices(annotation_at(model, loc))
    if choices:
        return FaultKind.WRONG_VALUE, shown, suggestion(str(error["input"]), choices, listed(choices))
    return FaultKind.WRONG_VALUE, shown, _RULES.get(type_, _said)(error)


def _said(error: ErrorDetails) -> str:
    return error["msg"].removeprefix("Value error, ")


_RULES: Mapping[str, Callable[[ErrorDetails], str]] = {
    "string_pattern_mismatch": lambda error: t("须符合 ", "what matches ") + str(error["ctx"]["pattern"]),
    "string_too_long": lambda error: t("至多 {} 个字", "at most {} characters").format(error["ctx"]["max_length"]),
    "string_too_short": lambda error: t("至少 {} 个字", "at least {} characters").format(error["ctx"]["min_length"]),
    "greater_than_equal": lambda error: t("不小于 ", "at least ") + str(error["ctx"]["ge"]),
    "less_than_equal": lambda error: t("不大于 ", "at most ") + str(error["ctx"]["le"]),
    "greater_than": lambda error: t("大于 ", "more than ") + str(error["ctx"]["gt"]),
    "less_than": lambda error: t("小于 ", "less than ") + str(error["ctx"]["lt"]),
}


def _is_secret(loc: tuple[str | int, ...]) -> bool:
    return any(word in str(step).lower() for step in loc for word in _SECRET)


def _shown(loc: tuple[str | int, ...], value: Any) -> str:
    if _is_secret(loc):
        return t("此处的值（不显示）", "the value here (not shown)")
    if isinstance(value, Mapping | list):
        return t("键和值", "keys and values") if isinstance(value, Mapping) else t("一个列表", "a list")
    if value is None:
        return t("空", "nothing")
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + '..."'


def annotation_at(model: Any, loc: tuple[str | int, ...]) -> Any:
    """The annotation of what `loc` leads to, as far as it can be followed; None where it cannot."""
    here: Any = model
    for step in loc:
        here = _into(here, step)
    return here


def fields_at(model: Any, loc: tuple[str | int, ...]) -> list[str]:
    """The keys that the model at `loc` takes."""
    found: list[str] = []
    for one in _members(annotation_at(model, loc)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            found += [field.alias or name for name, field in one.model_fields.items()]
    return found


def _into(here: Any, step: str | int) -> Any:
    for one in _members(here):
        if isinstance(one, type) and issubclass(one, BaseModel):
            for name, field in one.model_fields.items():
                if step in (name, field.alias):
                    return field.annotation
        elif get_origin(one) in (tuple, list) and isinstance(step, int):
            return get_args(one)[0]
        elif get_origin(one) is dict or (isinstance(get_origin(one), type) and issubclass(get_origin(one), Mapping)):
            return get_args(one)[1]
    # a step that names a union's member is no step down
    return here


def _members(annotation: Any) -> list[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _members(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [member for one in get_args(annotation) for member in _members(one)]
    return [annotation]


def _choices(annotation: Any) -> list[str]:
    """The words that a closed list takes; empty for anything else."""
    found: list[str] = []
    for one in _members(annotation):
        if get_origin(one) is Literal:
            found += [str(word) for word in get_args(one)]
        elif isinstance(one, type) and issubclass(one, Enum):
            found += [str(word.value) for word in one]
    return found
