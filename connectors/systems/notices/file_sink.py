"""Notices as lines in files, one file a day and office: appended, synced, and never written twice.

`<folder>/<day>/<office>.jsonl`, one JSON object a line for each message. The file of a notice follows from the notice
itself, so that a repeat finds the line that holds its id.
"""

import fcntl
import json
import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from connectors.runtime.durable import sync_folder
from connectors.runtime.notices import Received
from connectors.systems.notices.translate import Message, Translator

FILES_KNOWN: Final = 256
"""Of so many files the ids are kept in memory; those of another are read again."""


class FolderTakenError(RuntimeError):
    """Another process writes into this folder."""


class FileSink:
    """See `runtime.notices.NoticeSink`. One process at a time: the folder is locked while this one lives."""

    def __init__(self, translator: Translator, folder: Path, at: Callable[[str], None] = lambda point: None) -> None:
        """Makes the folder. Raises FolderTakenError, and OSError where it cannot be made."""
        self._translator, self._folder, self._at = translator, folder, at
        self._known: OrderedDict[Path, set[str]] = OrderedDict()
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = (folder / ".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            self._lock.close()
            raise FolderTakenError from taken

    def close(self) -> None:
        """Lets another process have the folder."""
        self._lock.close()

    def deliver(self, batch: Sequence[Received]) -> int:
        """Appends what is not there, and returns when it is on disk."""
        fresh = {
            one.id: one for one in batch if one.id not in self._ids(self._path(*self._translator.place(one.notice)))
        }
        lines: dict[Path, list[Message]] = {}
        for message in self._translator.messages(list(fresh.values())):
            lines.setdefault(self._path(message.day, message.receiver.office.code), []).append(message)
        for path, messages in lines.items():
            self._append(path, messages)
        return len(fresh)

    def _place(self, one: Received) -> Path:
        return self._path(*self._translator.place(one.notice))

    def _path(self, day: str, office: str) -> Path:
        return self._folder / day / f"{office}.jsonl"

    def _append(self, path: Path, messages: Sequence[Message]) -> None:
        ids = self._ids(path)
        fresh = not path.exists()
        try:
            path.parent.mkdir(exist_ok=True)
            with path.open("ab", buffering=0) as file:
                _write_all(file.fileno(), b"".join(_line(message) for message in messages))
                self._at("notices_written")
                os.fsync(file.fileno())
            if fresh:
                sync_folder(path.parent)
                sync_folder(self._folder)
        except OSError:
            # part of it may be there: what is whole counts, the rest is cut off when the file is looked at again
            self._known.pop(path, None)
            raise
        ids.update(item.id for message in messages for item in message.items)

    def _ids(self, path: Path) -> set[str]:
        """Ids in the file; read once, after cutting off what a crash has left of a line."""
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = _mended(path)
        self._known.move_to_end(path)
        while len(self._known) > FILES_KNOWN:
            self._known.popitem(last=False)
        return known


def _line(message: Message) -> bytes:
    receiver, contact = message.receiver, message.receiver.contact
    shown: dict[str, Any] = {
        "ids": [item.id for item in message.items],
        "at": message.at.isoformat(),
        "office": receiver.office.code,
        "audience": receiver.audience,
        "to": contact.name if contact else None,
        "channel": receiver.channel,
        "address": contact.address if contact else None,
        "about": [
            {"dispatch": item.dispatch, "kind": item.kind, "what": item.what, "title": item.title, "due": item.due}
            for item in message.items
        ],
        "text": message.text(),
    }
    return json.dumps(shown, ensure_ascii=False).encode() + b"\n"


def _mended(path: Path) -> set[str]:
    """Cuts off half a line, which no line end follows, and syncs: what is known must be there after a power cut too.

    So must the file's place in its folders, which the life before may not have come to.
    """
    if not path.exists():
        return set()
    with path.open("r+b") as file:
        content = file.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            file.truncate(whole)
        os.fsync(file.fileno())
    sync_folder(path.parent)
    sync_folder(path.parent.parent)
    return {known for line in content[:whole].splitlines() for known in _ids_of(line)}


def _ids_of(line: bytes) -> list[str]:
    """None of a line that somebody else has written into the file: it is theirs, and does no harm."""
    try:
        return [str(each) for each in json.loads(line)["ids"]]
    except (ValueError, KeyError, TypeError):
        return []


def _write_all(handle: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(handle, left) :]
