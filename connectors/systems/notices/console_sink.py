"""Notices as lines on a terminal."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final, TextIO

from connectors.runtime.notices import Received
from connectors.systems.notices.translate import Translator

REMEMBERED: Final = 20_000


class ConsoleSink:
    """See `runtime.notices.NoticeSink`. Remembers the last ids it has shown, in this life.

    A terminal cannot be asked what it has shown: killed between a line and its commit, the next life shows that batch
    again. Whoever must not be told twice reads the file sink's files.
    """

    def __init__(self, translator: Translator, screen: TextIO) -> None:
        self._translator, self._screen = translator, screen
        self._shown: OrderedDict[str, None] = OrderedDict()

    def deliver(self, batch: Sequence[Received]) -> int:
        """Prints, and returns when the lines have left the process."""
        fresh = {one.id: one for one in batch if one.id not in self._shown}
        for message in self._translator.messages(list(fresh.values())):
            print(message.text(), file=self._screen, flush=True)
            self._remember(item.id for item in message.items)
        return len(fresh)

    def _remember(self, ids: Iterable[str]) -> None:
        self._shown.update(dict.fromkeys(ids))
        while len(self._shown) > REMEMBERED:
            self._shown.popitem(last=False)
