"""Puts the tour together: a home of its own, the rig, the plan, the books, the last screen."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import RenderableType

from deploy.books import run_books
from deploy.console import language, note, t
from deploy.county import County
from deploy.demo.hastened import HASTENED
from deploy.demo.outcome import Outcome, outcome
from deploy.demo.plan import plan
from deploy.demo.reckoning import Reckoned, known, reckon
from deploy.demo.sla import clocks_table, explained
from deploy.demo.story import busiest, dead_reasons, last_screen, most_eventful
from deploy.demo.telling import told
from deploy.demo.tour import Tour
from deploy.demo.view import shown
from deploy.operators.timeline import timeline
from deploy.sim.passing import ended_by_sigterm, own_environment, passing_home
from deploy.sim.rig import CONNECTORS, Rig, RigSettings

SETTLE_S = 150.0
RECORDED_S = timedelta(seconds=3)
"""By the machine's time, from a mark to its fact on the journal while nothing is down."""
EXAMPLE_DEPARTMENT = "water-supply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`home` None: a folder of its own, removed at the end unless `keep`."""

    dispatches: int
    seed: int
    home: Path | None = None
    keep: bool = False
    county: str = "helin"
    settle_s: float = SETTLE_S


def run(options: Options) -> tuple[Outcome, RenderableType]:
    """The whole tour. Leaves no process behind, however it ends; no file unless `keep` or a `home` was given."""
    started = time.monotonic()
    with passing_home("demo", options.home, keep=options.keep) as home, ended_by_sigterm(), own_environment():
        settings = RigSettings(
            home=home, county=options.county, seed=options.seed, example=EXAMPLE_DEPARTMENT, pace=0.8,
            throw_away=options.home is None and not options.keep, hastened=HASTENED,
        )  # fmt: skip
        with Rig(settings) as rig:
            return _tour(rig, options, started)


def _tour(rig: Rig, options: Options, started: float) -> tuple[Outcome, RenderableType]:
    names = _names(rig.county)
    to_do = plan(options.dispatches, options.seed, rig.settings.workers, CONNECTORS, "kafka")
    with shown(names) as show:
        tour = Tour(rig, to_do, options.seed, show)
        try:
            tour.set_up()
            until = time.monotonic() + options.settle_s
            tour.issue(options.settle_s)
            missing = tour.settle(max(1.0, until - time.monotonic()))
        finally:
            tour.close()
        tour.say(t("对账", "the books"))
    now = datetime.now(UTC) if rig.lens is None else rig.lens.at(datetime.now(UTC))
    clocks = _clocks(rig, now)
    journals = rig.department_journals()
    books = run_books(rig.kafka, rig.city_journal, journals)
    came_to = outcome(
        books,
        dispatches=options.dispatches,
        amended=tour.moment.amended,
        withdrawn=tour.moment.withdrawn,
        redone=tour.moment.state["counts"].get("redo_ordered", 0),
        unreadable=to_do.unreadable,
        kills=tour.kills(),
        broker_stops=tour.broker_stops,
        seconds=time.monotonic() - started,
        missing=missing,
        dead_reasons=dead_reasons(rig.kafka),
        clocks=clocks,
    )
    source = next(iter(rig.county.connectors.values())).settings.source
    dispatch = most_eventful(rig.city_journal, journals, source)
    one = told(dispatch, timeline(rig.kafka, dispatch), names, rig.county.zone) if dispatch else ""
    kept = rig.home if options.keep or options.home else None
    if kept is not None:
        note(t(f"数据保留在 {kept}", f"its data stay in {kept}"))
    why = explained(rig.kafka, rig.county, clocks.telling, names, now) if clocks.telling else ""
    figures = clocks_table(clocks) if clocks.marks else ""
    return came_to, last_screen(came_to, books, busiest(journals, names), one, kept, (figures, why))


def _clocks(rig: Rig, now: datetime) -> Reckoned:
    """At `now`, in the time of the tour. Marks of the last seconds need not be on record."""
    if rig.county.timetable is None:
        return Reckoned()
    return reckon(known(rig.kafka), rig.county.timetable, until=now - RECORDED_S * HASTENED.rate, rate=HASTENED.rate)


def _names(county: County) -> dict[str, str]:
    """Department code -> its name, without the county's own in front."""
    if language() == "en":
        return {one.code: one.name_en or one.name for one in county.departments}
    return {one.code: one.name.removeprefix(county.names.zh) for one in county.departments}
