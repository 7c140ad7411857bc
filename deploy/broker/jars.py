"""The broker's class path: the jars that `kafka.jars.lock` names, checked by hash, fetched only when missing."""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.broker.errors import BrokerError, Reason
from deploy.console import t

LOCK = Path(__file__).with_name("kafka.jars.lock")

Progress = Callable[[int, int], None]
"""Called with (jars done, jars to fetch) while jars are fetched; never called when none is missing."""


@dataclass(frozen=True)
class Jar:
    """One line of the lock: a Maven coordinate and the SHA-256 of its file."""

    group: str
    name: str
    version: str
    sha256: str

    def file(self, cache: Path) -> Path:
        """Where a Maven cache keeps it."""
        return cache.joinpath(*self.group.split("."), self.name, self.version, f"{self.name}-{self.version}.jar")


def read_lock(text: str) -> tuple[Jar, ...]:
    """The jars of a lock file: one `group:name:version sha256` a line."""
    jars = []
    for line in text.splitlines():
        coordinate, sha256 = line.split()
        group, name, version = coordinate.split(":")
        jars.append(Jar(group, name, version, sha256))
    return tuple(jars)


def default_cache() -> Path:
    """The user's Maven repository (M2_REPO, else ~/.m2/repository): shared with every other Java program."""
    chosen = os.environ.get("M2_REPO")
    return Path(chosen) if chosen else Path.home() / ".m2" / "repository"


def missing(jars: tuple[Jar, ...], cache: Path) -> tuple[Jar, ...]:
    """Those whose file is not in the cache."""
    return tuple(jar for jar in jars if not jar.file(cache).is_file())


def class_path(progress: Progress | None = None, cache: Path | None = None, lock: Path = LOCK) -> str:
    """The class path for `java -cp`; uses the network only for jars that the cache lacks.

    Raises BrokerError: JARS_UNREACHABLE when a jar cannot be fetched, JAR_DIFFERS when a file is not the one that
    the lock names (it is removed, so that the next call fetches it anew).
    """
    place = cache or default_cache()
    jars = read_lock(lock.read_text(encoding="utf-8"))
    if missing(jars, place):
        with _alone(place):
            _fetch(missing(jars, place), place, progress)
    for jar in jars:
        _check(jar, place)
    return os.pathsep.join(str(jar.file(place)) for jar in jars)


def _fetch(jars: tuple[Jar, ...], cache: Path, progress: Progress | None) -> None:
    from jgo.maven import MavenContext

    maven = MavenContext(repo_cache=cache, timeout=60)

    def one(jar: Jar) -> None:
        maven.project(jar.group, jar.name).at_version(jar.version).artifact().resolve()

    if progress:
        progress(0, len(jars))
    with ThreadPoolExecutor(8) as pool:
        waiting = [(jar, pool.submit(one, jar)) for jar in jars]
        for done, (jar, future) in enumerate(waiting, start=1):
            try:
                future.result()
            except (OSError, RuntimeError) as error:
                pool.shutdown(cancel_futures=True)
                jar.file(cache).unlink(missing_ok=True)
                raise BrokerError(
                    Reason.JARS_UNREACHABLE,
                    t(f"无法下载 {jar.name} {jar.version}：{error}", f"cannot fetch {jar.name} {jar.version}: {error}"),
                ) from error
            if progress:
                progress(done, len(jars))


def _check(jar: Jar, cache: Path) -> None:
    file = jar.file(cache)
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != jar.sha256:
        file.unlink()
        raise BrokerError(
            Reason.JAR_DIFFERS,
            t(
                f"{file} 与锁定文件不符：应为 sha256 {jar.sha256}，实为 {found}",
                f"{file} is not the file that the lock names: sha256 {jar.sha256} was expected, {found} found",
            ),
        )


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """One fetch at a time for one cache, across processes: a half-written jar is never read."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        handle = os.open(cache / ".paidan-fetch.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise BrokerError(Reason.DISK_NOT_WRITABLE, f"{cache}: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
