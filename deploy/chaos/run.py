"""Puts a chaos run together: a home of its own, the rig, the plan, the load, the rest, the books."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy.books import Books, run_books
from deploy.books.audit import Expected
from deploy.chaos.deeds import Deeds
from deploy.chaos.load import Load
from deploy.chaos.monitor import Monitor
from deploy.chaos.outcome import Outcome, columns
from deploy.chaos.plan import Deed, Plan, plan
from deploy.chaos.rest import Rest
from deploy.sim.lag import Lag
from deploy.sim.passing import ended_by_sigterm, own_environment, passing_home
from deploy.sim.rig import CONNECTORS, Rig, RigSettings
from streams.names import GROUP

WORKERS: Final = ("w1", "w2")
GUEST: Final = "w3"
ANSWERED: Final = 2500
"""About so many dispatches are answered by their departments; the others stay open, as most of a day's do."""
CONNECTOR: Final[dict[str, dict[str, Any]]] = {
    "pull": {"every": "500ms", "overlap": "8s", "lag": "1s", "first": "1h"},
    "budget": {"per_second": 1000, "burst": 200},
    "push": {"parallel": 16, "settle": "200ms"},
    "retry": {"first": "100ms", "longest": "1s"},
    "breaker": {"pause": "300ms", "longest": "1s"},
}
"""The simulated city has no limits to respect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`home` None: a folder of its own, removed at the end. `limit_s`: for load and rest together."""

    dispatches: int
    kills: int
    seed: int
    home: Path | None = None
    county: str = "helin"
    limit_s: float = 270.0


@dataclass(frozen=True, slots=True)
class Moment:
    """What a progress bar shows: a phase, how far it is (0 to 1), and what was done so far."""

    phase: str
    share: float
    kills: int = 0


Show = Callable[[Moment], None]


def run(
    options: Options, show: Show = lambda moment: None, expected: Callable[[Rig], Expected] | None = None
) -> tuple[Outcome, Books]:
    """One run. Leaves no process behind, however it ends, and no file unless a `home` was given.

    `expected` is asked at the end for somebody else's opinion of the routing. Raises TimeoutError when a part of the
    rig does not start.
    """
    to_do = plan(
        options.seed, options.dispatches, options.kills, workers=WORKERS, guest=GUEST, connectors=CONNECTORS,
        broker="broker",
    )  # fmt: skip
    with passing_home("chaos", options.home) as home, ended_by_sigterm(), own_environment():
        never = 100.0 * max(0.0, options.dispatches / ANSWERED - 1.0)
        settings = RigSettings(
            home=home, county=options.county, seed=options.seed, workers=WORKERS, never=never, connector=CONNECTOR
        )
        with Rig(settings) as rig:
            show(Moment("start", 0.0))
            rig.start()
            return _on(rig, to_do, options, show, expected)


def _on(
    rig: Rig, to_do: Plan, options: Options, show: Show, expected: Callable[[Rig], Expected] | None
) -> tuple[Outcome, Books]:
    started = time.monotonic()
    until = started + options.limit_s
    with Monitor(rig, GROUP) as monitor:
        deeds = Deeds(rig, to_do, monitor.healed)
        try:
            _warm_up(rig, monitor, until)
            deeds.start()
            load = Load(rig.driver, options.dispatches, to_do.load_s, options.seed)
            load.run(lambda issued: show(Moment("load", issued / options.dispatches, _kills(deeds))))
            missing = _rest(rig, monitor, deeds, until, show)
        finally:
            deeds.close()
        rig.driver.faults_off()
        recovered = monitor.recovered_p99_s()
    show(Moment("books", 1.0, _kills(deeds)))
    state = rig.driver.state()
    journals = list(rig.departments_folder.glob("*.jsonl"))
    books = run_books(
        rig.kafka, rig.city_folder / "city.jsonl", journals, expected(rig) if expected is not None else None
    )
    exits = {
        name: sorted((Counter(codes) - deeds.planned_exits[name]).elements())
        for name, codes in rig.processes.unasked_exits().items()
    }
    done = deeds.done
    outcome = Outcome(
        **columns(books),
        seed=options.seed,
        dispatches=books.pulled,
        kills=done[Deed.KILL] + done[Deed.CRASH],
        at_crash_points=done[Deed.CRASH],
        pauses=done[Deed.PAUSE],
        broker_stops=done[Deed.KILL_BROKER] + done[Deed.STOP_BROKER],
        joins=done[Deed.JOIN],
        city_faults=sum(state["struck"].values()),
        answered=state["answered"],
        recovered_p99_s=round(recovered, 1),
        seconds=round(time.monotonic() - started, 1),
        balanced=books.balanced,
        missing=tuple(missing),
        unasked_exits={name: codes for name, codes in exits.items() if codes},
        offences=books.offences,
    )
    return outcome, books


def _warm_up(rig: Rig, monitor: Monitor, until: float) -> None:
    """Until the first order reached a department: faults that meet nobody are none. Raises TimeoutError."""
    rig.driver.issue(1)
    while not monitor.delivered:
        if time.monotonic() > until:
            raise TimeoutError(f"nothing reaches a department: {rig.processes.log(CONNECTORS)}")
        time.sleep(0.1)


def _kills(deeds: Deeds) -> int:
    return deeds.done[Deed.KILL] + deeds.done[Deed.CRASH]


def _rest(rig: Rig, monitor: Monitor, deeds: Deeds, until: float, show: Show) -> list[str]:
    """Waits until all was done and everything came to rest; what is missing at `until`, empty when nothing is."""
    rest = Rest()
    while True:
        still = deeds.alive()
        state, lag = rig.driver.state(), monitor.latest
        missing = _unfinished(state, lag)
        now = time.monotonic()
        written = -1 if lag is None else sum(lag.written.values())
        if rest.reached(now, busy=still or bool(missing), asked=state["asked"], written=written):
            return []
        if now > until:
            return missing or ["records are still being written"]
        left = 0 if lag is None else sum(lag.behind.values())
        show(Moment("rest", 1.0 / (1.0 + left / 1000), _kills(deeds)))
        time.sleep(0.3)


def _unfinished(state: dict[str, Any], lag: Lag | None) -> list[str]:
    if lag is None:
        return ["the broker cannot be asked"]
    left = [
        (state["unseen"], f"{state['unseen']} changed orders were not read yet"),
        (state["undecided"], f"{state['undecided']} answers wait for the city"),
        *((behind, f"{group} is {behind} records behind") for group, behind in lag.behind.items()),
    ]
    return [words for count, words in left if count]
