"""System `files`: a folder of CSV, spreadsheet and JSON files in, a folder of feedback files out.

A file is claimed by rename and put away with a receipt when all its rows are durable. What differs from folder to
folder is in one YAML. Knows nothing of Kafka and of the other systems.
"""

from connectors.systems.files.build import build_files
from connectors.systems.files.settings import FilesSettings

__all__ = ["FilesSettings", "build_files"]
