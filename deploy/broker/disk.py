"""The disk under the broker: writable, with room, and what to say when it is not."""

import contextlib
import errno
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from deploy.broker.errors import BrokerError, Reason
from deploy.console import MISUSE, t

FREE_BYTES: Final = 256 * 1024 * 1024
"""Less free disk than this and the broker is not started: Kafka stops hard when its disk is full."""


def prepare(folder: Path, free_bytes: int) -> None:
    """Creates the broker's folder and proves that it can be written and has `free_bytes` left; else BrokerError."""
    try:
        scratch = folder / "tmp"
        scratch.mkdir(parents=True, exist_ok=True)
        # a file of one's own: whoever starts the same broker at the same moment proves the disk too
        with tempfile.TemporaryFile(dir=scratch) as probe:
            probe.write(b"paidan")
    except OSError as error:
        raise broker_error(folder, error) from error
    free = shutil.disk_usage(folder).free
    if free < free_bytes:
        need, have = free_bytes // 2**20, free // 2**20
        raise BrokerError(
            Reason.DISK_FULL,
            t(
                f"{folder} 所在磁盘只剩 {have} MB，至少需要 {need} MB",
                f"the disk of {folder} has {have} MB left, {need} MB are needed",
            ),
        )


def broker_error(folder: Path, error: OSError) -> BrokerError:
    """What the system said about `folder`, with the reason it amounts to."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return BrokerError(Reason.DISK_FULL, f"{folder}: {error.strerror}")
    return BrokerError(Reason.DISK_NOT_WRITABLE, f"{folder}: {error.strerror}", code=MISUSE)


def size(folder: Path) -> int:
    """Bytes that the folder really occupies; Kafka's index files are sparse."""
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                total += Path(where, name).lstat().st_blocks * 512
    return total
