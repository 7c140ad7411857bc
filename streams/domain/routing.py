"""Routing (转办): which department leads, which assist. A tree, depth first; the first match wins unless it goes on.

The tree is Alertmanager's idea. Its root matches everything, so there is always an answer.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from schemas.dispatch import UNKNOWN_CATEGORY, Dispatch, Unknown
from streams.domain.policy import Policy
from streams.domain.tree import Facts, Node

NOBODY: Final[frozenset[str]] = frozenset()


class RouteReason(StrEnum):
    """Why this lead."""

    RULE = "rule"
    BACKSTOP = "backstop"
    """No rule took it."""
    UNKNOWN_CODE = "unknown_code"
    """The category's code is in no table: the duty desk decides."""
    ARBITER = "arbiter"
    """Too many returns, or nobody is left to ask."""
    ORDERED = "ordered"
    """A person said so."""
    TRANSFERRED = "transferred"
    """The department before named it, and the county centre passed it on."""
    AGAIN = "again"
    """A redo: who led before."""


class Routed(NamedTuple):
    """Who gets it. `path` names the nodes from the root to the match that gave the lead."""

    lead: str
    assists: tuple[str, ...]
    path: tuple[str, ...]
    reason: RouteReason
    about_lead: bool = False
    """The complaint is about the lead, and no rule knew another."""


class Seats:
    """Who really sits where: a department that is switched off is represented by its deputy."""

    def __init__(self, policy: Policy) -> None:
        known = {department.code: department for department in policy.departments}
        self._seats: dict[str, str] = {}
        for code in known:
            at, passed = known.get(code), set[str]()
            while at is not None and not at.enabled and at.code not in passed:
                passed.add(at.code)
                at = known.get(at.deputy or "")
            if at is not None and at.enabled:
                self._seats[code] = at.code

    def of(self, code: str) -> str | None:
        """The department itself, its deputy, its deputy's deputy; None where nobody sits there."""
        return self._seats.get(code)


class Router:
    """The policy's tree, ready to answer."""

    def __init__(self, policy: Policy) -> None:
        self.seats = Seats(policy)
        self.duty_desk = self.seats.of(policy.duty_desk) or policy.duty_desk
        self.arbiter = self.seats.of(policy.arbiter) or policy.arbiter
        self.root = Node(policy.routes, policy.duty_desk, ())

    def route(self, dispatch: Dispatch, barred: frozenset[str] = NOBODY) -> Routed:
        """Who gets it, leaving out `barred`: those who gave it back. Always answers."""
        if dispatch.category == UNKNOWN_CATEGORY or Unknown.CATEGORY in dispatch.unknown:
            if self.duty_desk in barred:
                return self.to_arbiter()
            return Routed(self.duty_desk, (), (), RouteReason.UNKNOWN_CODE)
        facts = Facts(dispatch)
        found = self._taking(facts, barred)
        if not found:
            return self.to_arbiter()
        if not dispatch.about or self.seats.of(found[0].lead) not in dispatch.about:
            return self._routed(found, barred)
        others = self._taking(facts, barred | frozenset(dispatch.about))
        if others and others[0] is not self.root:
            return self._routed(others, barred)
        return self._routed(found, barred, about_lead=True)

    def to_arbiter(self) -> Routed:
        """The arbiter alone."""
        return Routed(self.arbiter, (), (), RouteReason.ARBITER)

    def _taking(self, facts: Facts, barred: frozenset[str]) -> list[Node]:
        seat = self.seats.of
        return self.root.taking(facts, lambda node: (sits := seat(node.lead)) is not None and sits not in barred)

    def _routed(self, found: list[Node], barred: frozenset[str], *, about_lead: bool = False) -> Routed:
        first = found[0]
        lead = self.seats.of(first.lead) or first.lead
        named = [*first.assists]
        for node in found[1:]:
            named += (node.lead, *node.assists)
        reason = RouteReason.BACKSTOP if first is self.root else RouteReason.RULE
        assists = self._seated(named, barred | {lead}) if named else ()
        return Routed(lead, assists, first.path, reason, about_lead)

    def _seated(self, codes: Iterable[str], without: frozenset[str]) -> tuple[str, ...]:
        seated = (self.seats.of(code) for code in codes)
        return tuple(dict.fromkeys(code for code in seated if code is not None and code not in without))


def compile(policy: Policy) -> Router:  # noqa: A001
    """The router of a policy without faults; with faults it still answers, as well as it can."""
    return Router(policy)
