"""What the tour knows of the clocks while it runs, what people do about it, and how it is reckoned at the end."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from deploy.demo.centre import PHONES, Centre
from deploy.demo.reckoning import Steps, reckon
from deploy.demo.watch import Watched
from schemas.case import Case
from schemas.clock import ClockName, ClockOutcome
from schemas.fact import Fact, FactKind
from schemas.order import Rung
from streams.domain.timetable import Timetable
from tests.support.explained import HELIN, local, over_the_holiday

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
UNTIL = local("2026-11-06 09:05")


def fact(dispatch: str, seq: int, kind: str, **details: Any) -> dict[str, Any]:
    return {"dispatch": f"city:{dispatch}", "seq": seq, "fact": kind, "details": details}


def over(dispatch: str, seq: int = 1) -> dict[str, Any]:
    return fact(dispatch, seq, "marked", clock="handling", mark="breach")


def call(dispatch: str, seq: int = 2, *, open: bool = True) -> dict[str, Any]:
    return fact(dispatch, seq, "supervised", rung="phone", to="water", open=open)


def watched(*facts: dict[str, Any]) -> Watched:
    made = Watched()
    for one in facts:
        made.take(one)
    return made


def test_a_fact_that_comes_again_is_counted_once() -> None:
    seen = watched(over("a"), over("a"), call("a"), call("a"), fact("a", 3, "extended"), fact("a", 3, "extended"))
    assert (seen.marks, seen.breached, seen.steps.total(), seen.extended) == (1, {"city:a"}, 1, 1)


def test_a_step_that_a_rule_opened_and_a_person_took_is_one() -> None:
    assert watched(call("a"), call("a", 3, open=False)).steps == {"phone": 1}
    assert watched(call("a", open=False)).steps == {"phone": 1}


def test_an_end_leaves_nothing_to_do() -> None:
    seen = watched(over("a"), call("a"), over("b"), call("b"), fact("a", 3, "closed"))
    assert list(seen.overdue) == ["city:b"]
    assert [asked.dispatch for asked in seen.open.values()] == ["city:b"]
    assert seen.breached == {"city:a", "city:b"}


def test_people_call_write_and_interview_once_each() -> None:
    seen, centre = watched(over("a"), call("a"), over("b"), call("c")), Centre()
    orders = list(centre.orders(seen, NOW))
    assert [(one.dispatch, one.rung) for one in orders] == [
        ("city:a", Rung.PHONE), ("city:c", Rung.PHONE), ("city:a", Rung.WRITTEN), ("city:b", Rung.INTERVIEW),
    ]  # fmt: skip
    assert [one.persons for one in orders] == [None, None, None, 3]
    assert list(centre.orders(seen, NOW)) == []


def test_people_make_only_so_many_calls() -> None:
    seen = watched(*(call(f"d{number}") for number in range(3 * PHONES)))
    assert len(list(Centre().orders(seen, NOW))) == PHONES


# at the end


def timetable() -> Timetable:
    assert HELIN.timetable is not None
    return HELIN.timetable


def lived() -> tuple[Case, list[Fact]]:
    desk = over_the_holiday()
    assert desk.case is not None
    return desk.case, desk.facts()


def test_a_life_is_reckoned() -> None:
    case, facts = lived()
    found = reckon([(case, facts)], timetable(), until=UNTIL, rate=1)
    assert (found.marks_lost, found.marks_twice, found.differing, found.breached, found.extended) == (0, 0, 0, 1, 1)
    assert found.good
    assert found.telling == case.id
    assert found.marks == sum(one.fact is FactKind.MARKED for one in facts)
    assert found.outcomes[ClockName.HANDLING] == {ClockOutcome.MET_LATE: 1, ClockOutcome.OPEN_IN_TIME: 1}
    assert found.ladder[Rung.INTERVIEW] == Steps(times=2, persons=3)
    assert found.supervised == len(case.steps)


def forgotten(facts: Sequence[Fact]) -> list[Fact]:
    """A mark that nobody recorded: another fact stands in its place."""
    at = next(nth for nth, one in enumerate(facts) if one.details.get("mark") == "red")
    return [*facts[:at], facts[at].model_copy(update={"fact": FactKind.NOTED, "details": {}}), *facts[at + 1 :]]


def doubled(facts: Sequence[Fact]) -> list[Fact]:
    """A mark that was recorded again in place of the next fact but one of its kind."""
    marks = [nth for nth, one in enumerate(facts) if one.fact is FactKind.MARKED and one.details["clock"] == "handling"]
    first, second = marks[-2:]
    return [
        *facts[:second],
        facts[first].model_copy(update={"seq": facts[second].seq}),
        *facts[second + 1 :],
    ]


@pytest.mark.parametrize(("plant", "lost", "twice"), [(forgotten, 1, 0), (doubled, 1, 1)], ids=["forgotten", "doubled"])
def test_a_mark_that_is_missing_or_twice_is_found(plant: Any, lost: int, twice: int) -> None:
    case, facts = lived()
    found = reckon([(case, plant(facts))], timetable(), until=UNTIL, rate=1)
    assert (found.marks_lost, found.marks_twice) == (lost, twice)
    assert not found.good


def test_a_journal_with_a_gap_is_not_good() -> None:
    case, facts = lived()
    assert reckon([(case, facts[1:])], timetable(), until=UNTIL, rate=1).differing == 1


def test_lateness_is_that_of_the_machine() -> None:
    case, facts = lived()
    late = [
        one.model_copy(update={"details": {**one.details, "late_s": 5000, "cause": None}})
        if one.fact is FactKind.MARKED
        else one
        for one in facts
    ]
    rates = (1, 2000, 3000)
    found = [reckon([(case, late)], timetable(), until=UNTIL, rate=rate).late for rate in rates]
    assert found == [len([one for one in facts if one.fact is FactKind.MARKED])] * 2 + [0]
