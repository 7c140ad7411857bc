"""The order book is nothing but its journal folded."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.sim.city.book import Book
from deploy.sim.city.city import City, Settings, Verdict
from deploy.sim.city.journal import read
from deploy.sim.city.rules import Refusal, Told, ToldKind
from tests.support.waiting import eventually

ACTS = ("issue", "late", "amend", "silent", "touch", "withdraw", "reissue", "close_order", "order_redo", "unreadable")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 9)), max_size=30), data=st.data())
def test_replaying_the_journal_gives_the_same_book(
    tmp_path_factory: object, acts: list[tuple[str, int]], data: st.DataObject
) -> None:
    folder: Path = tmp_path_factory.mktemp("city")  # type: ignore[attr-defined]
    clock = [1_795_000_000.0]
    city = City(folder, Settings(decide_after_s=3600), now=lambda: clock[0])
    for act, which in acts:
        clock[0] += which
        _do(city, act, which)
    city.close()

    replayed = Book()
    for event in read(folder / "city.jsonl"):
        replayed.apply(event)

    assert replayed == city.book
    assert replayed.times == sorted((order.updated_at, number) for number, order in replayed.orders.items())


def _do(city: City, act: str, which: int) -> None:
    numbers = sorted(city.book.orders)
    order = numbers[which % len(numbers)] if numbers else ""
    match act:
        case "issue":
            city.issue(which % 3 + 1)
        case "late":
            city.issue(1, late_s=30)
        case "unreadable":
            city.issue(1, unreadable="no_number")
        case _ if not order:
            return
        case "silent":
            _try(lambda: city.amend(order, silent=True))
        case _:
            _try(lambda: getattr(city, act)(order))
    if order:
        city.hear(Told(order=order, serial=f"s{which}", kind=ToldKind.SIGN))


def _try(change: object) -> None:
    try:
        change()  # type: ignore[operator]
    except KeyError:
        return


def test_what_was_served_is_unseen_again_after_a_change(tmp_path: Path) -> None:
    city = City(tmp_path)
    (number,) = city.issue()
    assert city.book.unseen() == 1
    city.served("page", [city.book.orders[number]])
    assert city.book.unseen() == 0
    city.amend(number)
    assert city.book.unseen() == 1
    city.close()


def test_an_order_that_was_held_back_is_old_and_shown_now(tmp_path: Path) -> None:
    city = City(tmp_path, now=lambda: 1_795_000_000.0)
    (number,) = city.issue(held_s=600, like=("consult", "urgent"))
    order = city.book.orders[number]
    assert (order.updated_at, order.issued_at) == (1_795_000_000, 1_795_000_000 - 600)
    assert (order.kind, order.urgency, order.due_at - order.issued_at) == ("consult", "urgent", 86_400)
    city.close()


def test_an_extension_is_granted_for_the_days_that_were_asked(tmp_path: Path) -> None:
    city = City(tmp_path, Settings(decide_after_s=0, extend_cap=8))
    (number,) = city.issue()
    due = city.book.orders[number].due_at
    city.hear(Told(order=number, serial="a", kind=ToldKind.SIGN))
    assert city.hear(Told(order=number, serial="b", kind=ToldKind.EXTENSION, round=1, extend_days=9)) == (
        Verdict.REFUSED, Refusal.TOO_LONG,
    )  # fmt: skip
    city.hear(Told(order=number, serial="c", kind=ToldKind.EXTENSION, round=1, extend_days=3))
    eventually(lambda: city.book.orders[number].due_at != due, 10, "the city never decided")
    assert city.book.orders[number].due_at == due + 3 * 86_400
    city.close()
