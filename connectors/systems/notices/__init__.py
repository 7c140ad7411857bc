"""System `notices`: tells people what the topic says they must know, on a console or in files.

Quiet hours, deduplication and who is told are decided before a notice is written; here it becomes words, and is shown
at once. Knows nothing of Kafka, and nothing of a dispatch beyond the notice.
"""

from connectors.systems.notices.console_sink import ConsoleSink
from connectors.systems.notices.directory import Contact, Directory, Office
from connectors.systems.notices.file_sink import FileSink, FolderTakenError
from connectors.systems.notices.translate import Translator
from connectors.systems.notices.words import Language

__all__ = [
    "ConsoleSink",
    "Contact",
    "Directory",
    "FileSink",
    "FolderTakenError",
    "Language",
    "Office",
    "Translator",
]
