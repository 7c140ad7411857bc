"""Does what the plan says, lane by lane, each lane in a thread of its own."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable

import structlog

from deploy.broker import BrokerError
from deploy.chaos.plan import Deed, Lane, Plan, Step
from deploy.sim.city.faults import Fault
from deploy.sim.rig import CONNECTORS, Rig

CRASH_S = 20.0
"""A child that does not come by its crash point within this time is killed where it is."""
RUNNING_S = 30.0
SPELL_S = 10.0
"""A fault of the city that nobody met is given up after this time."""
PULSE_S = 0.05

log = structlog.get_logger(__name__)


class Deeds:
    """`healed` is called when a fault ends. Whatever was begun is ended, also when `close` comes early."""

    def __init__(self, rig: Rig, plan: Plan, healed: Callable[[], None]) -> None:
        self._rig, self._plan, self._healed = rig, plan, healed
        self._closing = threading.Event()
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self._failed: list[BaseException] = []
        self.done: Counter[Deed] = Counter()
        self.planned_exits: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self._threads = [
            threading.Thread(target=self._run, args=(plan.lane(lane),), name=f"chaos-{lane}", daemon=True)
            for lane in Lane
        ]

    def start(self) -> None:
        """The load begins now."""
        self._begun = time.monotonic()
        for thread in self._threads:
            thread.start()

    def alive(self) -> bool:
        """Whether something is still to be done. Raises what went wrong in a lane."""
        if self._failed:
            raise self._failed[0]
        return any(thread.is_alive() for thread in self._threads)

    def close(self) -> None:
        """Ends what is under way and leaves out the rest."""
        self._closing.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def _run(self, steps: tuple[Step, ...]) -> None:
        try:
            for step in steps:
                if self._closing.wait(max(0.0, step.at - (time.monotonic() - self._begun))):
                    return
                self._do(step)
        except BaseException as problem:  # noqa: BLE001 - a lane's failure is raised in the main thread
            self._failed.append(problem)

    def _do(self, step: Step) -> None:
        log.info("fault", deed=step.deed, target=step.target, point=step.point, lasts=step.lasts)
        match step.deed:
            case Deed.KILL:
                with self._alone(step.target):
                    self._kill(step.target)
            case Deed.CRASH:
                with self._alone(step.target):
                    self._crash(step)
            case Deed.PAUSE:
                with self._alone(step.target):
                    self._rig.pause(step.target)
                    self._closing.wait(step.lasts)
                    self._rig.resume(step.target)
            case Deed.KILL_BROKER | Deed.STOP_BROKER:
                self._without_broker(step)
            case Deed.JOIN:
                self._rig.start_worker(step.target)
            case Deed.LEAVE:
                self._rig.stop(step.target)
            case Deed.CITY:
                self._spoil(step)
        self.done[step.deed] += 1
        self._healed()

    def _kill(self, target: str) -> None:
        """As soon as it runs: what was killed a moment ago is on its way back."""
        until = time.monotonic() + RUNNING_S
        while not self._rig.kill(target):
            if time.monotonic() > until:
                raise TimeoutError(f"{target} does not come back: {self._rig.processes.log(target)}")
            time.sleep(PULSE_S)

    def _crash(self, step: Step) -> None:
        before = len(self._rig.processes.unasked_exits().get(step.target, []))
        self._rig.stop(step.target)
        self._start(step.target, step.point)
        until = time.monotonic() + CRASH_S
        while len(self._rig.processes.unasked_exits().get(step.target, [])) == before:
            if time.monotonic() > until or self._closing.is_set():
                self._kill(step.target)
                break
            time.sleep(PULSE_S)
        self._rig.stop(step.target)
        self.planned_exits[step.target].update(self._rig.processes.unasked_exits().get(step.target, [])[before:])
        self._start(step.target, "")

    def _start(self, target: str, crash_at: str) -> None:
        if target == CONNECTORS:
            self._rig.start_connectors(crash_at)
        else:
            self._rig.start_worker(target, crash_at)

    def _without_broker(self, step: Step) -> None:
        if step.deed is Deed.KILL_BROKER:
            self._rig.kill_broker()
        else:
            self._rig.stop_broker()
        self._closing.wait(step.lasts)
        try:
            self._rig.start_broker()
        except BrokerError as error:
            log.warning("broker_not_started", reason=error.reason)
            time.sleep(1.0)
            self._rig.start_broker()

    def _spoil(self, step: Step) -> None:
        """For its time, and until it struck."""
        driver, fault = self._rig.driver, Fault(step.target)
        struck = driver.state()["struck"].get(fault, 0)
        try:
            driver.fault_on(fault, p=step.chance) if step.chance else driver.fault_on(fault, count=1)
            until = time.monotonic() + SPELL_S
            self._closing.wait(step.lasts)
            while driver.state()["struck"].get(fault, 0) == struck and time.monotonic() < until:
                if self._closing.wait(0.1):
                    return
        finally:
            driver.fault_off(fault)

    def _alone(self, target: str) -> threading.Lock:
        """A process that is paused or crashing is not killed by another lane meanwhile."""
        with self._guard:
            return self._locks.setdefault(target, threading.Lock())
