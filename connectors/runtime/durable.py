"""What makes a file's name survive a power cut: the file's own fsync does not reach its folder."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Returns when the names in the folder are on disk. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
