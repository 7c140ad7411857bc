"""What `check` tries at a folder: is it there, may we write, does a waiting file fit the mapping."""

import time
from collections.abc import Iterator
from itertools import islice

from connectors.runtime.ports import Finding, Refused
from connectors.systems.files.folder import Folder
from connectors.systems.files.mapping import Plans
from connectors.systems.files.opening import BrokenFileError
from connectors.systems.files.origin import Origin
from connectors.systems.files.reading import open_file
from connectors.systems.files.receipt import why_file
from connectors.systems.files.rows import TableFault
from connectors.systems.files.settings import FilesSettings
from connectors.systems.files.translate import Translator


class Prober:
    """See `ports.Probe`. Claims nothing and changes nothing but making the folders."""

    def __init__(self, settings: FilesSettings, folder: Folder, translator: Translator) -> None:
        self._settings = settings
        self._folder = folder
        self._translator = translator

    def __call__(self) -> Iterator[Finding]:
        """The folder, then the first rows of the file that waits longest."""
        try:
            self._folder.prepare()
            test = self._folder.place("working") / ".check"
            test.write_bytes(b"")
            test.unlink()
            waiting = next(self._folder.waiting(time.time()), None)
        except OSError as problem:
            yield Finding("folder", ok=False, detail=problem.strerror or type(problem).__name__)
            return
        yield Finding("folder", ok=True)
        if waiting is None:
            return
        opened = open_file(waiting, self._settings, Plans(self._settings))
        if isinstance(opened, TableFault):
            yield Finding("page", ok=False, detail=why_file(opened, self._settings.language))
            return
        origin = Origin(name=waiting.name, modified=None)
        try:
            read = [self._translator.read(row, origin) for row in islice(opened.rows, 100)]
        except BrokenFileError as broken:
            yield Finding("page", ok=False, detail=why_file(broken.fault, self._settings.language))
            return
        yield Finding("page", ok=True, detail=f"{opened.format} {opened.charset}".strip())
        refused = sum(isinstance(one, Refused) for one in read)
        yield Finding("mapping", ok=refused == 0, detail=f"{len(read) - refused}/{len(read)}")
