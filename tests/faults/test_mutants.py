"""The checker is checked: a worker that is wrong in one way must not get past the books, an honest one must.

Worlds are small, so the one record of ten thousand is counted, not drawn: 1,300 dispatches make 13,000 records and
more, of which exactly one or two are dropped.
"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaProducer
from kafka.errors import KafkaError

from deploy.books import Books, run_books
from deploy.broker import EmbeddedBroker
from deploy.sim.lag import LagReader
from deploy.supervisor.processes import Processes
from schemas.codec import decode, encode
from schemas.dispatch import Dispatch
from schemas.feedback import Feedback, Outcome, OutcomeKind
from schemas.ids import derived_id
from schemas.topics import CASES, CITY, FEEDBACK, INBOX, JOURNAL, partition_of
from streams.names import GROUP
from tests.support.bridge import NOON, Bridge, dispatch, enveloped
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]

HERE = Path(__file__).parent
MANY, FEW = 1300, 250

CAUGHT = [
    ("drops_one_in_ten_thousand", MANY, "lost", {}),
    ("routes_one_to_a_wrong_department", FEW, "misrouted", {"unexpected_departments"}),
    ("delivers_one_to_a_wrong_department", FEW, "misrouted", {"wrong_topic", "department_not_told"}),
    ("draws_a_new_id_on_retry", FEW, "repeated_effects", {"fact_twice", "assignment_twice", "feedback_twice"}),
    ("reorders_two", FEW, "out_of_order", {"journal_out_of_order"}),
    ("commits_before_the_ack", FEW, "lost", {"not_in_inbox"}),
    ("writes_rows_before_outputs", FEW, "lost", {"row_ahead_of_journal"}),
    ("forgets_what_it_applied", FEW, "repeated_effects", {"one_view_two_changes"}),
]


@pytest.fixture
def county(tmp_path: Path) -> Iterator[Bridge]:
    """A broker and topics of the test's own."""
    with EmbeddedBroker(tmp_path / "home", owner_pid=os.getpid()) as broker:
        bridge = Bridge(broker.bootstrap, tmp_path)
        bridge.provision()
        yield bridge
        bridge.close()


def shown(count: int) -> list[Dispatch]:
    """Every third with an assisting department, every tenth amended, every seventh shown again as it was."""
    found: list[Dispatch] = []
    for nth in range(count):
        number = f"M{nth:05d}"
        category = "housing.quality" if nth % 3 == 0 else "utilities.water.leak"
        found.append(dispatch(number, category=category))
    found += found[::7]
    found += [dispatch(one.number, minute=5, category=one.category, body="水还在流。") for one in found[:count:10]]
    return found


def expected(count: int) -> dict[str, tuple[str, ...]]:
    """Who must get them."""
    return {f"testcity:M{nth:05d}": ("housing", "water") if nth % 3 == 0 else ("water",) for nth in range(count)}


def judge(bridge: Bridge, command: list[str], count: int, *, rest_s: float = 2.5, commits: bool = True) -> Books:
    """Lets a worker do all its work, started again whenever it ends, answers what it tells the city, and audits."""
    bridge.city(*shown(count))
    processes = Processes(bridge.folder / "logs")
    try:
        processes.start("w1", command, {})
        settle(bridge, rest_s, commits)
        answer(bridge)
        settle(bridge, rest_s, commits)
    finally:
        processes.close()
    return run_books(bridge.kafka, expected=expected(count))


def settle(bridge: Bridge, rest_s: float, commits: bool) -> None:
    """Until nothing was written for `rest_s` (more than a mutant's late delivery), and all was committed."""
    lag = LagReader(bridge.kafka, {GROUP: [CITY, INBOX]}, [FEEDBACK, JOURNAL, CASES])
    written, since = -1, time.monotonic()

    def rests() -> bool:
        nonlocal written, since
        try:
            now = lag.read()
        except KafkaError:
            # the group is not there yet
            return False
        total = sum(now.written.values())
        if total != written or (commits and now.behind[GROUP]) or not now.written[JOURNAL]:
            written, since = total, time.monotonic()
        return time.monotonic() - since > rest_s

    try:
        eventually(rests, 120, "the worker comes to rest")
    finally:
        lag.close()


def answer(bridge: Bridge) -> None:
    """The city takes every feedback."""
    producer: KafkaProducer = bridge.producer
    answered = set()
    for record in bridge.records(FEEDBACK):
        own = dict(record.headers)["ce_id"].decode()
        if own in answered:
            continue
        answered.add(own)
        said = decode(Feedback, record.value)
        outcome = Outcome(
            dispatch=said.dispatch, feedback_id=own, kind=said.kind, round=said.round, at=NOON,
            outcome=OutcomeKind.DELIVERED,
        )  # fmt: skip
        headers = enveloped(outcome, "/paidan/connectors/test", derived_id("outcome", own))
        key = said.dispatch.encode()
        producer.send(INBOX, encode(outcome), key=key, partition=partition_of(key), headers=headers)
    producer.flush()


def mutant(bridge: Bridge, name: str) -> list[str]:
    """The command of a mutant."""
    return [sys.executable, str(HERE / "mutant_worker.py"), bridge.bootstrap, "w1", str(bridge.folder), name]


def test_an_honest_worker_that_is_killed_between_the_waves_gets_past_the_books(county: Bridge) -> None:
    books = judge(county, mutant(county, "honest"), FEW)
    assert (county.folder / "died").exists()
    assert books.offences == ()
    assert books.pulled == books.routed == books.fed_back == FEW
    assert books.repeats > 0


@pytest.mark.parametrize(("name", "count", "column", "checks"), CAUGHT, ids=[case[0] for case in CAUGHT])
def test_a_worker_that_is_wrong_does_not_get_past_the_books(
    county: Bridge, name: str, count: int, column: str, checks: set[str]
) -> None:
    books = judge(county, mutant(county, name), count)
    assert getattr(books, column) > 0, books
    assert set(checks) <= {offence.check for offence in books.offences}
    assert not books.balanced


def test_stock_faust_does_not_get_past_the_books(county: Bridge) -> None:
    command = [sys.executable, str(HERE / "stock_worker.py"), county.bootstrap, str(county.folder)]
    # it sits still for 5 s after each exception, and does not commit past it
    books = judge(county, command, FEW, rest_s=8.0, commits=False)
    assert books.lost > 0
    assert {"never_received", "change_without_effect"} & {offence.check for offence in books.offences}
