"""One YAML file with the line of every key: reading it, and naming what a model refuses in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from deploy.console import t
from deploy.county.explain import KEY, explain
from deploy.county.faults import Fault, FaultKind

M = TypeVar("M", bound=BaseModel)
Loc = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read. `data` holds plain values; `marked` the same with positions."""

    file: str
    data: Any
    marked: Any

    def line(self, loc: Loc) -> int:
        """The line (from 1) of what `loc` leads to, or of the nearest thing above it that is there."""
        return where(self.marked, loc)

    def fault(self, loc: Loc, kind: str, found: str, would_do: str = "") -> Fault:
        """A fault at `loc`."""
        return Fault(self.file, self.line(loc), ".".join(map(str, loc)), found, would_do, kind)


def where(marked: Any, loc: Loc) -> int:
    """The line (from 1) of a path in a round-trip document. Steps that are not in the document are passed over."""
    here, line = marked, marked.lc.line if isinstance(marked, CommentedMap | CommentedSeq) else 0
    for step in loc:
        if isinstance(here, CommentedMap) and step in here:
            line = here.lc.key(step)[0]
        elif isinstance(here, CommentedSeq) and isinstance(step, int) and step < len(here):
            line = here.lc.item(step)[0]
        else:
            continue
        here = here[step]
    return int(line) + 1


def read(path: Path, file: str) -> tuple[Document | None, list[Fault]]:
    """The document in `path`, called `file` in faults. None where it cannot be read; duplicate keys are all named."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None, [
            Fault(file, 0, "", t("没有这个文件", "no such file"), t("新建它", "create it"), FaultKind.NO_FILE)
        ]
    except UnicodeDecodeError as problem:
        line = problem.object[: problem.start].count(b"\n") + 1
        found = t("不是 UTF-8 编码", "not UTF-8")
        return None, [Fault(file, line, "", found, t("另存为 UTF-8", "save it as UTF-8"), FaultKind.NOT_UTF8)]
    return parse(text, file)


def parse(text: str, file: str) -> tuple[Document | None, list[Fault]]:
    """As `read`, from a text."""
    faults: list[Fault] = []
    try:
        try:
            marked = YAML(typ="rt").load(text)
        except DuplicateKeyError:
            faults = _duplicates(text, file)
            lenient = YAML(typ="rt")
            lenient.allow_duplicate_keys = True
            marked = lenient.load(text)
    except MarkedYAMLError as problem:
        # what was begun and never closed is found out at the end of the file; the beginning is where to look
        at_end = problem.problem is not None and "<stream end>" in problem.problem
        mark = (problem.context_mark if at_end else problem.problem_mark) or problem.problem_mark
        line = mark.line + 1 if mark else 1
        said = " ".join(str(part) for part in (problem.context, problem.problem) if part)
        return None, [*faults, Fault(file, line, "", t(f"YAML 语法错误（{said}）", f"not YAML ({said})"),
                            t("检查这一行的缩进、冒号后的空格和引号", "look at its indentation, quotes and `: `"),
                            FaultKind.SYNTAX)]  # fmt: skip
    except (YAMLError, TypeError, ValueError, RecursionError) as problem:
        # keys that are lists or mappings, and things that contain themselves, are more than the reader bears
        said = (str(problem).splitlines() or [type(problem).__name__])[0]
        return None, [
            *faults,
            Fault(file, 1, "", t(f"YAML 语法错误（{said}）", f"not YAML ({said})"), "", FaultKind.SYNTAX),
        ]
    if marked is None:
        return None, [
            Fault(
                file,
                1,
                "",
                t("文件是空的", "the file is empty"),
                t("写入内容或删除", "fill or delete it"),
                FaultKind.MISSING,
            )
        ]
    try:
        return Document(file, plain(marked), marked), faults
    except RecursionError:
        found = t("嵌套过深，或引用了自己", "nested too deeply, or refers to itself")
        return None, [*faults, Fault(file, 1, "", found, t("去掉这样的 * 引用", "no such * alias"), FaultKind.SYNTAX)]


def validate(model: type[M], document: Document, without: str | None = None) -> tuple[M | None, list[Fault]]:
    """What `model` makes of the document, its key `without` left out; or why it does not, every fault at its line."""
    data = document.data
    if isinstance(data, dict) and without is not None:
        data = {key: value for key, value in data.items() if key != without}
    try:
        return model.model_validate(data), []
    except ValidationError as problem:
        faults: dict[tuple[Loc, FaultKind], Fault] = {}
        for error in problem.errors(include_url=False):
            loc = _real(data, error["loc"])
            kind, found, would_do = explain(model, error, data)
            faults.setdefault((loc, kind), document.fault(loc, kind, found, would_do))
        return None, list(faults.values())


def _real(data: Any, loc: Loc) -> Loc:
    """The path without steps that are no keys: names of union members and of validators. The last always stays."""
    real: list[str | int] = []
    for number, step in enumerate(loc):
        if step == KEY:
            continue
        inside = (isinstance(data, Mapping) and step in data) or (
            isinstance(data, Sequence) and not isinstance(data, str) and isinstance(step, int) and step < len(data)
        )
        if inside:
            data = data[step]
            real.append(step)
        elif number == len(loc) - 1 and isinstance(data, Mapping):
            real.append(step)
    return tuple(real)


def plain(value: Any) -> Any:
    """The value without YAML's own types; keys that are numbers stay numbers, for a model to refuse."""
    match value:
        case bool() | None:
            return value
        case Mapping():
            return {_key(key): plain(item) for key, item in value.items()}
        case str():
            return str(value)
        case int():
            return int(value)
        case float():
            return float(value)
        case Sequence():
            return [plain(item) for item in value]
        case _:
            return value


def _key(key: Any) -> Any:
    made = plain(key)
    return str(made) if isinstance(made, list | dict) else made


def _duplicates(text: str, file: str) -> list[Fault]:
    root = YAML(typ="rt").compose(StringIO(text))
    faults: list[Fault] = []
    _walk(root, (), file, faults)
    return faults


def _walk(node: Node, loc: Loc, file: str, faults: list[Fault]) -> None:
    if isinstance(node, SequenceNode):
        for number, item in enumerate(node.value):
            _walk(item, (*loc, number), file, faults)
    if not isinstance(node, MappingNode):
        return
    first: dict[str, int] = {}
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            continue
        line = key.start_mark.line + 1
        if key.value in first:
            faults.append(
                Fault(
                    file,
                    line,
                    ".".join(map(str, (*loc, key.value))),
                    t(f"键重复，第 {first[key.value]} 行已有", f"key is there twice, first on line {first[key.value]}"),
                    t("只留一个", "keep one of them"),
                    FaultKind.DUPLICATE_KEY,
                )
            )
        first.setdefault(key.value, line)
        _walk(value, (*loc, key.value), file, faults)
