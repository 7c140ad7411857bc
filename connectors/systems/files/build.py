"""Puts one folder together. Nothing is opened here."""

import os
from hashlib import blake2b
from pathlib import Path

from connectors.runtime.indirect import resolve
from connectors.runtime.ports import Fittings, Parts
from connectors.systems.files.feed import FolderFeed
from connectors.systems.files.folder import Folder
from connectors.systems.files.probe import Prober
from connectors.systems.files.settings import FilesSettings
from connectors.systems.files.sink import OutFolder
from connectors.systems.files.translate import Translator


def build_files(settings: FilesSettings, fittings: Fittings) -> Parts:
    """The parts of one folder. Raises UnresolvedError where its path is not to be had."""
    folder = Folder(Path(resolve(settings.folder, os.environ)), settings)
    translator = Translator(settings)
    mapping = mapping_digest(settings)
    out = folder.place("out")
    return Parts(
        code=settings.source,
        mapping=mapping,
        zone=settings.times.zone,
        feed=FolderFeed(settings, folder, translator, fittings.calls, mapping),
        sink=OutFolder(settings, settings.tell, out, fittings.calls) if settings.tell else None,
        probe=Prober(settings, folder, translator),
        read=translator.read_raw,
    )


def mapping_digest(settings: FilesSettings) -> str:
    """Over all that decides how a row is translated."""
    decides = settings.model_dump_json(include={"source", "table", "times", "fields", "keep", "codes", "separators"})
    return blake2b(decides.encode(), digest_size=8).hexdigest()
