"""Worker processes of a test: started, watched, killed, and gone at its end."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.support.waiting import eventually

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


class Process:
    """`python tests/stream/<script> '<job as json>'`, its words in a file."""

    def __init__(self, script: str, job: dict[str, Any], folder: Path, python: str = sys.executable) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._words = folder / f"{script}-{time.monotonic_ns()}.log"
        with self._words.open("wb") as words:
            self._process = subprocess.Popen(
                [python, str(HERE / script), json.dumps(job)],
                stdout=words,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
            )

    @property
    def words(self) -> str:
        """All it said."""
        return self._words.read_text(errors="replace")

    @property
    def code(self) -> int | None:
        """Exit code, minus the signal, or None while it lives."""
        return self._process.poll()

    def signal(self, number: signal.Signals) -> None:
        """Send it, if it lives."""
        if self.code is None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        self._process.wait(10)

    def ended(self, within_s: float = 60.0) -> int:
        """Its exit code, waited for."""
        try:
            return self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"lives after {within_s} s: {self.words[-3000:]}") from None

    def says(self, text: str, within_s: float = 60.0) -> None:
        """Wait until it said so."""
        eventually(lambda: text in self.words or self.code is not None, within_s, f"{text!r} in: {self.words[-2000:]}")
        assert text in self.words, self.words[-3000:]

    def stopped(self) -> bool:
        """Whether a SIGSTOP holds it."""
        try:
            return Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
        except FileNotFoundError:
            return False
