"""The folder on disk: what waits, claiming it by rename, putting it away with its receipt."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from connectors.runtime.durable import sync_folder
from connectors.systems.files.settings import FilesSettings

_UNFINISHED: Final = (".tmp", ".part", ".partial", ".crdownload", ".filepart", ".swp")
RECEIPT: Final = ".receipt.json"


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder with its places. Every method may raise OSError."""

    root: Path
    settings: FilesSettings

    def place(self, name: str) -> Path:
        """`incoming`, `working`, `done`, `refused` or `out`."""
        return self.root / str(getattr(self.settings.folders, name))

    def prepare(self) -> None:
        """Makes the places that are not there. The folder itself must be: an unmounted share is no empty folder."""
        if not self.root.is_dir():
            raise FileNotFoundError(2, "no such folder")
        for name in type(self.settings.folders).model_fields:
            self.place(name).mkdir(exist_ok=True)

    def waiting(self, now: float) -> Iterator[Path]:
        """Files that may be claimed, oldest first, but none still being written. `now`: seconds since 1970."""
        settled = now - self.settings.settle.total_seconds()
        found: list[tuple[float, str, Path]] = []
        for path in self.place("incoming").iterdir():
            if self._picked(path.name) and path.is_file() and not path.is_symlink():
                changed = path.stat().st_mtime
                # a clock that was put back must not keep a file waiting for ever
                if changed <= settled or changed > now + 3600:
                    found.append((changed, path.name, path))
        return (path for _, _, path in sorted(found))

    def _picked(self, name: str) -> bool:
        if name.startswith((".", "~$")) or name.lower().endswith(_UNFINISHED):
            return False
        return any(fnmatch(name, pattern) for pattern in self.settings.pick)

    def claimed(self) -> list[Path]:
        """Files that were claimed and not finished: a crash came between."""
        return sorted(path for path in self.place("working").iterdir() if path.is_file() and path.name[0] != ".")

    def claim(self, path: Path) -> Path:
        """Takes the file away from whoever delivers; under a free name, so that an earlier one of that name stays."""
        target = self.place("working") / self._free(path.name)
        path.rename(target)
        sync_folder(target.parent)
        return target

    def _free(self, name: str) -> str:
        stem, dot, rest = name.partition(".")
        tried, number = name, 1
        while any((self.place(place) / tried).exists() for place in ("working", "done", "refused")):
            number += 1
            tried = f"{stem}~{number}{dot}{rest}"
        return tried

    def put_away(self, path: Path, receipt: dict[str, Any], place: str) -> None:
        """The receipt first, then the file: a crash between the two leaves the file claimed, and it is read again."""
        target = self.place(place)
        text = json.dumps(receipt, ensure_ascii=False, indent=1)
        beside = target / (path.name + RECEIPT)
        temporary = target / f".{path.name}{RECEIPT}"
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(beside)
        if path.exists():
            path.rename(target / path.name)
        sync_folder(target)
        sync_folder(path.parent)


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    made = sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            made.update(chunk)
    return made.hexdigest()
