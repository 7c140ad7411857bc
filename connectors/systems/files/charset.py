"""In which character set a file is written. Pure."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable
from typing import Final

_MARKS: Final = ((BOM_UTF8, "utf-8-sig"), (BOM_UTF16_LE, "utf-16"), (BOM_UTF16_BE, "utf-16"))
_FALLBACK: Final = "gb18030"


def charset_of(lines: Iterable[bytes]) -> str:
    """By the byte order mark; else UTF-8 where most lines beyond ASCII are UTF-8, else GB18030.

    Lines are counted, not the file judged as a whole: one broken character in a UTF-8 file must not turn all its
    Chinese into another script.
    """
    good = bad = 0
    for number, line in enumerate(lines):
        if number == 0:
            for mark, name in _MARKS:
                if line.startswith(mark):
                    return name
        if line.isascii():
            continue
        try:
            line.decode()
        except UnicodeDecodeError:
            bad += 1
        else:
            good += 1
    return _FALLBACK if bad > good else "utf-8"
