"""Masking: takes phone numbers, identity numbers and the caller's name out of free text."""

import re
from typing import Final

from schemas.dispatch import Caller

MASK: Final = "〔已隐去〕"

_GAP: Final = r"[\s\-–—－.·]?"
_NUMBERS: Final = re.compile(
    rf"(?<!\d)(?:"
    rf"\d{{17}}[\dXxＸｘ]"  # identity card
    rf"|(?:[+＋]?[8８][6６]{_GAP})?[1１][3-9３-９]\d{_GAP}\d{{4}}{_GAP}\d{{4}}"  # mobile
    rf"|[(（]?[0０]\d{{2,3}}[)）]?{_GAP}\d{{3,4}}{_GAP}\d{{4}}"  # landline with area code
    rf")(?!\d)"
)
_DIGIT: Final = re.compile(r"\d")
_MAIL: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_TITLES: Final = ("先生", "女士", "小姐", "老师", "师傅", "某某", "某", "同志", "大爷", "大妈", "阿姨")
_COMPOUND: Final = ("欧阳", "司马", "上官", "诸葛", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "令狐", "呼延")
_SHORTEST_PHONE: Final = 5


def numbers(text: str, caller: Caller | None) -> str:
    """`text` without anything that looks like a phone or identity number, and without the caller's own numbers."""
    if _DIGIT.search(text):
        text = _NUMBERS.sub(MASK, text)
        for phone in _phones(caller):
            text = text.replace(phone, MASK)
    return _MAIL.sub(MASK, text) if "@" in text else text


def identity(text: str, caller: Caller | None) -> str:
    """`text` without numbers, and without the caller's name or surname with a title."""
    text = numbers(text, caller)
    name = (caller.name or "").strip() if caller is not None else ""
    if len(name) < 2 or not text:
        return text
    text = text.replace(name, MASK)
    surname = name[:2] if name.startswith(_COMPOUND) else name[:1]
    if surname in text:
        for title in _TITLES:
            text = text.replace(surname + title, MASK)
    return text


def _phones(caller: Caller | None) -> list[str]:
    """The caller's numbers as written and as plain digits, the longest first."""
    if caller is None:
        return []
    written = {phone.strip() for phone in (caller.phone, caller.contact_phone) if phone}
    digits = {"".join(filter(str.isdigit, phone)) for phone in written}
    return sorted((phone for phone in written | digits if len(phone) >= _SHORTEST_PHONE), key=len, reverse=True)
