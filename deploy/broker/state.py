"""What is remembered about the broker of one home, and whether it lives.

The lock file is the truth about life: Java inherits the open lock, so the kernel frees it when the broker is gone,
however it went. state.json only remembers ports and the process id, and outlives the broker so that it comes back on
the same port.
"""

import fcntl
import os
import subprocess
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError


class State(BaseModel):
    """state.json. `pid` is None once stopped; `started` is UTC, ISO 8601."""

    model_config = ConfigDict(frozen=True)

    port: int
    controller_port: int
    pid: int | None = None
    started: str | None = None
    java: str | None = None
    owner_pid: int | None = None

    @property
    def bootstrap(self) -> str:
        """Where clients connect."""
        return f"127.0.0.1:{self.port}"


def load(file: Path) -> State | None:
    """What was saved last; None when nothing was, or when the file cannot be understood."""
    try:
        return State.model_validate_json(file.read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValidationError):
        return None


def save(file: Path, state: State) -> None:
    """Writes the state whole or not at all."""
    fresh = file.with_suffix(".tmp")
    fresh.write_text(state.model_dump_json(indent=2) + "\n", encoding="utf-8")
    fresh.replace(file)


def take_lock(file: Path) -> int | None:
    """The open lock when it was free, else None. Closing it, or ending every process that holds it, frees it."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def is_locked(file: Path) -> bool:
    """Whether a broker, or somebody who starts one, holds the lock."""
    if not file.exists():
        return False
    handle = take_lock(file)
    if handle is None:
        return True
    os.close(handle)
    return False


def is_our_java(pid: int, configuration: Path) -> bool:
    """Whether `pid` lives and is the broker of this server.properties, not a later process that got its number."""
    words = _command_line(pid)
    return "kafka.Kafka" in words and str(configuration) in words


def _command_line(pid: int) -> list[str]:
    proc = Path(f"/proc/{pid}/cmdline")
    try:
        if proc.parent.parent.joinpath("self").exists():
            return proc.read_bytes().decode(errors="replace").split("\0")
        asked = subprocess.run(
            ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return asked.stdout.split()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return []
