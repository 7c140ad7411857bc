"""Why a dispatch goes where it goes: the path that was taken, and the rules that nearly took it."""

from dataclasses import dataclass
from typing import Final

from schemas.dispatch import Dispatch
from streams.domain.policy import Match
from streams.domain.routing import NOBODY, Routed, Router
from streams.domain.tree import Facts, Node, matches

NEAREST: Final = 5


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rule: what it wants, what the dispatch has, and whether that will do."""

    name: str
    wanted: tuple[str, ...]
    found: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A rule on the path that was taken."""

    name: str
    lead: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Miss:
    """A rule that did not take it. With every condition met, `passed_over` says what stood in its way."""

    path: tuple[str, ...]
    lead: str
    conditions: tuple[Condition, ...]
    passed_over: str | None = None
    """`earlier`: a rule before it took the dispatch; `nobody`: its lead is switched off without a deputy, or barred."""

    @property
    def failed(self) -> tuple[Condition, ...]:
        """What it wanted and did not find."""
        return tuple(one for one in self.conditions if not one.holds)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer, the way to it, and the nearest others, nearest first."""

    routed: Routed
    steps: tuple[Step, ...]
    misses: tuple[Miss, ...]


def explain(router: Router, dispatch: Dispatch, barred: frozenset[str] = NOBODY) -> Explanation:
    """The same answer as `router.route`, with its reasons. Walks the whole tree; for people, not for the stream."""
    routed = router.route(dispatch, barred)
    facts = Facts(dispatch)
    steps: list[Step] = []
    misses: list[Miss] = []
    _walk(router, router.root, facts, routed.path, barred, steps, misses)
    misses.sort(key=lambda miss: (len(miss.failed), -sum(one.holds for one in miss.conditions)))
    return Explanation(routed, tuple(steps), tuple(misses[:NEAREST]))


def conditions(match: Match, facts: Facts) -> tuple[Condition, ...]:
    """The conditions that `match` sets, in the order in which they are written."""
    text = facts.text
    made = [
        Condition("category", match.category, facts.categories[-1], any(p in facts.categories for p in match.category)),
        Condition("area", match.area, facts.area, facts.area.startswith(match.area)),
        Condition("urgency", tuple(match.urgency), facts.urgency, facts.urgency in match.urgency),
        Condition("source", match.source, facts.source, facts.source in match.source),
        Condition("kind", tuple(match.kind), facts.kind, facts.kind in match.kind),
        Condition(
            "words", match.words, ", ".join(w for w in match.words if w in text), any(w in text for w in match.words)
        ),
    ]
    return tuple(one for one in made if one.wanted)


def _walk(
    router: Router,
    node: Node,
    facts: Facts,
    taken: tuple[str, ...],
    barred: frozenset[str],
    steps: list[Step],
    misses: list[Miss],
) -> None:
    said = conditions(node.match, facts)
    if node.path == taken[: len(node.path)]:
        steps.append(Step(node.path[-1], node.lead, said))
    elif not matches(node.match, facts):
        misses.append(Miss(node.path, node.lead, said))
        return
    elif not node.children:
        seat = router.seats.of(node.lead)
        misses.append(Miss(node.path, node.lead, said, "nobody" if seat is None or seat in barred else "earlier"))
    for child in node.children:
        _walk(router, child, facts, taken, barred, steps, misses)
