"""Kafka's own tools and words: formatting a data folder, and reading why something did not work."""

import base64
import secrets
import subprocess
from collections.abc import Sequence
from pathlib import Path

from deploy.broker.configuration import Choices
from deploy.broker.errors import BrokerError, Reason

FORMAT_S = 60.0


def format_once(run: Sequence[str], data: Path, server_properties: Path, choices: Choices) -> None:
    """Formats `data` unless that was done before; a format that was cut short is done again.

    `run` starts Java with everything but the main class. Raises BrokerError(FORMAT_FAILED) with Kafka's words.
    """
    if (data / "meta.properties").exists():
        return
    users = [word for user in choices.scram for word in ("--add-scram", user)]
    tool = [*run, "kafka.tools.StorageTool", "format", "-t", cluster_id(), "-c", str(server_properties), *users]
    try:
        done = subprocess.run(tool, capture_output=True, text=True, timeout=FORMAT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise BrokerError(Reason.FORMAT_FAILED, f"{data}: {FORMAT_S:.0f} s") from error
    if done.returncode != 0:
        raise kafka_error(Reason.FORMAT_FAILED, done.stdout + done.stderr)


def cluster_id() -> str:
    """16 random bytes as Kafka writes them: base64url without padding, and no leading dash (it reads as an option)."""
    while True:
        text = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
        if not text.startswith("-"):
            return text


def kafka_error(reason: Reason, words: str, lines: int = 12) -> BrokerError:
    """Kafka's last words without its stack frames, for `reason` unless they speak of a full disk."""
    said = [line for line in words.strip().splitlines() if not line.startswith("\tat ")]
    full = "No space left on device" in words
    return BrokerError(Reason.DISK_FULL if full else reason, "\n".join(said[-lines:]))
