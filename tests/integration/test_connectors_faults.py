"""Every fault of the simulated city, one after another, under one connector that is never restarted."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from prometheus_client import generate_latest

from connectors.runtime.service import Service
from deploy.sim.city.faults import Call, Fault
from schemas.kafka import KafkaSettings
from schemas.topics import CITY, DEAD, INBOX
from tests.support.connector_city import (
    FAST,
    Reader,
    SimCity,
    all_arrived,
    entry,
    make_topics,
    outcomes,
    running,
    sim_city,
    tell,
    whole_story,
)
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]

NAME = "faults"


@dataclass(frozen=True)
class AtWork:
    """A city, the connector on it, and what it writes."""

    sim: SimCity
    kafka: KafkaSettings
    service: Service
    topics: dict[str, Reader]

    def all_arrived(self) -> bool:
        return all_arrived(self.sim, self.topics[CITY], NAME)


@pytest.fixture(scope="module")
def at_work(bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AtWork]:
    kafka = make_topics(bootstrap)
    readers = {topic: Reader(kafka, topic) for topic in (CITY, INBOX, DEAD)}
    with (
        pytest.MonkeyPatch.context() as patch,
        sim_city(tmp_path_factory.mktemp("city"), patch) as sim,
        running(kafka, entry("helin", NAME, source=NAME, **FAST)) as service,
    ):
        yield AtWork(sim, kafka, service, readers)
    for reader in readers.values():
        reader.close()


FAULTS = (
    Fault.HTTP_500, Fault.HTTP_502, Fault.TOO_MANY_SECONDS, Fault.TOO_MANY_DATE, Fault.LOGIN_PAGE, Fault.TOKEN_EXPIRED,
    Fault.BUSY, Fault.INTERNAL, Fault.HANG, Fault.RESET, Fault.LOST, Fault.TRUNCATED, Fault.GBK, Fault.DUPLICATE_PAGE,
    Fault.SHIFTING_PAGE,
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_loses_nothing_and_leaves_nothing_stuck(fault: Fault, at_work: AtWork) -> None:
    """Three times in a row on pages while 250 orders of one second are read, then on what is told about one."""
    sim, inbox = at_work.sim, at_work.topics[INBOX]
    sim.faults.on(fault, count=3, calls=frozenset({Call.LIST}))
    numbers = sim.city.issue(250)
    eventually(at_work.all_arrived, 20, f"{fault}: the pages")
    sim.faults.off()
    sim.city.amend(numbers[7])
    sim.faults.on(fault, count=1, calls=frozenset({Call.FEEDBACK}))
    ids = tell(at_work.kafka, *whole_story(NAME, numbers[3]))
    eventually(lambda: set(ids) <= outcomes(inbox).keys(), 20, f"{fault}: the feedback")
    sim.faults.off()
    eventually(at_work.all_arrived, 20, f"{fault}: the amendment")
    assert at_work.service.health().alive
    assert {outcomes(inbox)[one].outcome for one in ids} <= {"delivered", "exists"}
    assert [one.kind for one in sim.city.book.heard[numbers[3]].values()] == ["sign", "contact", "result"]
    # an answer that was lost is asked after; nothing is sent a second time on the chance
    assert sim.city.book.counts["repeated"] == 0
    assert at_work.topics[DEAD].more() == []


def test_no_number_name_or_telephone_is_in_a_metric(at_work: AtWork) -> None:
    shown = generate_latest(at_work.service.registry).decode()
    orders = at_work.sim.city.book.orders.values()
    canaries = {text for order in orders for text in (order.number, order.phone, order.caller, order.title)}
    assert len(canaries) > 250
    assert [canary for canary in canaries if canary in shown] == []
