"""Child processes by name: started, killed, paused, stopped, and started again when they exit (crash-only)."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

RESTART_S = 0.2
"""Before the first restart; each further one within `STEADY_S` of a start waits twice as long, to `LONGEST_WAIT_S`."""
STEADY_S = 3.0
LONGEST_WAIT_S = 5.0
STOP_S = 15.0
MISUSE = 2
"""An exit code that says: wrong configuration. Starting it again would not put that right."""


class Standing(StrEnum):
    """How a child stands now."""

    RUNNING = "running"
    WAITING = "waiting"
    """It exited and will be started again."""
    GIVEN_UP = "given_up"
    """It exited with `MISUSE`: a person must put its configuration right."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Status:
    """One child, for people."""

    name: str
    standing: Standing
    pid: int | None
    seconds: float
    """Since its last start."""
    restarts: int
    last_exit: int | None


@dataclass(slots=True)
class _Child:
    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    wanted: bool = True
    started: float = 0.0
    restart_at: float = 0.0
    wait_s: float = RESTART_S
    kills: int = 0
    exits: list[int] = field(default_factory=list)
    """Exit codes nobody asked for."""
    given_up: bool = False


class Processes:
    """All children of one supervisor, in one process group that dies with this process. Safe for threads."""

    def __init__(self, logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._logs = logs
        self._children: dict[str, _Child] = {}
        self._lock = threading.RLock()
        self._closing = threading.Event()
        leash = Path(__file__).with_name("leash.py")
        self._leash = subprocess.Popen(
            [sys.executable, "-ISE", str(leash), str(os.getpid())], stdin=subprocess.DEVNULL, process_group=0
        )
        self._watcher = threading.Thread(target=self._watch, name="processes", daemon=True)
        self._watcher.start()

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Starts a child under this name; `environment` is added to ours. Its log is `<name>.log`."""
        with self._lock:
            if name in self._children and self.is_running(name):
                raise ValueError(f"{name} runs already")
            child = _Child(name, command, environment)
            if before := self._children.get(name):
                child.kills, child.exits = before.kills, before.exits
            self._children[name] = child
            self._spawn(child)

    def kill(self, name: str) -> bool:
        """SIGKILL; the child is started again. False when it was not running."""
        with self._lock:
            child = self._children[name]
            if child.process is None or child.process.poll() is not None:
                return False
            child.kills += 1
            child.process.kill()
            child.process.wait()
            self._plan_restart(child)
            return True

    def pause(self, name: str) -> None:
        """SIGSTOP."""
        self._send(name, signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """SIGCONT."""
        self._send(name, signal.SIGCONT)

    def stop(self, name: str, timeout_s: float = STOP_S) -> int | None:
        """SIGTERM, and SIGKILL after `timeout_s`; it stays stopped. The exit code, None when it was not running."""
        with self._lock:
            child = self._children[name]
            child.wanted = False
            process = child.process
        if process is None or process.poll() is not None:
            return None
        process.terminate()
        process.send_signal(signal.SIGCONT)
        try:
            return process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def is_running(self, name: str) -> bool:
        """Whether the child lives now."""
        with self._lock:
            child = self._children.get(name)
            return child is not None and child.process is not None and child.process.poll() is None

    def pid(self, name: str) -> int | None:
        """Its process id, None when it is not running."""
        with self._lock:
            process = self._children[name].process
            return process.pid if process is not None and process.poll() is None else None

    def names(self) -> list[str]:
        """All that should run."""
        with self._lock:
            return [name for name, child in self._children.items() if child.wanted]

    def kills(self, name: str) -> int:
        """How often we killed it."""
        with self._lock:
            return self._children[name].kills

    def unasked_exits(self) -> dict[str, list[int]]:
        """Exit codes that nobody asked for, by name."""
        with self._lock:
            return {name: list(child.exits) for name, child in self._children.items() if child.exits}

    def status(self) -> list[Status]:
        """Every child, in the order of their starts."""
        with self._lock:
            return [_status(child) for child in self._children.values()]

    def log(self, name: str) -> Path:
        """Where its output goes."""
        return self._logs / f"{name}.log"

    def close(self, timeout_s: float = STOP_S) -> None:
        """Stops all at once, with SIGKILL whoever takes longer than `timeout_s`, and waits until they are gone."""
        self._closing.set()
        self._watcher.join()
        with self._lock:
            running = [
                child.process for child in self._children.values() if child.process and child.process.poll() is None
            ]
        for process in running:
            process.terminate()
            process.send_signal(signal.SIGCONT)
        until = time.monotonic() + timeout_s
        for process in running:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._leash.kill()
        self._leash.wait()

    def _spawn(self, child: _Child) -> None:
        with self.log(child.name).open("ab") as log:
            child.process = subprocess.Popen(
                child.command,
                env={**os.environ, **child.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=self._leash.pid,
            )
        child.started = time.monotonic()
        child.restart_at = 0.0

    def _send(self, name: str, number: signal.Signals) -> None:
        with self._lock:
            process = self._children[name].process
            if process is not None:
                process.send_signal(number)

    def _plan_restart(self, child: _Child) -> None:
        now = time.monotonic()
        child.wait_s = RESTART_S if now - child.started > STEADY_S else min(LONGEST_WAIT_S, child.wait_s * 2)
        child.restart_at = now + child.wait_s
        child.process = None

    def _watch(self) -> None:
        while not self._closing.wait(0.05):
            with self._lock:
                for child in self._children.values():
                    self._look_after(child)

    def _look_after(self, child: _Child) -> None:
        if not child.wanted or child.given_up:
            return
        if child.process is None:
            if time.monotonic() >= child.restart_at:
                self._spawn(child)
        elif (code := child.process.poll()) is not None:
            child.exits.append(code)
            child.given_up = code == MISUSE
            self._plan_restart(child)


def _status(child: _Child) -> Status:
    pid = child.process.pid if child.process is not None and child.process.poll() is None else None
    standing = (
        Standing.RUNNING
        if pid is not None
        else Standing.GIVEN_UP
        if child.given_up
        else Standing.WAITING
        if child.wanted
        else Standing.STOPPED
    )
    seconds = time.monotonic() - child.started
    return Status(
        child.name, standing, pid, seconds, child.kills + len(child.exits), child.exits[-1] if child.exits else None
    )
