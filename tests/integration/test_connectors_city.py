"""One connector between a simulated city that misbehaves and a real Kafka: nothing lost, nothing stuck."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.runtime.service import Entry
from deploy.sim.city.faults import Call, Fault
from schemas.codec import decode
from schemas.dispatch import Dispatch
from schemas.feedback import Feedback
from schemas.kafka import KafkaSettings
from schemas.topics import CHECKPOINTS, CITY, DEAD, INBOX, partition_of
from tests.support.connector_city import (
    FAST,
    Reader,
    SimCity,
    all_arrived,
    entry,
    feedback,
    last_shown,
    make_topics,
    outcomes,
    running,
    sim_city,
    tell,
    whole_story,
)
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def kafka(bootstrap: str) -> KafkaSettings:
    return make_topics(bootstrap)


@pytest.fixture
def topics(kafka: KafkaSettings) -> Iterator[dict[str, Reader]]:
    readers = {topic: Reader(kafka, topic) for topic in (CITY, INBOX, DEAD, CHECKPOINTS)}
    yield readers
    for reader in readers.values():
        reader.close()


@pytest.fixture
def sim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimCity]:
    with sim_city(tmp_path, monkeypatch, prefix=f"T{tmp_path.name[-6:].replace('_', '')}") as city:
        yield city


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A connector of its own for each test: a fresh checkpoint and consumer group on the module's broker."""
    return f"c{abs(hash(request.node.nodeid)) % 10**8}"


def shown(record: Any) -> Dispatch:
    return decode(Dispatch, record.value)


def test_orders_of_one_second_all_arrive(
    sim: SimCity, kafka: KafkaSettings, topics: dict[str, Reader], name: str
) -> None:
    sim.city.issue(1000)
    with running(kafka, entry("helin", name, source=name, **FAST)):
        eventually(lambda: all_arrived(sim, topics[CITY], name), 20, "1,000 equal times")


def test_more_rows_than_the_city_serves_of_one_second_are_counted_and_hold_nothing_up(
    sim: SimCity, kafka: KafkaSettings, topics: dict[str, Reader], name: str
) -> None:
    sim.city.issue(1030, late_s=2)
    with running(kafka, entry("helin", name, source=name, **FAST)) as service:
        eventually(lambda: len(last_shown(topics[CITY], name)) == 1000, 20, "what is served")
        eventually(
            lambda: (
                (service.registry.get_sample_value("connector_unreachable_records_total", {"connector": name}) or 0)
                >= 30
            ),
            10,
            "what is not served",
        )
        later = sim.city.issue(1)
        eventually(lambda: later[0] in last_shown(topics[CITY], name), 10, "what came after")


def test_a_late_commit_inside_the_overlap_arrives(
    sim: SimCity, kafka: KafkaSettings, topics: dict[str, Reader], name: str
) -> None:
    sim.city.issue(5)
    with running(kafka, entry("helin", name, source=name, **FAST)):
        eventually(lambda: all_arrived(sim, topics[CITY], name), 10)
        sim.city.issue(3, late_s=20)
        eventually(lambda: all_arrived(sim, topics[CITY], name), 10, "20 s late")


def test_what_the_window_missed_is_found_by_the_sweep_and_counted(
    sim: SimCity, kafka: KafkaSettings, topics: dict[str, Reader], name: str
) -> None:
    """A commit later than the overlap, an edit without a new update time."""
    numbers = sim.city.issue(5, late_s=600)
    sweeping = entry("helin", name, source=name, **FAST, sweeps=[{"name": "often", "every": "2s", "back": "1h"}])
    with running(kafka, sweeping) as service:

        def found(what: str) -> float:
            labels = {"connector": name, "what": what}
            return service.registry.get_sample_value("connector_sweep_found_total", labels) or 0

        eventually(lambda: all_arrived(sim, topics[CITY], name), 10)
        sim.city.issue(2, late_s=300)
        sim.city.amend(numbers[0], silent=True)
        eventually(lambda: all_arrived(sim, topics[CITY], name), 15, "the sweep")
        assert found("missing") == 2
        assert found("changed") == 1


def test_withdrawn_and_issued_again_is_seen_in_this_order(
    sim: SimCity, kafka: KafkaSettings, topics: dict[str, Reader], name: str
) -> None:
    (number,) = sim.city.issue(1)
    with running(kafka, entry("helin", name, source=name, **FAST)):
        eventually(lambda: all_arrived(sim, topics[CITY], name), 10)
        sim.city.withdraw(number)
        eventually(lambda: all_arrived(sim, topics[CITY], name), 10)
        sim.city.reissue(number)
        eventually(lambda: all_arrived(sim, topics[CITY], name), 10)
    statuses = [shown(record).status for record in topics[CITY].more()]
    assert [status for status, before in zip(statuses, [None, *statuses], strict=False) if status != before] == [
        "open", "withdrawn", "open",
    ]  # fmt: skip


@pytest.mark.parametrize("skew", [-300.0, 300.0])
def test_a_city_whose_clock_is_wrong_loses_nothing(
    skew: float, sim: SimCity, kafka: KafkaSettings, topics: dict[str, Reader], name: str
) -> None:
    sim.city.skew_s = skew
    sim.city.issue(5)
    with running(kafka, entry("helin", name, source=name, **FAST)) as service:
        eventually(lambda: all_arrived(sim, topics[CITY], name), 10)
        sim.city.issue(5)
        eventually(lambda: all_arrived(sim, topics[CITY], name), 10)
        shown_skew = service.registry.get_sample_value("connector_clock_skew_seconds", {"connector": name})
        assert shown_skew == pytest.approx(skew, abs=3)


def test_a_clock_that_is_set_back_hides_nothing(
    sim: SimCity, kafka: KafkaSettings, topics: dict[str, Reader], name: str
) -> None:
    sim.city.issue(5)
    with running(kafka, entry("helin", name, source=name, **FAST)):
        eventually(lambda: all_arrived(sim, topics[CITY], name), 10)
        sim.city.skew_s = -200.0
        sim.city.issue(5)
        eventually(lambda: all_arrived(sim, topics[CITY], name), 10, "after the clock was set back")


def test_what_cannot_be_read_is_quarantined_with_its_bytes_and_what_nobody_knows_is_flagged(
    sim: SimCity, kafka: KafkaSettings, topics: dict[str, Reader], name: str
) -> None:
    sim.city.issue(20)
    unknown = sim.city.issue_unknown(2)
    for fault in ("no_number", "no_time", "not_object"):
        sim.city.issue(1, unreadable=fault)
    with running(kafka, entry("helin", name, source=name, **FAST)):
        eventually(lambda: all_arrived(sim, topics[CITY], name), 10)
        eventually(lambda: len(topics[DEAD].more()) >= 3, 10)
        before = len(topics[CITY].more()), len(topics[DEAD].more())
        sim.city.issue(1)
        eventually(lambda: all_arrived(sim, topics[CITY], name), 10)
    assert (len(topics[CITY].more()), len(topics[DEAD].more())) == (before[0] + 1, before[1])
    reasons = {dict(record.headers)["dead-reason"].decode() for record in topics[DEAD].more()}
    assert reasons == {"no_number", "no_time", "unreadable"}
    assert all(dict(record.headers)["dead-origin"] == f"connector/{name}".encode() for record in topics[DEAD].more())
    there = last_shown(topics[CITY], name)
    assert {there[number].category for number in unknown} == {"unknown"}
    assert {there[number].city_codes["category"] for number in unknown} == {"990001"}
    assert {there[number].unknown for number in unknown} == {("category",)}


def test_a_dispatch_whose_feedback_fails_holds_up_no_other(
    sim: SimCity, kafka: KafkaSettings, topics: dict[str, Reader], name: str
) -> None:
    """Half of all calls fail; 40 stories are told; each is told in order, and once."""
    numbers = sim.city.issue(40)
    faults = (Fault.HTTP_500, Fault.RESET, Fault.LOST, Fault.TRUNCATED)
    for fault in faults:
        sim.faults.on(fault, p=0.12, calls=frozenset({Call.SIGN, Call.FEEDBACK}))
    told = [tell(kafka, *whole_story(name, number)) for number in numbers]
    ids = {one for story in told for one in story}
    with running(kafka, entry("helin", name, source=name, **FAST)):
        eventually(lambda: ids <= outcomes(topics[INBOX]).keys(), 60, "all outcomes")
    assert all(
        [one.kind for one in sim.city.book.heard[number].values()] == ["sign", "contact", "result"]
        for number in numbers
    )
    assert {one.outcome for key, one in outcomes(topics[INBOX]).items() if key in ids} <= {"delivered", "exists"}


def test_what_the_city_rejects_is_a_dead_letter_and_an_outcome(
    sim: SimCity, kafka: KafkaSettings, topics: dict[str, Reader], name: str
) -> None:
    (number,) = sim.city.issue(1)
    (early,) = tell(kafka, feedback(name, number, "result", 1, public_reply="已处理"))
    (after,) = tell(kafka, feedback(name, number, "sign", 2))
    with running(kafka, entry("helin", name, source=name, **FAST)):
        eventually(lambda: {early, after} <= outcomes(topics[INBOX]).keys(), 10)
    said = outcomes(topics[INBOX])
    assert (said[early].outcome, said[early].city_code, said[early].city_message) == (
        "rejected", "10422", "工单尚未签收",
    )  # fmt: skip
    assert said[after].outcome == "delivered"
    letters = [record for record in topics[DEAD].more() if record.key == f"{name}:{number}".encode()]
    assert [dict(record.headers)["dead-reason"] for record in letters] == [b"city_rejected"]
    assert decode(Feedback, letters[0].value).kind == "result"


def test_a_second_city_needs_only_another_yaml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kafka: KafkaSettings, topics: dict[str, Reader], name: str
) -> None:
    """Signed with HMAC-SM3, keyset paging, pinyin names, other codes; both cities at the same time, in one process."""
    with (
        sim_city(tmp_path / "a", monkeypatch, prefix="HA") as first,
        sim_city(tmp_path / "b", monkeypatch, "beta", prefix="BB") as second,
    ):
        first.city.issue(30)
        numbers = second.city.issue(230)
        second.faults.on(Fault.HTTP_500, count=2)
        second.faults.on(Fault.DUPLICATE_PAGE, count=2)
        other: Entry = entry("beta", f"{name}b", source="beta", **FAST)
        with running(kafka, entry("helin", name, source=name, **FAST), other):
            eventually(lambda: all_arrived(first, topics[CITY], name), 20, "the first city")
            eventually(lambda: all_arrived(second, topics[CITY], "beta"), 20, "the second city")
            second.city.withdraw(numbers[0])
            ids = tell(kafka, *whole_story("beta", numbers[1]))
            eventually(lambda: all_arrived(second, topics[CITY], "beta"), 20, "the withdrawal")
            eventually(lambda: set(ids) <= outcomes(topics[INBOX]).keys(), 20, "the second city's outcomes")
        assert [one.kind for one in second.city.book.heard[numbers[1]].values()] == ["sign", "contact", "result"]
        one = last_shown(topics[CITY], "beta")[numbers[5]]
        order = second.city.book.orders[numbers[5]]
        assert (one.kind, one.urgency, one.channel) == (order.kind, order.urgency, order.channel)
        assert one.secret is order.secret
        assert one.caller is not None
        assert one.caller.phone == order.phone


def test_records_go_to_the_partition_of_their_dispatch(
    sim: SimCity, kafka: KafkaSettings, topics: dict[str, Reader], name: str
) -> None:
    numbers = sim.city.issue(50)
    ids = tell(kafka, feedback(name, numbers[0], "sign", 1))
    with running(kafka, entry("helin", name, source=name, **FAST)):
        eventually(lambda: all_arrived(sim, topics[CITY], name), 10)
        eventually(lambda: set(ids) <= outcomes(topics[INBOX]).keys(), 10)
    for topic in (CITY, INBOX):
        assert all(record.partition == partition_of(record.key) for record in topics[topic].more())


def test_a_repeated_page_is_written_once(
    sim: SimCity, kafka: KafkaSettings, topics: dict[str, Reader], name: str
) -> None:
    sim.city.issue(100)
    for _ in range(2):  # a connector that starts again remembers what it wrote
        with running(kafka, entry("helin", name, source=name, **FAST)) as service:
            eventually(lambda: all_arrived(sim, topics[CITY], name), 10)
            labels = {"connector": name, "decision": "same"}
            eventually(
                lambda: (service.registry.get_sample_value("connector_pull_records_total", labels) or 0) >= 200,  # noqa: B023
                10,
                "read again",
            )
    keys = defaultdict(list)
    for record in topics[CITY].more():
        keys[record.key].append(dict(record.headers)["ce_id"])
    assert {len(ids) for ids in keys.values()} == {1}
