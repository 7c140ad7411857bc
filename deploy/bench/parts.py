"""The parts of the job, one by one, in this process: microseconds of CPU each, medians of five."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from time import process_time
from timeit import timeit
from typing import Any, Final

from deploy.bench.dispatches import BEGAN, dispatches
from deploy.county import load
from schemas.case import decode_row, encode_row
from schemas.clock import ClockName, ClockRun, Unit
from schemas.codec import decode, encode
from schemas.dispatch import Dispatch, Kind, Urgency
from schemas.limits import refusal
from streams.domain import routing
from streams.domain.built import changed
from streams.domain.calendar import Calendar
from streams.domain.deadlines import Basis
from streams.domain.decide import decide
from streams.domain.decision import Context
from streams.domain.policy import Match, Policy, RouteNode
from streams.domain.rules import Rules
from streams.domain.spans import Amount, DayEnd, Terms, deadline, shift, units_between
from streams.domain.timetable import Timetable

TURNS: Final = 5
NUMBER: Final = 2000


def parts_bench(county: str = "helin") -> dict[str, Any]:
    """Each over 200 invented dispatches of about 1.5 KB in turn, so that no cache holds the answer."""
    pack = load(county)
    sent = [value for _, value, _ in dispatches(pack, 200)]
    known = [decode(Dispatch, value) for value in sent]
    rules = Rules.of(pack.policy)
    router = routing.compile(_thousand_rules(pack.policy, sorted(pack.categories)))
    timetable = pack.timetable
    watching = Rules.of(pack.policy, timetable)
    contexts = [Context(at=1, id=f"{number:024x}", time=datetime(2026, 3, 2, tzinfo=UTC)) for number in range(200)]
    made = [decide(None, dispatch, context, rules, b"") for dispatch, context in zip(known, contexts, strict=True)]
    rows = [
        encode_row(decision.case, value)
        for decision, value in zip(made, sent, strict=True)
        if decision.case is not None
    ]
    heads = [decode_row(row) for row in rows]
    return {
        "record_bytes": round(sum(map(len, sent)) / len(sent)),
        "row_bytes": round(sum(map(len, rows)) / len(rows)),
        "limits_us": _each(lambda n: refusal(sent[n])),
        "decode_dispatch_us": _each(lambda n: decode(Dispatch, sent[n], checked=True)),
        "encode_dispatch_us": _each(lambda n: encode(known[n])),
        "decode_row_us": _each(lambda n: decode_row(rows[n])),
        "encode_row_us": _each(lambda n: encode_row(*heads[n])),
        "routing_helin_us": _each(lambda n: rules.router.route(known[n])),
        "routing_1000_rules_us": _each(lambda n: router.route(known[n])),
        "decide_new_us": _each(lambda n: decide(None, known[n], contexts[n], rules, b"")),
        "decide_new_with_clocks_us": _each(lambda n: decide(None, known[n], contexts[n], watching, b"")),
        **({} if timetable is None else _of_deadlines(timetable)),
        "decide_same_us": _each(lambda n: decide(heads[n][0], known[n], _later(contexts[n]), rules, sent[n])),
        "outputs_per_new_dispatch": round(sum(len(decision.outputs) for decision in made) / len(made), 1),
    }


def _of_deadlines(timetable: Timetable) -> dict[str, float]:
    return {
        "date_arithmetic_us": _date_arithmetic_us(timetable.calendar),
        "deadline_and_marks_us": _deadline_us(timetable),
    }


def _date_arithmetic_us(calendar: Calendar) -> float:
    """The slowest: five of a unit on from a start, two back from there, how many lie between; the next opening."""
    starts = [datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=number) for number in range(200)]
    figures = [_each(lambda n: calendar.next_open(starts[n]))]
    for terms in (Terms(Amount(5, unit), calendar, DayEnd.MIDNIGHT) for unit in Unit):
        figures += _arithmetic_us(terms, starts)
    return max(figures)


def _arithmetic_us(terms: Terms, starts: list[datetime]) -> list[float]:
    dues = [deadline(start, terms).due for start in starts]
    return [
        _each(lambda n: deadline(starts[n], terms)),
        _each(lambda n: shift(dues[n], -2, terms)),
        _each(lambda n: units_between(starts[n], dues[n], terms)),
    ]


def _deadline_us(timetable: Timetable) -> float:
    """One handling deadline of ten working days with all of its marks."""
    timed = timetable.rule(ClockName.HANDLING, Basis(Urgency.NORMAL, Kind.COMPLAINT, "utilities.water", None))
    if timed is None:
        raise RuntimeError("the county has no deadline for a complaint")
    blank = ClockRun(clock=ClockName.HANDLING, rule=timed.rule.name, start=BEGAN, due=BEGAN)
    starts = [datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=number) for number in range(200)]
    runs = [changed(blank, {"start": start, "due": timetable.first_due(timed, start, None)[0]}) for start in starts]

    def one(number: int) -> object:
        return timetable.first_due(timed, starts[number], None), timetable.marks(runs[number], timed)

    return _each(one)


def _later(context: Context) -> Context:
    return Context(at=2, id=context.id[::-1], time=context.time)


def _each(one: Callable[[int], object]) -> float:
    def all_in_turn() -> None:
        for number in range(200):
            one(number)

    return round(
        median(timeit(all_in_turn, timer=process_time, number=NUMBER // 200) / NUMBER * 1e6 for _ in range(TURNS)), 2
    )


def _thousand_rules(policy: Policy, categories: list[str]) -> Policy:
    """1,000 rules of two conditions each under one root, so that most dispatches match late or not at all."""
    codes = [one.code for one in policy.departments]
    rules = tuple(
        RouteNode(
            name=f"rule-{number}",
            match=Match(category=(categories[number % len(categories)],), area=(f"1501232{number % 100:02d}",)),
            lead=codes[number % len(codes)],
        )
        for number in range(999)
    )
    root = RouteNode(name="root", lead=policy.duty_desk, routes=rules)
    return policy.model_copy(update={"routes": root})
