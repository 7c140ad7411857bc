"""The tour itself: the city issues and changes its mind, processes are killed, and all of it comes out right."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from deploy.console import t
from deploy.demo.centre import Centre
from deploy.demo.hastened import HELD, HELD_LIKE
from deploy.demo.plan import BROKER_STOP_S, UNREADABLE, Deed, Disruption, Order, Plan, due, progress
from deploy.demo.watch import Watch, Watched
from deploy.sim.driver import CityError
from deploy.sim.lag import Lag
from deploy.sim.rig import CONNECTORS, EXAMPLE, Rig

TICK_S = 0.25
LAG_EVERY_S = 0.5
LATEST_STOP = 0.8
"""The broker is stopped when the city has changed its mind for the last time and what the kills left behind has been
worked off, at this progress at the latest: two outages that become one are longer than the clocks here allow for."""
CALM = 400
"""Records behind, of all readers together."""
WARM_S = 20.0
STEADY_S = 3.0
"""Nothing is changed so soon after a disruption: what is on its way to the city would be refused there."""


@dataclass(slots=True)
class Moment:
    """What the view shows. `notes` are (seconds, text); `time` is the bridge's own, where it runs faster."""

    seconds: float = 0.0
    phase: str = ""
    total: int = 0
    state: dict[str, Any] = field(default_factory=dict)
    lag: Lag | None = None
    broker_up: bool = False
    running: dict[str, bool] = field(default_factory=dict)
    kills: dict[str, int] = field(default_factory=dict)
    amended: int = 0
    withdrawn: int = 0
    time: datetime | None = None
    watched: Watched = field(default_factory=Watched)
    notes: list[tuple[float, str]] = field(default_factory=list)


class Tour:
    """One run of a plan on a rig. `show` is called about four times a second."""

    def __init__(self, rig: Rig, plan: Plan, seed: int, show: Callable[[Moment], None]) -> None:
        self._rig = rig
        self._plan = plan
        self._draw = Random(seed)  # noqa: S311
        self._show = show
        self._started = time.monotonic()
        self._changed: set[str] = set()
        self._disruptions = list(plan.disruptions)
        self._broker_pause: threading.Thread | None = None
        self._closing = threading.Event()
        self._lag_at = 0.0
        self._disrupted_at = 0.0
        self._watch: Watch | None = None
        self._centre = Centre()
        self.broker_stops = 0
        self.moment = Moment(total=len(plan.orders), kills=dict.fromkeys([*rig.settings.workers, CONNECTORS], 0))

    def set_up(self) -> None:
        """Starts everything."""
        words = {
            "city": t("启动模拟的市级平台", "starting the simulated city"),
            "broker": t("启动 Kafka", "starting Kafka"),
            "topics": t("创建主题", "creating the topics"),
            "departments": t("启动承办单位", "starting the departments"),
            "workers": t("启动流处理", "starting the workers"),
            "connectors": t("启动连接器", "starting the connectors"),
        }
        self._rig.start(lambda part: self.say(words[part]))
        self._watch = Watch(self._rig.kafka)
        self.moment.broker_up = True

    def issue(self, deadline_s: float) -> None:
        """The city issues all its orders and changes some, while processes are killed; not longer than `deadline_s`."""
        self.say(t("市级派单", "the city issues its dispatches"))
        done, total = self._plan.held, len(self._plan.orders)
        self._issue(0, done)
        self._warm_up()
        begun = time.monotonic()
        while done < total or self._disruptions or self._changes_left():
            elapsed = time.monotonic() - begun
            if elapsed > deadline_s or (done == total and not self.moment.state["unsettled"]):
                return
            end = max(done, int(total * min(1.0, elapsed / self._plan.issue_s)))
            self._issue(done, end)
            done = end
            self._look()
            self._change()
            self._disrupt()
            time.sleep(TICK_S)
        if self._broker_pause is not None:
            self._broker_pause.join()

    def settle(self, deadline_s: float) -> list[str]:
        """Waits until all is answered, acknowledged and read; what is missing after `deadline_s` seconds."""
        self.say(t("等待全部办结", "waiting until everything is settled"))
        return self._rig.settle(deadline_s, self._see)

    def close(self) -> None:
        """Gives up what is under way; before the rig is closed."""
        self._closing.set()
        self._centre.close()
        if self._watch is not None:
            self._watch.close()
        if self._broker_pause is not None:
            self._broker_pause.join()

    def kills(self) -> int:
        """SIGKILLs so far."""
        return sum(self.moment.kills.values())

    def _issue(self, first: int, end: int) -> None:
        driver = self._rig.driver
        batch = self._plan.orders[first:end]
        if plain := sum(order is Order.PLAIN for order in batch):
            driver.issue(plain)
        for order in batch:
            if order is Order.UNKNOWN:
                driver.issue(1, unknown=True)
            elif order is Order.HELD:
                driver.issue(1, held_s=self._held_s(), like=self._draw.choice(HELD_LIKE))
            elif order in UNREADABLE:
                driver.issue(1, unreadable=order.value)

    def _warm_up(self) -> None:
        """Until the county signs: the time of the tour runs, and processes that start should not use it up."""
        until = time.monotonic() + WARM_S
        self._look()
        while not self.moment.state["signed"] and time.monotonic() < until:
            time.sleep(TICK_S)
            self._look()

    def _held_s(self) -> float:
        """How long ago, by the machine's time, an instant of the day before was."""
        lens, (first, last) = self._rig.lens, HELD
        if lens is None:
            return 0.0
        ago = lens.at(datetime.now(UTC)) - (first + (last - first) * self._draw.random())
        return ago.total_seconds() / lens.rate

    def _progress(self) -> float:
        state = self.moment.state
        return progress(state["signed"], state["answered"], len(self._plan.orders) - self._plan.unreadable)

    def _changes_left(self) -> bool:
        return self.moment.amended < self._plan.amended or self.moment.withdrawn < self._plan.withdrawn

    def _change(self) -> None:
        if not self.moment.broker_up or time.monotonic() - self._disrupted_at < STEADY_S:
            return
        in_work = [number for number in self.moment.state["in_work_first"] if number not in self._changed]
        self._draw.shuffle(in_work)
        now, driver = self._progress(), self._rig.driver
        while in_work and self.moment.amended < due(self._plan.amended, now):
            self.moment.amended += self._changes(driver.amend, in_work.pop())
        while in_work and self.moment.withdrawn < due(self._plan.withdrawn, now):
            self.moment.withdrawn += self._changes(driver.withdraw, in_work.pop())

    def _changes(self, change: Callable[[str], None], number: str) -> bool:
        self._changed.add(number)
        try:
            change(number)
        except CityError:
            # it was closed since we looked
            return False
        return True

    def _disrupt(self) -> None:
        if not self._disruptions or self._progress() < self._disruptions[0].at:
            return
        if self._broker_pause is not None and self._broker_pause.is_alive():
            return
        next_one = self._disruptions[0]
        if next_one.deed is Deed.KILL and not self._rig.processes.is_running(next_one.name):
            return
        stops_early = next_one.deed is Deed.STOP_BROKER and self._progress() < LATEST_STOP
        if stops_early and (self._changes_left() or not self._calm()):
            return
        del self._disruptions[0]
        self._do(next_one)

    def _calm(self) -> bool:
        return self.moment.lag is not None and sum(self.moment.lag.behind.values()) < CALM

    def _do(self, disruption: Disruption) -> None:
        if disruption.deed is Deed.KILL:
            if self._rig.kill(disruption.name):
                self.moment.kills[disruption.name] += 1
                self._note(t(f"SIGKILL：{disruption.name}", f"SIGKILL to {disruption.name}"))
            return
        self._broker_pause = threading.Thread(target=self._pause_broker, name="broker-pause")
        self._broker_pause.start()

    def _pause_broker(self) -> None:
        self._note(t(f"Kafka 停机 {BROKER_STOP_S:.0f} 秒", f"Kafka is stopped for {BROKER_STOP_S:.0f} s"))
        self.moment.broker_up = False
        self._rig.stop_broker()
        self.broker_stops += 1
        if self._closing.wait(BROKER_STOP_S):
            return
        self._rig.start_broker()
        self.moment.broker_up = True
        self._note(t("Kafka 恢复", "Kafka is back"))

    def _look(self) -> None:
        now = time.monotonic()
        lag = None
        # asking a stopped broker would wait for it, and the tour must go on
        if self.moment.broker_up and now - self._lag_at > LAG_EVERY_S:
            self._lag_at, lag = now, self._rig.lag()
        self._see(self._rig.driver.state(), lag)

    def _see(self, state: dict[str, Any], lag: Lag | None) -> None:
        self.moment.state = state
        self.moment.lag = lag or self.moment.lag
        self._supervise()
        self._refresh()

    def _supervise(self) -> None:
        """Look at the clocks; people of the centre act on them when Kafka will not be stopped again."""
        if self._watch is None or not self.moment.broker_up:
            return
        self.moment.watched = self._watch.look()
        if not any(one.deed is Deed.STOP_BROKER for one in self._disruptions):
            self._centre.work(self.moment.watched, self._rig.kafka)

    def say(self, words: str) -> None:
        """What goes on now."""
        self.moment.phase = words
        self._refresh()

    def _note(self, text: str) -> None:
        self._disrupted_at = time.monotonic()
        self.moment.notes.append((time.monotonic() - self._started, text))

    def _refresh(self) -> None:
        processes = self._rig.processes
        names = [CONNECTORS, *self._rig.settings.workers, *([EXAMPLE] if self._rig.example else [])]
        self.moment.running = {name: processes.is_running(name) for name in names}
        self.moment.seconds = time.monotonic() - self._started
        if self._rig.lens is not None:
            self.moment.time = self._rig.lens.at(datetime.now(UTC)).astimezone(self._rig.county.zone)
        self._show(self.moment)
