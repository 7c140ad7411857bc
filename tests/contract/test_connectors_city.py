"""What the two loops rely on, held against every city we have: one suite, another YAML, over real HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from connectors.runtime.budget import Budget
from connectors.runtime.meter import Meter
from connectors.runtime.metrics import Metrics
from connectors.runtime.ports import (
    Accepted,
    Ask,
    Failed,
    Failure,
    Fittings,
    Page,
    Parts,
    Priority,
    Refused,
    Sink,
    Source,
    Window,
)
from connectors.runtime.source_clock import LearnedClock
from deploy.sim.city.faults import Call, Fault
from schemas.dispatch import Dispatch
from tests.support.connector_city import FAST, SimCity, entry, feedback, sim_city


@pytest.fixture(params=["helin", "beta"])
def sim(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimCity]:
    with sim_city(tmp_path, monkeypatch, request.param) as city:
        yield city


@pytest.fixture
def clock() -> LearnedClock:
    return LearnedClock(lambda: datetime.now(UTC))


@pytest.fixture
def parts(sim: SimCity, clock: LearnedClock) -> Iterator[Parts]:
    made = entry(sim.dialect, "city", **{**FAST, "read_timeout": "500ms"})
    meter = Meter("city", Budget(made.settings.budget), Metrics(CollectorRegistry(), ["city"]))
    parts = made.build(Fittings("city", meter, clock))
    yield parts
    assert parts.close is not None
    parts.close()


@pytest.fixture
def source(parts: Parts) -> Source:
    assert parts.source is not None
    return parts.source


@pytest.fixture
def sink(parts: Parts) -> Sink:
    assert parts.sink is not None
    return parts.sink


def recent() -> Ask:
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
    return Ask(Window(end - timedelta(hours=1), end))


def page(source: Source, ask: Ask | None = None) -> Page:
    answer = source.fetch(ask or recent(), Priority.LIVE)
    assert isinstance(answer, Page), answer
    return answer


def failure(answer: object) -> Failure:
    assert isinstance(answer, Failed), answer
    return answer.failure


def test_a_page_shows_what_the_city_has_sorted_by_time(sim: SimCity, source: Source) -> None:
    for late in (30, 20, 10):
        sim.city.issue(2, late_s=late)
    found = [record for record in page(source).records if isinstance(record, Dispatch)]
    assert {one.number for one in found} == set(sim.city.book.orders)
    times = [one.updated_at for one in found]
    assert times == sorted(times)


def test_asking_changes_nothing_at_the_city(sim: SimCity, source: Source) -> None:
    sim.city.issue(3)
    assert page(source).records == page(source).records
    assert sim.city.book.heard == {}


def test_a_window_begins_with_its_start(sim: SimCity, source: Source) -> None:
    (number,) = sim.city.issue(1, late_s=10)
    at = datetime.fromtimestamp(sim.city.book.orders[number].updated_at, UTC)
    second = timedelta(seconds=1)
    assert len(page(source, Ask(Window(at, at + second))).records) == 1
    assert page(source, Ask(Window(at + second, at + 2 * second))).records == ()


def test_a_row_nobody_can_read_spoils_no_other(sim: SimCity, source: Source) -> None:
    sim.city.issue(3)
    for fault in ("no_number", "no_time", "not_object"):
        sim.city.issue(1, unreadable=fault)
    records = page(source).records
    refused = [record for record in records if isinstance(record, Refused)]
    assert {str(record.reason) for record in refused} == {"no_number", "no_time", "unreadable"}
    assert len(records) == 6


FAULTS = [
    (Fault.HTTP_500, Failure.SERVER_ERROR),
    (Fault.HTTP_502, Failure.SERVER_ERROR),
    (Fault.TOO_MANY_SECONDS, Failure.BUSY),
    (Fault.TOO_MANY_DATE, Failure.BUSY),
    (Fault.BUSY, Failure.BUSY),
    (Fault.INTERNAL, Failure.SERVER_ERROR),
    (Fault.HANG, Failure.TIMEOUT),
    (Fault.RESET, Failure.CUT_OFF),
    (Fault.LOST, Failure.CUT_OFF),
    (Fault.TRUNCATED, Failure.UNREADABLE),
    (Fault.GBK, Failure.UNREADABLE),
]


@pytest.mark.parametrize(("fault", "expected"), FAULTS)
def test_a_page_that_fails_is_a_value_with_its_reason(
    fault: Fault, expected: Failure, sim: SimCity, source: Source
) -> None:
    sim.city.issue(5)
    page(source)
    sim.faults.on(fault, count=1, calls=frozenset({Call.LIST}))
    failed = source.fetch(recent(), Priority.LIVE)
    assert failure(failed) is expected
    if fault in (Fault.TOO_MANY_SECONDS, Fault.TOO_MANY_DATE):
        assert isinstance(failed, Failed)
        assert failed.retry_after == pytest.approx(1.0, abs=1.0)
    assert len(page(source).records) == 5


@pytest.mark.parametrize("fault", [Fault.TOKEN_EXPIRED, Fault.LOGIN_PAGE])
def test_a_session_that_ended_is_renewed_within_the_call(fault: Fault, sim: SimCity, source: Source) -> None:
    sim.city.issue(5)
    page(source)
    sim.faults.on(fault, count=1, calls=frozenset({Call.LIST}))
    assert len(page(source).records) == 5


def test_a_session_that_ends_again_at_once_is_a_value(sim: SimCity, source: Source) -> None:
    sim.faults.on(Fault.LOGIN_PAGE, count=2, calls=frozenset({Call.LIST}))
    assert failure(source.fetch(recent(), Priority.LIVE)) is Failure.SESSION


def test_credentials_that_are_refused_are_a_value(sim: SimCity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAIDAN_CITY_SECRET", "wrong")
    monkeypatch.setenv("PAIDAN_BETA_SECRET", "wrong")
    made = entry(sim.dialect, "city", **FAST)
    meter = Meter("city", Budget(made.settings.budget), Metrics(CollectorRegistry(), ["city"]))
    parts = made.build(Fittings("city", meter, LearnedClock(lambda: datetime.now(UTC))))
    assert parts.source is not None
    assert failure(parts.source.fetch(recent(), Priority.LIVE)) in (Failure.LOGIN_REFUSED, Failure.SESSION)


def test_an_address_where_nobody_listens_is_a_value(sim: SimCity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAIDAN_CITY_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("PAIDAN_BETA_URL", "http://127.0.0.1:1")
    made = entry(sim.dialect, "city", **FAST)
    meter = Meter("city", Budget(made.settings.budget), Metrics(CollectorRegistry(), ["city"]))
    parts = made.build(Fittings("city", meter, LearnedClock(lambda: datetime.now(UTC))))
    assert parts.source is not None
    assert failure(parts.source.fetch(recent(), Priority.LIVE)) is Failure.UNREACHABLE


def test_the_citys_clock_is_learned_from_its_answers(sim: SimCity, source: Source, clock: LearnedClock) -> None:
    assert not clock.known
    page(source)
    assert clock.known
    assert clock.skew == timedelta(0)
    sim.city.skew_s = 90.0
    page(source)
    assert clock.skew.total_seconds() == pytest.approx(90, abs=2)


def test_what_was_told_once_is_known_the_second_time(sim: SimCity, parts: Parts, sink: Sink) -> None:
    (number,) = sim.city.issue(1)
    told = feedback(parts.code, number, "sign", 1)
    assert isinstance(sink.send(told, "a" * 24, Priority.SIGN), Accepted)
    assert failure(sink.send(told, "a" * 24, Priority.SIGN)) is Failure.EXISTS
    assert len(sim.city.book.heard[number]) == 1


def test_the_city_can_be_asked_what_it_was_told(sim: SimCity, parts: Parts, sink: Sink) -> None:
    (number,) = sim.city.issue(1)
    told = feedback(parts.code, number, "sign", 1)
    assert sink.reads_back
    assert sink.has(told, "a" * 24, Priority.SIGN) is False
    sink.send(told, "a" * 24, Priority.SIGN)
    assert sink.has(told, "a" * 24, Priority.SIGN) is True
    assert sink.has(told, "b" * 24, Priority.SIGN) is False


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.RESET, Fault.HANG, Fault.TRUNCATED])
def test_after_a_lost_answer_the_city_knows_what_it_was_told(
    fault: Fault, sim: SimCity, parts: Parts, sink: Sink
) -> None:
    """These faults strike after the effect: sending again without asking would be a guess."""
    (number,) = sim.city.issue(1)
    told = feedback(parts.code, number, "sign", 1)
    sim.faults.on(fault, count=1, calls=frozenset({Call.SIGN, Call.FEEDBACK}))
    lost = failure(sink.send(told, "a" * 24, Priority.SIGN))
    assert lost in (Failure.CUT_OFF, Failure.TIMEOUT, Failure.UNREADABLE)
    assert sink.has(told, "a" * 24, Priority.SIGN) is True


REJECTED: list[tuple[str, dict[str, Any]]] = [
    ("result", {"public_reply": "已处理"}),  # before it was signed
    ("contact", {"contacted": True}),
]


@pytest.mark.parametrize(("kind", "more"), REJECTED)
def test_what_the_city_will_not_have_is_a_value_with_its_words(
    kind: str, more: dict[str, Any], sim: SimCity, parts: Parts, sink: Sink
) -> None:
    (number,) = sim.city.issue(1)
    answer = sink.send(feedback(parts.code, number, kind, 1, **more), "a" * 24, Priority.FEEDBACK)
    assert failure(answer) is Failure.REJECTED
    assert isinstance(answer, Failed)
    assert answer.city_message == "工单尚未签收"


def test_an_order_that_the_city_does_not_have_is_a_value(sim: SimCity, parts: Parts, sink: Sink) -> None:
    told = feedback(parts.code, "HS404", "sign", 1)
    assert failure(sink.send(told, "a" * 24, Priority.SIGN)) is Failure.NOT_FOUND
    assert failure(sink.has(told, "a" * 24, Priority.SIGN)) is Failure.NOT_FOUND


def test_every_kind_of_feedback_reaches_the_city(sim: SimCity, parts: Parts, sink: Sink) -> None:
    told: list[tuple[str, dict[str, Any]]] = [
        ("sign", {}), ("contact", {"contacted": True, "contacted_at": datetime(2026, 3, 2, 1, 0, tzinfo=UTC)}),
        ("progress", {"note": "已派人"}), ("extension", {"extend_days": 3}),
        ("result", {"public_reply": "已处理", "solved": False, "unsolved_reason": "待材料", "founded": True}),
    ]  # fmt: skip
    (number, other) = sim.city.issue(2)
    for place, (kind, more) in enumerate(told):
        answer = sink.send(feedback(parts.code, number, kind, place, **more), f"{place:024d}", Priority.FEEDBACK)
        assert isinstance(answer, Accepted), (kind, answer)
    sink.send(feedback(parts.code, other, "sign", 1), "c" * 24, Priority.SIGN)
    returned = feedback(parts.code, other, "return", 2, reason="not_ours", note="不是我们的")
    assert isinstance(sink.send(returned, "d" * 24, Priority.FEEDBACK), Accepted)
    assert [one.kind for one in sim.city.book.heard[number].values()] == [kind for kind, _ in told]
