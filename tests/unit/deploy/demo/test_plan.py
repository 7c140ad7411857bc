"""What the tour will do is decided before it starts, in the proportions of a real quarter."""

from collections import Counter

import pytest

from deploy.demo.plan import QUARTER, Deed, Order, due, plan, progress

WORKERS = ("w1", "w2")


def test_a_quarter_has_the_numbers_that_are_promised() -> None:
    tour = plan(QUARTER, 1, WORKERS, "connectors", "kafka")
    orders = Counter(tour.orders)
    assert (len(tour.orders), tour.amended, tour.withdrawn) == (818, 40, 12)
    assert (orders[Order.UNKNOWN], orders[Order.HELD], tour.unreadable) == (9, 36, 3)


def test_what_the_city_held_back_comes_first() -> None:
    tour = plan(QUARTER, 1, WORKERS, "connectors", "kafka")
    assert set(tour.orders[: tour.held]) == {Order.HELD}
    assert Order.HELD not in tour.orders[tour.held :]


@pytest.mark.parametrize("dispatches", [10, 40, 200, 5000])
def test_a_tour_of_any_size_has_something_of_everything(dispatches: int) -> None:
    tour = plan(dispatches, 1, WORKERS, "connectors", "kafka")
    assert len(tour.orders) == dispatches
    assert set(tour.orders) == set(Order)
    assert tour.amended >= 1
    assert tour.withdrawn >= 1


def test_one_worker_dies_twice_the_connectors_once_and_the_broker_stops() -> None:
    deeds = Counter((one.deed, one.name) for one in plan(QUARTER, 1, WORKERS, "connectors", "kafka").disruptions)
    assert deeds == {(Deed.KILL, "w1"): 2, (Deed.KILL, "connectors"): 1, (Deed.STOP_BROKER, "kafka"): 1}


def test_the_same_seed_gives_the_same_tour() -> None:
    tours = [plan(QUARTER, seed, WORKERS, "connectors", "kafka").orders for seed in (1, 1, 2)]
    assert tours[0] == tours[1] != tours[2]


@pytest.mark.parametrize(("at", "wanted"), [(0.0, 1), (0.225, 21), (0.45, 40), (1.0, 40)])
def test_changes_are_made_while_there_is_work_to_change(at: float, wanted: int) -> None:
    assert due(40, at) == wanted


def test_progress_counts_signing_and_answering_alike() -> None:
    assert [progress(0, 0, 100), progress(100, 0, 100), progress(100, 100, 100), progress(0, 0, 0)] == [0, 0.5, 1, 0]
