"""The steps of supervision of one dispatch, from its facts. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from deploy.explain.explanation import StepTaken
from schemas.fact import Fact, FactKind
from schemas.order import Rung
from streams.domain.supervision import RULE


def steps(facts: Iterable[Fact]) -> tuple[StepTaken, ...]:
    """In the order in which they were opened. A step that a rule opened and a person took is one, dated by the rule."""
    found: dict[int, StepTaken] = {}
    for fact in facts:
        if fact.fact is FactKind.SUPERVISED:
            number = int(fact.details["step"] or 0)
            now = _step(number, fact)
            before = found.get(number)
            found[number] = (
                now
                if before is None
                else replace(now, at=before.at, clock=before.clock, mark=before.mark, letter=before.letter)
            )
    return tuple(found.values())


def _step(number: int, fact: Fact) -> StepTaken:
    said = fact.details

    def text(name: str) -> str:
        return str(said.get(name) or "")

    return StepTaken(
        number=number,
        rung=Rung(text("rung")),
        department=text("to") or fact.department or "",
        at=fact.occurred_at,
        by="" if fact.by == RULE else fact.by or "",
        letter=text("no"),
        whom=text("whom"),
        persons=int(said.get("persons") or 0),
        answer=text("answer"),
        open=bool(said.get("open")),
        clock=text("clock"),
        mark=text("mark"),
    )
