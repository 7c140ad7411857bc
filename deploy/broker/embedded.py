"""One Kafka node from format to stop: a detached process of its own, that outlives whoever started it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.broker import configuration, disk, state
from deploy.broker.errors import BrokerError, Reason
from deploy.broker.formatting import format_once, kafka_error
from deploy.broker.jars import Progress, class_path
from deploy.broker.java import find_java
from deploy.broker.ports import free_port, is_free
from deploy.console import MISUSE, t

START_S = 60.0
STOP_S = 30.0
LOCK_S = 1.0


@dataclass(frozen=True)
class BrokerStatus:
    """What `paidan broker status` tells. `started` is UTC, ISO 8601; `port` is kept while the broker is down."""

    running: bool
    bootstrap: str | None
    port: int | None
    pid: int | None
    started: str | None
    java: str | None
    home: str
    log: str
    data_bytes: int


class EmbeddedBroker:
    """The broker whose data live in `home`/broker.

    `port` asks for a port (else the one it had before, else a free one of 20000-30000). With `owner_pid` the broker is
    ended when that process is gone, as tests and the demo want; without it the broker outlives everything but `stop`.
    `cache` is the Maven cache that holds the jars.
    """

    def __init__(
        self,
        home: Path,
        *,
        port: int | None = None,
        owner_pid: int | None = None,
        choices: configuration.Choices | None = None,
        cache: Path | None = None,
        free_bytes: int = disk.FREE_BYTES,
    ) -> None:
        self.home = home.absolute()
        self.folder = self.home / "broker"
        self._port = port
        self._owner_pid = owner_pid
        self._choices = choices or configuration.Choices()
        self._cache = cache
        self._free_bytes = free_bytes
        self._configuration = self.folder / "server.properties"
        self._state_file = self.folder / "state.json"
        self._lock_file = self.folder / "lock"
        self._log = self.folder / "broker.log"
        self._children: list[subprocess.Popen[bytes]] = []

    def start(self, progress: Progress | None = None) -> str:
        """Starts the broker and returns its bootstrap address once it serves.

        Raises BrokerError with a reason and what would put it right; after an error nothing is left running.
        """
        disk.prepare(self.folder, self._free_bytes)
        lock = self._take_lock()
        try:
            java = find_java()
            jars = class_path(progress, self._cache)
            run = configuration.java_command(java.path, self.folder, jars, self._choices)
            known = state.load(self._state_file)
            fresh = self._port is None and known is None
            for attempt in (1, 2):
                ports = self._ports(known)
                self._write_files(ports)
                format_once(run, self.folder / "data", self._configuration, self._choices)
                try:
                    return self._launch(run, java.path, ports, lock)
                except BrokerError as error:
                    # between choosing a free port and binding it, somebody else may have taken it
                    if attempt == 2 or not fresh or error.reason is not Reason.PORT_TAKEN:
                        raise
            raise AssertionError("unreachable")
        except OSError as error:
            raise disk.broker_error(self.folder, error) from error
        finally:
            os.close(lock)

    def stop(self, timeout_s: float = STOP_S) -> bool:
        """Stops the broker cleanly and waits until it is gone; False when none was running.

        Raises BrokerError(STOP_FAILED) when it still lives after `timeout_s` and a SIGKILL.
        """
        if not self._signal(signal.SIGTERM):
            return False
        if not self._gone_within(timeout_s):
            self._signal(signal.SIGKILL)
            if not self._gone_within(5.0):
                raise BrokerError(
                    Reason.STOP_FAILED, t(f"Kafka 没有停止（{self._log}）", f"Kafka did not stop ({self._log})")
                )
        self._forget_process()
        return True

    def kill(self) -> bool:
        """SIGKILL, for fault tests: what was acked is there after the next `start`. False when none was running."""
        if not self._signal(signal.SIGKILL):
            return False
        self._gone_within(5.0)
        self._forget_process()
        return True

    def status(self) -> BrokerStatus:
        """What is known now; never raises for a broker that was never started."""
        known = state.load(self._state_file)
        pid = self.pid
        return BrokerStatus(
            running=pid is not None,
            bootstrap=known.bootstrap if known else None,
            port=known.port if known else None,
            pid=pid,
            started=known.started if known and pid else None,
            java=known.java if known else None,
            home=str(self.home),
            log=str(self._log),
            data_bytes=disk.size(self.folder / "data"),
        )

    @property
    def bootstrap(self) -> str:
        """Where clients connect, also while the broker is down. Raises RuntimeError before the first start."""
        known = state.load(self._state_file)
        if known is None:
            raise RuntimeError(f"no broker was ever started in {self.home}")
        return known.bootstrap

    @property
    def pid(self) -> int | None:
        """The broker's process, or None when it is not running."""
        known = state.load(self._state_file)
        if known is None or known.pid is None or not state.is_locked(self._lock_file):
            return None
        return known.pid if state.is_our_java(known.pid, self._configuration) else None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _take_lock(self) -> int:
        """Tries for a moment, since whoever looks whether the lock is held holds it for an instant."""
        until = time.monotonic() + LOCK_S
        while (lock := state.take_lock(self._lock_file)) is None:
            if self.pid is not None or time.monotonic() > until:
                raise self._already_there()
            time.sleep(0.02)
        return lock

    def _already_there(self) -> BrokerError:
        pid = self.pid
        if pid is None:
            return BrokerError(
                Reason.BUSY,
                t(
                    f"{self.folder} 正由另一个进程启动或停止",
                    f"another process is starting or stopping {self.folder} now",
                ),
            )
        return BrokerError(
            Reason.ALREADY_RUNNING,
            t(
                f"Kafka 已在 {self.bootstrap} 运行（进程 {pid}）",
                f"Kafka already runs at {self.bootstrap} (process {pid})",
            ),
            code=MISUSE,
        )

    def _ports(self, known: state.State | None) -> state.State:
        port = self._port or (known.port if known else free_port())
        if not is_free(port):
            raise _port_error(port)
        controller = known.controller_port if known and is_free(known.controller_port) else 0
        if controller in (0, port):
            controller = free_port(frozenset({port}))
        return state.State(port=port, controller_port=controller)

    def _write_files(self, ports: state.State) -> None:
        text = configuration.server_properties(self.folder / "data", ports.port, ports.controller_port, self._choices)
        self._configuration.write_text(text, encoding="utf-8")
        (self.folder / "log4j2.properties").write_text(configuration.LOG4J, encoding="utf-8")

    def _launch(self, run: list[str], java: str, ports: state.State, lock: int) -> str:
        said = self.folder / "broker.out"
        begin = self._log.stat().st_size if self._log.exists() else 0
        with said.open("wb") as out:
            child = subprocess.Popen(
                [*run, "kafka.Kafka", str(self._configuration)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=self.folder,
                start_new_session=True,
                pass_fds=(lock,),
            )
        started = ports.model_copy(
            update={
                "pid": child.pid,
                "started": datetime.now(UTC).isoformat(timespec="seconds"),
                "java": java,
                "owner_pid": self._owner_pid,
            }
        )
        try:
            state.save(self._state_file, started)
            self._watch(child.pid)
            self._wait_until_it_serves(child, begin, said, ports)
        except BaseException:
            child.kill()
            child.wait()
            with contextlib.suppress(OSError):
                self._forget_process()
            raise
        self._children.append(child)
        return started.bootstrap

    def _watch(self, pid: int) -> None:
        if self._owner_pid is None:
            return
        watcher = Path(__file__).with_name("watch.py")
        self._children.append(
            subprocess.Popen(
                [sys.executable, "-ISE", str(watcher), str(self._owner_pid), str(pid)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
            )
        )

    def _wait_until_it_serves(self, child: subprocess.Popen[bytes], begin: int, said: Path, ports: state.State) -> None:
        until = time.monotonic() + START_S
        while configuration.STARTED not in self._log_since(begin):
            if child.poll() is not None or time.monotonic() > until:
                words = self._log_since(begin) + said.read_text(encoding="utf-8", errors="replace")
                if "Address already in use" in words or "BindException" in words:
                    raise _port_error(ports.port)
                raise kafka_error(Reason.START_FAILED, words)
            time.sleep(0.05)

    def _log_since(self, begin: int) -> str:
        try:
            with self._log.open("rb") as log:
                log.seek(begin if begin <= os.fstat(log.fileno()).st_size else 0)
                return log.read().decode(errors="replace")
        except FileNotFoundError:
            return ""

    def _signal(self, number: signal.Signals) -> bool:
        pid = self.pid
        if pid is None:
            return False
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return False
        return True

    def _gone_within(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while state.is_locked(self._lock_file):
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True

    def _forget_process(self) -> None:
        for child in self._children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(5.0)
        self._children = [child for child in self._children if child.poll() is None]
        known = state.load(self._state_file)
        if known is not None:
            state.save(self._state_file, known.model_copy(update={"pid": None, "started": None}))


def _port_error(port: int) -> BrokerError:
    return BrokerError(
        Reason.PORT_TAKEN,
        t(f"127.0.0.1:{port} 已被别的程序占用", f"127.0.0.1:{port} is held by another program"),
    )
