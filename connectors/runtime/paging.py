"""How to read all of a window, page by page, from a source that changes while it is read. Pure.

Where the source sorts by update time, only the first page of a window is ever asked for: the next window starts at
that page's last time. Rows can then not shift under us, and the source's cap does not matter. Page numbers are used
only where a full page has a single time, or the source does not sort. There, what the pages say is checked: a total
that changes, a page that repeats, fewer rows than promised (drift, loop, short) have the window read again, and cut
in halves when that does not help; more rows than the source will serve (cap) have it cut at once.

Reading again is harmless: every record has a derived id.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from itertools import pairwise

from connectors.runtime.ports import Ask, Page, PageRules, Read, Refused, Window
from connectors.runtime.window import floor
from schemas.dispatch import Dispatch

REREADS = 3
"""As often is one window read again for the same trouble before it is cut, or given up."""


class Trouble(StrEnum):
    """What was wrong with a page. The same word is the metric label."""

    DRIFT = "drift"
    """The rows moved: another total, another order, fewer rows than promised."""
    LOOP = "loop"
    """The source repeats a page, or answers for another window."""
    CAP = "cap"
    """The window holds more than the source will ever serve of it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the planner looks at in a page."""

    keys: tuple[str, ...]
    """Who the records are, those that were refused too."""
    times: tuple[datetime, ...]
    """Update times of the readable ones, in the page's order."""
    total: int | None
    next: str | None

    @property
    def sorted(self) -> bool:
        """Whether update times never fall."""
        return all(earlier <= later for earlier, later in pairwise(self.times))


def facts(page: Page) -> Facts:
    """Of a page."""
    return Facts(
        tuple(_key(record) for record in page.records),
        tuple(record.updated_at for record in page.records if isinstance(record, Dispatch)),
        page.total,
        page.next,
    )


def _key(record: Read) -> str:
    return blake2b(record.raw, digest_size=12).hexdigest() if isinstance(record, Refused) else record.id


@dataclass(frozen=True, slots=True)
class Plan:
    """What is still to be read: the first window is the one at hand."""

    windows: tuple[Window, ...]
    page: int = 1
    token: str | None = None
    total: int | None = None
    keys: frozenset[str] = frozenset()
    """Who was met in the window at hand."""
    tokens: frozenset[str] = frozenset()
    rereads: int = 0
    by_number: bool = False
    """The source was caught not sorting: page numbers only."""

    @property
    def ask(self) -> Ask:
        """The next page to fetch."""
        return Ask(self.windows[0], self.page, self.token)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """After a page. `plan` None: all is read. Everything before `complete_to` is read in any case."""

    plan: Plan | None
    complete_to: datetime
    trouble: Trouble | None = None
    unreachable: int = 0
    """Records that the source says it has and will not serve, by any question that can be asked."""


def begin(window: Window) -> Plan:
    """To read `window`, which is not empty."""
    return Plan((window,))


def after(plan: Plan, page: Facts, rules: PageRules) -> Step:
    """What to do when `page` was the answer to `plan.ask`."""
    match rules.kind:
        case "whole":
            return _through(plan)
        case "chained":
            return _chained(plan, page, rules)
        case "numbered":
            if plan.page == 1 and rules.ascending and not plan.by_number:
                return _by_time(plan, page, rules)
            return _by_number(plan, page, rules)


def _through(plan: Plan, *, trouble: Trouble | None = None, unreachable: int = 0) -> Step:
    done, *rest = plan.windows
    left = Plan(tuple(rest), by_number=plan.by_number) if rest else None
    return Step(plan=left, complete_to=done.end, trouble=trouble, unreachable=unreachable)


def _chained(plan: Plan, page: Facts, rules: PageRules) -> Step:
    window = plan.windows[0]
    if page.next is None:
        return _through(plan)
    if page.next in plan.tokens or page.next == plan.token:
        return _again(plan, Trouble.LOOP, rules)
    reached = window.start
    if rules.ascending and page.sorted and page.times:
        reached = max(reached, min(floor(page.times[-1], rules.grain), window.end))
    if reached >= window.end:
        return _through(plan)
    going = replace(plan, page=plan.page + 1, token=page.next, tokens=plan.tokens | {page.next})
    return Step(plan=going, complete_to=reached)


def _by_time(plan: Plan, page: Facts, rules: PageRules) -> Step:
    window = plan.windows[0]
    if any(time < window.start for time in page.times):
        return _again(plan, Trouble.LOOP, rules)
    if not page.sorted:
        if plan.rereads < REREADS:
            return _again(plan, Trouble.DRIFT, rules)
        return Step(plan=replace(plan, by_number=True, rereads=0), complete_to=window.start, trouble=Trouble.DRIFT)
    if not _more(plan, page, rules):
        return _through(plan)
    reached = floor(page.times[-1], rules.grain) if page.times else window.start
    if reached >= window.end:
        return _through(plan)
    if reached > window.start:
        rest = (Window(reached, window.end), *plan.windows[1:])
        return Step(plan=Plan(rest), complete_to=reached)
    # a whole page with one time: this grain is read by page number
    cut = window.start + rules.grain
    if cut >= window.end:
        return _by_number(plan, page, rules)
    # asked again from its first page: only a total of the grain itself shows that a row left it between two pages
    return Step(
        plan=Plan((Window(window.start, cut), Window(cut, window.end), *plan.windows[1:])), complete_to=window.start
    )


def _by_number(plan: Plan, page: Facts, rules: PageRules) -> Step:
    window = plan.windows[0]
    single = window.end - window.start <= rules.grain
    total = page.total
    if plan.total is not None and total is not None and total != plan.total:
        return _again(plan, Trouble.DRIFT, rules)
    if page.keys and plan.page > 1 and plan.keys.issuperset(page.keys):
        return _again(plan, Trouble.LOOP, rules)
    keys = plan.keys.union(page.keys)
    if rules.cap is not None and not single and max(total or 0, len(keys)) >= rules.cap and _more(plan, page, rules):
        return _halved(plan, Trouble.CAP, rules)
    if _more(plan, page, rules) and page.keys and not (rules.cap is not None and len(keys) >= rules.cap):
        going = replace(plan, page=plan.page + 1, total=total, keys=keys)
        return Step(plan=going, complete_to=window.start)
    promised = page.total if page.total is not None else len(keys)
    missing = max(0, promised - len(keys))
    if missing == 0:
        return _through(plan)
    if rules.cap is not None and promised > rules.cap and single:
        return _through(plan, trouble=Trouble.CAP, unreachable=missing)
    if plan.rereads < REREADS or not single:
        return _again(plan, Trouble.DRIFT, rules)
    return _through(plan, trouble=Trouble.DRIFT, unreachable=missing)


def _more(plan: Plan, page: Facts, rules: PageRules) -> bool:
    """Whether the window goes on after this page; a source may serve smaller pages than were asked for."""
    if len(page.keys) >= rules.size:
        return True
    return page.total is not None and len(plan.keys.union(page.keys)) < page.total


def _again(plan: Plan, trouble: Trouble, rules: PageRules) -> Step:
    if plan.rereads >= REREADS and rules.kind == "numbered":
        return _halved(plan, trouble, rules)
    again = Plan(plan.windows, rereads=plan.rereads + 1, by_number=plan.by_number)
    return Step(plan=again, complete_to=plan.windows[0].start, trouble=trouble)


def _halved(plan: Plan, trouble: Trouble, rules: PageRules) -> Step:
    window, *rest = plan.windows
    middle = floor(window.start + (window.end - window.start) / 2, rules.grain)
    if middle <= window.start:
        # one grain cannot be cut: start over with it, for the source may be better next time
        again = Plan(plan.windows, rereads=plan.rereads + 1, by_number=plan.by_number)
        return Step(plan=again, complete_to=window.start, trouble=trouble)
    halves = (Window(window.start, middle), Window(middle, window.end), *rest)
    return Step(plan=Plan(halves, by_number=plan.by_number), complete_to=window.start, trouble=trouble)


def stuck(plan: Plan) -> bool:
    """Whether the window at hand was read again so often that the source, or our idea of it, must be wrong."""
    return plan.rereads > 2 * REREADS
