"""The receipt of a file: what was taken, and of every refused line, why. Pure but for the time it is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from connectors.runtime.ports import Read, Refused
from connectors.systems.files.rows import Reading, TableFault
from schemas.dead_letter import DeadReason

MOST_LISTED: Final = 1000
"""Distinct unknown codes, and repeated numbers. Refused lines are all listed."""

_LINES: Final[Mapping[str, tuple[str, str]]] = {
    DeadReason.NO_NUMBER: (
        "没有可用的编号（空、含有不能用的字符，或被表格软件改成了科学计数）",
        "no usable number: empty, with characters that cannot be used, or ruined by a spreadsheet",
    ),
    DeadReason.NO_TIME: ("没有可用的时间", "no usable time"),
    DeadReason.UNREADABLE: ("这一行无法解析", "this line cannot be read"),
    DeadReason.TOO_LARGE: ("这一行过长", "this line is too long"),
    DeadReason.TOO_DEEP: ("嵌套过深", "nested too deeply"),
    DeadReason.NOT_UTF8: ("有字符不属于文件的编码", "characters that are not of the file's character set"),
    DeadReason.NOT_JSON: ("不是 JSON", "not JSON"),
    DeadReason.DUPLICATE_KEY: ("同一个键出现两次", "a key is there twice"),
    DeadReason.NOT_A_NUMBER: ("含有 NaN 或无穷大", "NaN or infinity"),
    DeadReason.CONTROL_CHARACTER: ("含有控制字符", "control characters"),
    DeadReason.BIDI_CONTROL: ("含有改变文字方向的字符", "characters that turn the direction of text"),
    DeadReason.LONE_SURROGATE: ("含有残缺的字符", "half a character"),
    DeadReason.HUGE_NUMBER: ("数字过大", "a number too large"),
}
_DETAILS: Final[Mapping[str, tuple[str, str]]] = {
    "columns": ("列数与表头不符", "not as many cells as there are columns"),
    "quotes": ("引号不成对", "a quote that does not close"),
    "size": ("一格过长", "a cell too long"),
    "charset": ("字符无法识别", "characters that cannot be decoded"),
    "object": ("不是对象", "not an object"),
}
_FILES: Final[Mapping[str, tuple[str, str]]] = {
    "unknown_format": ("不认识的文件类型", "a kind of file that is not known"),
    "empty": ("文件是空的", "the file is empty"),
    "no_header": ("找不到表头：缺少编号或时间一列", "no header with the columns of number and time"),
    "no_column": ("缺少必需的列", "a required column is missing"),
    "column_twice": ("同名的列出现两次", "a column is there twice"),
    "no_sheet": ("没有这个工作表", "there is no such sheet"),
    "not_a_spreadsheet": ("不是可读的表格文件（可能已损坏或加密）", "no readable spreadsheet: damaged or encrypted"),
    "not_json": ("不是 JSON 列表", "not a list in JSON"),
    "too_large": ("文件过大", "the file is too large"),
    "broken": ("文件中途损坏", "the file breaks off"),
}
Language = Literal["zh", "en"]


def why_line(reason: str, detail: str, language: Language) -> str:
    """A refused line's reason in words."""
    words = _LINES.get(reason, (reason, reason))[language == "en"]
    further = _DETAILS.get(detail, (detail, detail))[language == "en"]
    return f"{words}{'：' if language == 'zh' else ': '}{further}" if further else words


def why_file(fault: TableFault, language: Language) -> str:
    """A refused file's reason in words."""
    words = _FILES.get(fault.reason, (fault.reason, fault.reason))[language == "en"]
    return f"{words}{'：' if language == 'zh' else ': '}{fault.detail}" if fault.detail else words


@dataclass(slots=True)
class Receipt:
    """Grows with the rows of one file. Holds no content of a dispatch: lines, reasons, codes."""

    file: str
    language: Language
    reading: Reading | None = None
    taken: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    repeated: list[dict[str, int]] = field(default_factory=list)
    fault: TableFault | None = None
    _unknown: dict[tuple[str, str], int] = field(default_factory=dict)
    _first: dict[str, int] = field(default_factory=dict)

    def note(self, line: int, read: Read) -> None:
        """One more row."""
        if isinstance(read, Refused):
            why = why_line(read.reason, read.detail, self.language)
            self.refused.append({"line": line, "reason": read.reason.value, "where": read.detail, "why": why})
            return
        self.taken += 1
        first = self._first.setdefault(read.id, line)
        if first != line and len(self.repeated) < MOST_LISTED:
            self.repeated.append({"line": line, "first": first})
        for name in (*read.unknown, *(("due_at",) if read.due_at is None and "due_at" in read.city_codes else ())):
            code = (str(name), read.city_codes.get(name, ""))
            if code in self._unknown or len(self._unknown) < MOST_LISTED:
                self._unknown[code] = self._unknown.get(code, 0) + 1

    def written(self, sha256: str, at: datetime) -> dict[str, Any]:
        """As it stands in the file beside."""
        reading = self.reading
        return {
            "file": self.file,
            "sha256": sha256,
            "read_at": at.isoformat(timespec="seconds"),
            "format": reading.format if reading else None,
            "charset": reading.charset if reading else None,
            "delimiter": reading.delimiter if reading else None,
            "sheet": reading.sheet if reading else None,
            "header_line": reading.header_line if reading else None,
            "columns_missing": list(reading.missing) if reading else [],
            "fault": None
            if self.fault is None
            else {
                "reason": self.fault.reason,
                "where": self.fault.detail,
                "why": why_file(self.fault, self.language),
            },
            "rows": self.taken + len(self.refused),
            "taken": self.taken,
            "refused": self.refused,
            "repeated": self.repeated,
            "unknown": [
                {"field": name, "code": code, "rows": rows} for (name, code), rows in sorted(self._unknown.items())
            ],
        }
