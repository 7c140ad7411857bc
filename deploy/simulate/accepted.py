"""What each accepted message does to the clocks, as the oracle sees it (domain study 9.1 and 9.4 to 9.6).

Instants and amounts are those that the city, a department or an operator said; a fact only tells that it was accepted,
and who leads. Shares no code with `streams.domain.sla`.
"""

from collections.abc import Callable
from typing import Any, Final, Protocol

from deploy.simulate.agenda import ms_of
from deploy.simulate.days import Days
from deploy.simulate.expected import Due, Watched
from deploy.simulate.runs import Expected, later
from deploy.simulate.terms import Terms

Fact = dict[str, Any]


class Reads(Protocol):
    """What an effect computes with."""

    terms: Terms
    days: Days


Effect = Callable[[Reads, Watched, Fact], str | None]
"""Answers what is wrong with the fact itself, if anything."""


def _start(by: Reads, case: Watched, clock: str, start: int, fact: Fact, holder: str | None = None) -> None:
    case.runs.pop((clock, holder), None)
    rule = by.terms.rule(clock, case.urgency, case.kind, case.category)
    if rule is None:
        return
    run = Expected(clock, fact["round"], holder, rule, start, case.known, case.known)
    if clock == "handling":
        run.city = _city(case)
    run.set_due(by.days)
    case.runs[clock, holder] = run


def _stop(by: Reads, case: Watched, clock: str, holder: str | None = None) -> bool:
    run = case.runs.pop((clock, holder), None)
    if run is None:
        return False
    at = max(case.when, run.start)
    case.missed += [Due(run, mark, instant, False) for instant, _, mark in run.ahead(by.days) if instant < at]
    return True


def _city(case: Watched) -> int | None:
    said = case.content.get("due_at")
    return None if said is None else ms_of(said)


def _describe(case: Watched) -> None:
    said = case.content
    case.urgency, case.kind = said.get("urgency", "normal"), said.get("kind", "other")
    case.category = said.get("category", "unknown")


def _begin(by: Reads, case: Watched, start: int, fact: Fact) -> None:
    for clock in ("sign", "contact", "handling"):
        if clock != "sign" or not case.signed:
            _start(by, case, clock, start, fact)
            run = case.runs.get((clock, None))
            if run is not None and case.when > run.due:
                run.late_cause = "city" if ms_of(case.content["updated_at"]) > run.due else "bridge"


def _received(by: Reads, case: Watched, fact: Fact) -> str | None:
    _describe(case)
    if case.content.get("status", "open") == "open":
        _begin(by, case, ms_of(case.content["issued_at"]), fact)
    return None


def _reopened(by: Reads, case: Watched, fact: Fact) -> str | None:
    _describe(case)
    case.runs.clear()
    case.held.clear()
    case.asked_days = 0
    _begin(by, case, ms_of(case.content["updated_at"]), fact)
    return None


def _amended(by: Reads, case: Watched, fact: Fact) -> str | None:
    _describe(case)
    for clock in ("contact", "handling"):
        run = case.runs.get((clock, None))
        rule = by.terms.rule(clock, case.urgency, case.kind, case.category)
        if run is None or rule is None:
            continue
        city = _city(case) if clock == "handling" else None
        if rule.name != run.rule.name or city != run.city:
            if rule.unit != run.rule.unit:
                run.extended = 0
            run.rule, run.city = rule, city
            moved(by, case, run)
    return None


def moved(by: Reads, case: Watched, run: Expected) -> None:
    """A later deadline takes back the marks that lie ahead again."""
    if run.paused_since is not None:
        return
    before = run.due
    run.set_due(by.days)
    run.known = case.known
    if run.due > before:
        for instant, _, mark in run.marks(by.days):
            if instant > case.when:
                run.fired.pop(mark, None)


def _signed(by: Reads, case: Watched, fact: Fact) -> str | None:
    if fact["actor"] == "department":
        return _heard(by, case, fact)
    case.signed = _stop(by, case, "sign") or case.signed
    _start(by, case, "route", case.when, fact)
    return None


def _routed(by: Reads, case: Watched, fact: Fact) -> str | None:
    _stop(by, case, "route")
    case.lead = fact["details"]["lead"]
    return None


def _assigned(by: Reads, case: Watched, fact: Fact) -> str | None:
    _start(by, case, "department_sign", case.when, fact, fact["department"])
    return None


def _heard(by: Reads, case: Watched, fact: Fact) -> str | None:
    _stop(by, case, "department_sign", fact.get("department"))
    return None


def _contacted(by: Reads, case: Watched, fact: Fact) -> str | None:
    _heard(by, case, fact)
    _stop(by, case, "contact")
    return None


def _answered(by: Reads, case: Watched, fact: Fact) -> str | None:
    _heard(by, case, fact)
    if fact["details"]["role"] == "lead":
        if case.content.get("contacted"):
            _stop(by, case, "contact")
        _start(by, case, "review", case.when, fact)
    return None


def _unassigned(by: Reads, case: Watched, fact: Fact) -> str | None:
    if fact["details"]["reason"] in {"returned", "transferred"}:
        _heard(by, case, fact)
    else:
        case.runs.pop(("department_sign", fact["department"]), None)
    if fact["details"]["role"] == "lead" and fact["department"] == case.lead:
        case.lead = None
    return None


def _reviewed(by: Reads, case: Watched, fact: Fact) -> str | None:
    if not fact["details"]["passed"]:
        case.runs.pop(("review", None), None)
    return None


def _delivered(by: Reads, case: Watched, fact: Fact) -> str | None:
    kind = fact["details"]["kind"]
    if kind == "result" and fact["state"] == "reported":
        _stop(by, case, "handling")
        _stop(by, case, "review")
        case.runs.pop(("contact", None), None)
        _start(by, case, "callback", case.when, fact)
    elif fact["state"] == "returned_up":
        case.runs.clear()
    elif kind == "extension" and ("handling", None) not in case.runs:
        case.asked_days = 0
    return None


def _rejected(by: Reads, case: Watched, fact: Fact) -> str | None:
    kind = fact["details"]["kind"]
    if kind == "result":
        case.runs.pop(("review", None), None)
    elif kind == "extension":
        case.asked_days = 0
    return None


def _closed(by: Reads, case: Watched, fact: Fact) -> str | None:
    _stop(by, case, "handling")
    _stop(by, case, "callback")
    case.runs.clear()
    return None


def _ended(by: Reads, case: Watched, fact: Fact) -> str | None:
    case.runs.clear()
    return None


def _paused(by: Reads, case: Watched, fact: Fact) -> str | None:
    run = case.runs.get(("handling", None))
    if run is not None and run.paused_since is None:
        run.paused_since = max(case.when, run.start)
    return None


def _resumed(by: Reads, case: Watched, fact: Fact) -> str | None:
    run = case.runs.get(("handling", None))
    if run is not None and run.paused_since is not None:
        run.pauses.append((run.paused_since, max(case.when, run.paused_since)))
        run.paused_since = None
        moved(by, case, run)
    return None


def _asked(by: Reads, case: Watched, fact: Fact) -> str | None:
    said = int(case.content["extend_days" if fact["actor"] == "department" else "days"])
    wrong = _refusal(by.terms, case, said)
    if fact["actor"] == "department":
        _heard(by, case, fact)
    case.asked_days = said
    return f"an extension was asked for, and ought to be refused: {wrong}" if wrong else None


def _ignored(by: Reads, case: Watched, fact: Fact) -> str | None:
    details = fact["details"]
    if details["reason"] not in {"late_request", "over_cap"}:
        return None
    said = int(case.content["extend_days" if "report" in details else "days"])
    right = _refusal(by.terms, case, said)
    return None if right == details["reason"] else f"an extension was refused: {details['reason']}, and not {right}"


def _refusal(terms: Terms, case: Watched, said: int) -> str | None:
    """Why this extension may not be asked for."""
    run = case.runs.get(("handling", None))
    if run is None:
        return "illegal"
    if case.when > run.due or "breach" in run.fired:
        return "late_request"
    return "over_cap" if run.grants >= terms.times or said > terms.cap or case.asked_days else None


def _extended(by: Reads, case: Watched, fact: Fact) -> str | None:
    run = case.runs.get(("handling", None))
    said = case.asked_days
    wrong = None
    if fact["actor"] == "operator":
        said = int(case.content["days"])
        wrong = _refusal(by.terms, case, said)
    case.asked_days = 0
    if run is None or wrong or said != fact["details"]["days"]:
        return f"extended by {fact['details']['days']} where {said} was granted ({wrong})"
    small = said * 60 if run.rule.unit == "hours" else said
    run.extended += small
    run.grants += 1
    if run.city is not None:
        run.city = later(run.city, small, run.rule, by.days)
    moved(by, case, run)
    return None


EFFECTS: Final[dict[str, Effect]] = {
    "received": _received,
    "amended": _amended,
    "reopened": _reopened,
    "signed": _signed,
    "routed": _routed,
    "assigned": _assigned,
    "contacted": _contacted,
    "progressed": _heard,
    "extension_requested": _asked,
    "answered": _answered,
    "unassigned": _unassigned,
    "reviewed": _reviewed,
    "feedback_delivered": _delivered,
    "feedback_rejected": _rejected,
    "closed": _closed,
    "withdrawn": _ended,
    "merged": _ended,
    "ledger_opened": _paused,
    "ledger_closed": _resumed,
    "paused": _paused,
    "resumed": _resumed,
    "extended": _extended,
    "ignored": _ignored,
}
