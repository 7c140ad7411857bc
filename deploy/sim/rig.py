"""A whole county on one machine for the demo and the chaos run: broker, city, connectors, workers, departments.

Every part but the broker is a child process under a name; what is killed or exits is started again (crash-only).
"""

import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kafka.errors import KafkaError

from deploy import provision
from deploy.broker import EmbeddedBroker
from deploy.broker.ports import free_port
from deploy.county import County, load
from deploy.sim.city.helin import APP_SECRET
from deploy.sim.county import fast_copy, ground_of
from deploy.sim.departments.example import export
from deploy.sim.departments.office import GROUP as DEPARTMENTS_GROUP
from deploy.sim.driver import CityError, Driver
from deploy.sim.lag import Lag, LagReader
from deploy.sim.settled import unfinished
from deploy.supervisor.processes import STOP_S, Processes
from schemas.kafka import KafkaSettings
from schemas.topics import CHECKPOINTS, CITY, FEEDBACK, INBOX, department_dispatches, department_reports, topics
from streams.lens import Lens
from streams.names import GROUP as BRIDGE_GROUP

CITY_NAME, CONNECTORS, DEPARTMENTS, EXAMPLE = "city", "connectors", "departments", "example"
"""Names of children; workers have the names they are given."""

EXAMPLE_FILE = Path(__file__).parents[2] / "docs" / "examples" / "department.py"
PULSE_S = 0.25
QUIET_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hastened:
    """Time that runs `rate` times faster for the bridge, from `start` on, and what a county makes of it."""

    start: datetime
    rate: float
    least: Mapping[str, str] = field(default_factory=dict)
    """Clock -> the least that its rules allow, since the machine itself does not run faster."""
    unsigned: float = 0.0
    """Weight of shares that are signed far too late, against 100 for all others."""
    late_p: float = 0.0
    """How likely what is pressing is answered late."""
    extend_cap: int = 0
    """Days; the city refuses more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RigSettings:
    """How the rig is built. Durations are seconds."""

    home: Path
    county: str = "helin"
    seed: int = 1
    workers: tuple[str, ...] = ("w1", "w2")
    example: str | None = None
    """A department that is run by docs/examples/department.py instead, where that is (it is in no wheel)."""
    pace: float = 1.0
    """Stretches the departments' times."""
    never: float = 0.0
    """Weight of shares that are never answered, against 100 for all others."""
    redo_p: float = 0.1
    decide_after_s: float = 0.5
    throw_away: bool = False
    """Nobody will look at `home` afterwards: the end may be as hard as a power cut."""
    connector: dict[str, dict[str, Any]] | None = None
    """Sections of the city connector's YAML to change; None for `deploy.sim.county.FAST`."""
    hastened: Hastened | None = None
    """None: real time."""


class Rig:
    """Use as a context manager: leaving it ends every process. What is in `home` stays."""

    def __init__(self, settings: RigSettings) -> None:
        self.settings = settings
        self.home = settings.home.absolute()
        self.home.mkdir(parents=True, exist_ok=True)
        self.city_folder = self.home / "city"
        self.departments_folder = self.home / "departments"
        self.example_file = self.departments_folder / "example.sqlite3"
        hastened = settings.hastened
        least = None if hastened is None else hastened.least
        self.pack = fast_copy(settings.county, self.home / "county", settings.connector, least)
        self.county: County = load(str(self.pack))
        self.example = settings.example if EXAMPLE_FILE.exists() else None
        self.codes = [department.code for department in self.county.departments]
        self.broker = EmbeddedBroker(self.home, owner_pid=os.getpid())
        self.processes = Processes(self.home / "logs")
        self._city_port = free_port()
        self.driver = Driver(f"http://127.0.0.1:{self._city_port}")
        self._lag: LagReader | None = None
        self.lens: Lens | None = None
        """Since `start`, where time is hastened."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def kafka(self) -> KafkaSettings:
        """How to reach the rig's broker; once it was started."""
        return KafkaSettings(bootstrap=self.broker.bootstrap)

    # starting

    def start(self, said: Callable[[str], None] = lambda part: None) -> None:
        """Starts everything; `said` is told the name of each part as it comes."""
        said("city")
        self.start_city()
        said("broker")
        self.start_broker()
        said("topics")
        self.provision()
        if (hastened := self.settings.hastened) is not None:
            self.lens = Lens(hastened.start, datetime.now(UTC), hastened.rate)
        said("departments")
        self.start_departments()
        said("workers")
        for name in self.settings.workers:
            self.start_worker(name)
        said("connectors")
        self.start_connectors()
        self.wait_for_city()

    def start_broker(self) -> None:
        """Starts the broker, or starts it again on the same port."""
        self.broker.start()

    def stop_broker(self) -> None:
        """Stops it cleanly; everything else waits for it."""
        self.broker.stop()

    def kill_broker(self) -> None:
        """SIGKILL; `start_broker` brings it back."""
        self.broker.kill()

    def provision(self) -> None:
        """Creates the county's topics."""
        declared = topics(self.codes)
        there = provision.look(self.kafka, [topic.name for topic in declared])
        provision.apply(self.kafka, declared, provision.plan(declared, there))

    def start_city(self) -> None:
        """Starts the simulated city; it goes on from its journal."""
        self.city_folder.mkdir(exist_ok=True)
        ground = self.city_folder / "ground.json"
        ground_of(self.county).write(ground)
        self.processes.start(
            CITY_NAME,
            [
                sys.executable, "-m", "deploy.sim.city", "--folder", str(self.city_folder), "--ground", str(ground),
                "--port", str(self._city_port), "--seed", str(self.settings.seed),
                "--redo-p", str(self.settings.redo_p), "--decide-after", str(self.settings.decide_after_s),
                "--extend-cap", str(self.settings.hastened.extend_cap if self.settings.hastened else 0),
            ],
            {},
        )  # fmt: skip

    def wait_for_city(self, seconds: float = 20.0) -> None:
        """Until the city answers. Raises TimeoutError."""
        until = time.monotonic() + seconds
        while True:
            try:
                self.driver.state()
            except CityError as error:
                if time.monotonic() > until:
                    raise TimeoutError(f"the city does not answer: {self.processes.log(CITY_NAME)}") from error
                time.sleep(0.05)
            else:
                return

    def start_connectors(self, crash_at: str = "") -> None:
        """Starts the connectors; `crash_at` is PAIDAN_CRASH_AT for every life of this process."""
        self._start_ours(CONNECTORS, ["connectors", "run"], crash_at)

    def start_worker(self, name: str, crash_at: str = "") -> None:
        """Starts one worker."""
        self._start_ours(name, ["streams", "run", "--name", name], crash_at)

    def start_departments(self) -> None:
        """Starts all departments, the example's in a process of its own."""
        self.departments_folder.mkdir(exist_ok=True)
        simulated = [code for code in self.codes if code != self.example]
        keepers, hastened = {self.county.policy.duty_desk, self.county.policy.arbiter}, self.settings.hastened
        habits = () if hastened is None else (
            "--unsigned", str(hastened.unsigned), "--late", str(hastened.late_p), "--rate", str(hastened.rate),
        )  # fmt: skip
        self.processes.start(
            DEPARTMENTS,
            [
                sys.executable, "-m", "deploy.sim.departments", "--folder", str(self.departments_folder),
                "--codes", ",".join(simulated), "--seed", str(self.settings.seed), "--pace", str(self.settings.pace),
                "--keepers", ",".join(sorted(keepers)), "--never", str(self.settings.never), *habits,
            ],
            self._environment(),
        )  # fmt: skip
        if self.example:
            self.processes.start(
                EXAMPLE,
                [sys.executable, str(EXAMPLE_FILE), self.example, str(self.example_file)],
                self._environment(),
            )

    # while it runs

    def kill(self, name: str) -> bool:
        """SIGKILL to a child; it is started again. False when it was not running."""
        return self.processes.kill(name)

    def pause(self, name: str) -> None:
        """SIGSTOP."""
        self.processes.pause(name)

    def resume(self, name: str) -> None:
        """SIGCONT."""
        self.processes.resume(name)

    def stop(self, name: str) -> int | None:
        """SIGTERM; it stays stopped until it is started by name."""
        return self.processes.stop(name)

    def lag(self) -> Lag | None:
        """How far everybody is behind; None while the broker cannot be asked."""
        try:
            if self._lag is None:
                others = {topic.name for topic in topics(self.codes)} - {CHECKPOINTS}
                self._lag = LagReader(self.kafka, self._readers(), others)
            return self._lag.read()
        except (KafkaError, OSError):
            self._close_lag()
            return None

    def settle(self, deadline_s: float, each: Callable[[dict[str, Any], Lag | None], None] | None = None) -> list[str]:
        """Waits until nothing is left to do; returns what is missing after `deadline_s`, empty when all is done.

        Done: every order is final, its last state was served, every reader has committed everything, and nothing
        but checkpoints was written for a second. `each` gets the city's state and the lag, about four times a second.
        """
        until = time.monotonic() + deadline_s
        quiet_since, written = time.monotonic(), -1
        while True:
            state, lag = self.driver.state(), self.lag()
            if each is not None:
                each(state, lag)
            missing = unfinished(state, lag)
            now = time.monotonic()
            if missing or lag is None or sum(lag.written.values()) != written:
                quiet_since, written = now, -1 if lag is None else sum(lag.written.values())
            elif now - quiet_since >= QUIET_S:
                return []
            if now > until:
                return missing or ["records are still being written"]
            time.sleep(PULSE_S)

    def department_journals(self) -> list[Path]:
        """What the departments wrote down themselves, as JSON lines; the example's are exported now."""
        found = [self.departments_folder / "departments.jsonl"]
        if self.example and self.example_file.exists():
            found.append(self.departments_folder / "example.jsonl")
            export(self.example_file, found[-1])
        return found

    @property
    def city_journal(self) -> Path:
        """What the city wrote down itself."""
        return self.city_folder / "city.jsonl"

    def close(self) -> None:
        """Ends every process, the broker last."""
        self._close_lag()
        self.driver.close()
        self.processes.close(0.0 if self.settings.throw_away else STOP_S)
        if self.settings.throw_away:
            self.broker.kill()
        else:
            self.broker.stop()

    # within

    def _start_ours(self, name: str, words: list[str], crash_at: str) -> None:
        environment = self._environment() | ({"PAIDAN_CRASH_AT": crash_at} if crash_at else {})
        self.processes.start(name, [sys.executable, "-m", "deploy.cli", *words], environment)

    def _environment(self) -> dict[str, str]:
        return {
            "PAIDAN_HOME": str(self.home),
            "PAIDAN_COUNTY": str(self.pack),
            "PAIDAN_KAFKA": self.broker.bootstrap,
            "PAIDAN_CITY_URL": self.driver.url,
            "PAIDAN_CITY_SECRET": APP_SECRET,
            "PYTHONUNBUFFERED": "1",
            **({} if self.lens is None else {"PAIDAN_DEMO_CLOCK": self.lens.text()}),
        }

    def _readers(self) -> dict[str, Iterable[str]]:
        example = self.example
        readers: dict[str, Iterable[str]] = {
            BRIDGE_GROUP: [CITY, INBOX, *map(department_reports, self.codes)],
            DEPARTMENTS_GROUP: [department_dispatches(code) for code in self.codes if code != example],
        }
        for connector in self.county.connectors:
            readers[f"paidan.connectors.{connector}"] = [FEEDBACK]
        if example:
            readers[f"dept.{example}"] = [department_dispatches(example)]
        return readers

    def _close_lag(self) -> None:
        if self._lag is not None:
            self._lag.close()
            self._lag = None
