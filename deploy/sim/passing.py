"""What a run that passes needs around it: a home that goes with it, and an end that cleans up whoever asks for it."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def passing_home(name: str, given: Path | None = None, *, keep: bool = False) -> Iterator[Path]:
    """`given`, which stays; or a new folder, which is removed at the end unless `keep`."""
    if given is not None:
        yield given
        return
    home = Path(tempfile.mkdtemp(prefix=f"paidan-{name}-"))
    try:
        yield home
    finally:
        if not keep:
            shutil.rmtree(home, ignore_errors=True)


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends the block as Ctrl-C does, with KeyboardInterrupt. Main thread only."""

    def end(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def own_environment() -> Iterator[None]:
    """Hides every PAIDAN_ variable but the language: a run on a Kafka of its own must not meet the operator's."""
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if _hides(name)}
    try:
        yield
    finally:
        os.environ.update(hidden)


def _hides(name: str) -> bool:
    return name.startswith("PAIDAN_") and name != "PAIDAN_LANG"
