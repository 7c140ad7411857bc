"""Text that is broken where Chinese may be broken: between any two characters, but not before `，` nor after `（`."""

import re
from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

NOT_FIRST: Final = "，。；：、）〕》」！？%,.;:)/"
NOT_LAST: Final = "（〔《「("

_PIECES: Final = re.compile(rf"\s+|[{re.escape(NOT_LAST)}]*(?:[\x21-\x7e–→]+|\S)[{re.escape(NOT_FIRST)}]*")


class Wrapped:
    """A text as wide as there is room, with the style that surrounds it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text("\n".join(wrap(self._text, options.max_width)))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        widest = max((cell_len(piece) for piece in _PIECES.findall(self._text)), default=1)
        return Measurement(min(widest, options.max_width), min(cell_len(self._text), options.max_width))


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells; what has no break is cut."""
    lines, line = [], ""
    for piece in _pieces(text, width):
        if cell_len(line) + cell_len(piece.rstrip()) <= width:
            line += piece
            continue
        lines.append(line.rstrip())
        line = piece.lstrip()
    return [*lines, line.rstrip()]


def _pieces(text: str, width: int) -> Iterator[str]:
    for piece in _PIECES.findall(text):
        if cell_len(piece) <= width:
            yield piece
        else:
            yield from piece
