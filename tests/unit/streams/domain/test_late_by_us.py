"""A mark that passed while we were down is our lateness, whichever message comes first afterwards."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deploy.county import load
from schemas.dispatch import Dispatch, Urgency
from schemas.fact import Fact, FactKind
from streams.domain.decide import decide
from streams.domain.decision import Context
from streams.domain.rules import Rules
from tests.support.domain import a_dispatch

HELIN = load("helin")
RULES = Rules.of(HELIN.policy, HELIN.timetable)
ISSUED = datetime(2025, 11, 4, 2, 0, tzinfo=UTC)
AFTER = ISSUED + timedelta(hours=25)


def shown(**changes: object) -> Dispatch:
    return a_dispatch(issued_at=ISSUED, due_at=None, kind="complaint", category="roads.street.surface", **changes)


CHANGES = [
    # what the city changes, and why it says that contact, due after 24 hours, was passed an hour ago
    ({"remark": "请尽快"}, None, 3600),
    ({"urgency": Urgency.URGENT}, "retroactive", 0),
]


@pytest.mark.parametrize(("changes", "cause", "late_s"), CHANGES)
def test_what_the_message_did_not_move_was_passed_because_we_were_late(
    changes: dict[str, object], cause: str | None, late_s: int
) -> None:
    first = Context(at=0, id="0" * 24, time=ISSUED)
    case = decide(None, shown(updated_at=ISSUED), first, RULES).case
    again = replace(first, at=1, id="1" * 24, time=AFTER)
    decision = decide(case, shown(updated_at=AFTER, **changes), again, RULES)
    facts = [one.message for one in decision.outputs if isinstance(one.message, Fact)]
    breach = next(
        fact.details
        for fact in facts
        if fact.fact is FactKind.MARKED and (fact.details["clock"], fact.details["mark"]) == ("contact", "breach")
    )
    assert (breach["cause"], breach["late_s"]) == (cause, late_s)
