"""An HTML page as PDF, by the Chromium of this machine."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

NAMES: Final = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge",
)  # fmt: skip
PRINT_S: Final = 60.0


class PrintError(RuntimeError):
    """Chromium made no PDF; the text is the last thing it said."""


def browser() -> str | None:
    """Where a Chromium is; None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def print_page(chromium: str, page: str, out: Path) -> None:
    """Writes the page as PDF to `out`, all of it or nothing. Raises PrintError and OSError.

    With a profile of its own that is thrown away. That nothing runs or is fetched is the page's own policy.
    """
    with tempfile.TemporaryDirectory() as folder:
        html, made = Path(folder) / "page.html", Path(folder) / "page.pdf"
        html.write_text(page, "utf-8")
        # Chromium refuses to run as root inside its sandbox
        outside = ["--no-sandbox"] if os.geteuid() == 0 else []
        command = [
            chromium, "--headless", *outside, "--disable-gpu", "--no-first-run", "--disable-extensions",
            "--disable-background-networking", "--no-pdf-header-footer",
            f"--user-data-dir={folder}/profile", f"--print-to-pdf={made}", html.as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PRINT_S, check=False)
        except subprocess.TimeoutExpired:
            raise PrintError(f"no answer in {PRINT_S:.0f} s") from None
        if not made.exists():
            raise PrintError(done.stderr.strip().rpartition("\n")[2] or f"exit code {done.returncode}")
        beside = out.with_name(f".{out.name}.part")
        shutil.copyfile(made, beside)
        beside.replace(out)
