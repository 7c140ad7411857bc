"""The nightly replay after a real worker: rows that were crashed over and read back are what their facts give."""

from datetime import UTC, datetime, timedelta

import pytest

from deploy.operators.replaying import compare_all
from schemas.order import Order, OrderAction, Rung
from schemas.topics import CASES, NOTICES
from tests.support.bridge import Bridge, dispatch, report
from tests.support.bridge_worker import timetable
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka

NUMBERS = [f"R{number}" for number in range(6)]


@pytest.fixture(scope="module")
def county(bootstrap, tmp_path_factory):
    made = Bridge(bootstrap, tmp_path_factory.mktemp("replay"), watched=True)
    made.provision()
    yield made
    made.close()


def order(number, action, **fields):
    said = {"dispatch": f"testcity:{number}", "action": action, "by": "王某", "reason": "值班", "at": datetime.now(UTC)}
    return Order(**said, **fields)


def test_rows_of_a_worker_that_was_killed_are_what_their_facts_give(county):
    now = datetime.now(UTC)
    with county.worker(crash_at="outputs_acked:2") as first:
        county.city(*(dispatch(one, issued_at=now - timedelta(seconds=30), updated_at=now) for one in NUMBERS[:3]))
        county.city(*(dispatch(one, due_at=now + timedelta(seconds=4), updated_at=now) for one in NUMBERS[3:]))
        eventually(lambda: first.poll() is not None, 30, "the crash: facts are written, their rows are not")
    with county.worker():
        county.settled("dept.water.dispatches", len(NUMBERS))
        county.says("water", report("R0", "signed"), report("R0", "contacted", minute=2), report("R1", "result"))
        county.orders(order("R2", OrderAction.EXTEND, days=1))
        county.orders(order("R3", OrderAction.SUPERVISE, rung=Rung.WRITTEN))
        county.orders(order("R4", OrderAction.LEDGER_OPEN))

        def marked():
            return any(b'"mark"' in record.value for record in county.records(NOTICES))

        eventually(marked, 40, "a mark")
        county.settled(CASES, len(NUMBERS) + 5)
    found = compare_all(county.kafka, timetable())
    assert (found.cases, found.mismatches, found.skipped) == (len(NUMBERS), [], {})
    assert found.clocks >= len(NUMBERS)
