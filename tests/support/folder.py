"""A folder of files with a feed over it, without Kafka: what the tests of the files system stand on."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from connectors.runtime.ports import Batch, Operation, Priority, Refused
from connectors.systems.files.build import mapping_digest
from connectors.systems.files.feed import FolderFeed
from connectors.systems.files.folder import Folder
from connectors.systems.files.settings import FilesSettings
from connectors.systems.files.translate import Translator
from schemas.dispatch import Dispatch

NOW = 1_800_000_000.0
ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs/examples/files"
SHARED = ROOT / "../shared/data"


def from_yaml(name: str, **changes: Any) -> FilesSettings:
    """One of the examples in the documentation."""
    document = YAML(typ="safe").load(EXAMPLES / f"{name}.yaml")
    del document["system"]
    return FilesSettings.model_validate({**document, **changes})


class Counted:
    """Calls without a budget, counted."""

    def __init__(self) -> None:
        self.outcomes: list[tuple[Operation, str]] = []

    @contextmanager
    def turn(self, priority: Priority) -> Iterator[None]:
        """At once."""
        yield

    def made(self, operation: Operation, outcome: str, seconds: float) -> None:
        """Remembered."""
        self.outcomes.append((operation, outcome))


class Drop:
    """A folder on disk, and a feed over it that can be started again."""

    def __init__(self, root: Path, settings: FilesSettings) -> None:
        self.root = root
        self.settings = settings
        self.now = NOW
        self.calls = Counted()
        self.folder = Folder(root, settings)
        self.folder.prepare()
        self.feed = self.start()

    def start(self) -> FolderFeed:
        """As after a crash: a new feed that knows nothing."""
        mapping = mapping_digest(self.settings)
        self.feed = FolderFeed(
            self.settings, self.folder, Translator(self.settings), self.calls, mapping, lambda: self.now
        )
        return self.feed

    def deliver(self, name: str, content: str | bytes, age: float = 60) -> None:
        """A file of that name, last written `age` seconds ago."""
        path = self.root / "in" / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.utime(path, (NOW - age, NOW - age))

    def batch(self) -> Batch:
        """The next one, not durable yet."""
        made = self.feed.next()
        assert isinstance(made, Batch), made
        return made

    def all(self) -> list[Dispatch | Refused]:
        """Everything there is, durable at once."""
        found: list[Dispatch | Refused] = []
        while isinstance(made := self.feed.next(), Batch):
            found += made.records
            self.feed.durable(made)
        return found

    def dispatches(self) -> list[Dispatch]:
        """Everything there is, none of it refused."""
        found = self.all()
        made = [one for one in found if isinstance(one, Dispatch)]
        assert len(made) == len(found)
        return made

    def names(self, place: str) -> list[str]:
        """Files in `in`, `work`, `done`, `refused` or `out`."""
        return sorted(path.name for path in (self.root / place).iterdir() if not path.name.startswith("."))

    def receipt(self, name: str, place: str = "done") -> dict[str, Any]:
        """What was said of a file."""
        made = json.loads((self.root / place / f"{name}.receipt.json").read_text(encoding="utf-8"))
        assert isinstance(made, dict)
        return made
