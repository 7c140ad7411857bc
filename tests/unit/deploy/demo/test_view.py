"""What is shown while the tour runs, on a terminal and without one."""

from collections import Counter
from datetime import UTC, datetime
from io import StringIO

from rich.console import Console

from deploy.demo.tour import Moment
from deploy.demo.view import Lines, picture
from deploy.demo.watch import Watched
from deploy.sim.lag import Lag


def moment(**fields: object) -> Moment:
    made = {
        "seconds": 33.0,
        "phase": "issuing",
        "total": 100,
        "state": {
            "orders": 50, "unreadable": 1, "seen": 48, "signed": 40, "answered": 20, "counts": {"redo_ordered": 3},
            "statuses": {"open": 33, "closed": 15, "withdrawn": 2},
        },
        "lag": Lag({"bridge": 7}, {"city.dispatches": 60, "dept.water.dispatches": 30, "dept.water.reports": 80}),
        "broker_up": True,
        "running": {"connectors": True, "w1": False},
        "kills": {"w1": 1},
        "notes": [(12.0, "SIGKILL to w1")],
        "time": datetime(2026, 10, 10, 8, 30, tzinfo=UTC),
        "watched": Watched(marks=9876, breached={"a", "b"}, steps=Counter(phone=1234), extended=32),
        **fields,
    }  # fmt: skip
    return Moment(**made)  # type: ignore[arg-type]


def drawn(shown: Moment, width: int = 80) -> str:
    canvas = Console(file=StringIO(), width=width)
    canvas.print(picture(shown, {"water": "自来水公司"}))
    assert isinstance(canvas.file, StringIO)
    return canvas.file.getvalue()


def test_the_picture_fits_a_terminal_of_80_columns() -> None:
    lines = drawn(moment()).splitlines()
    assert max(Console().measure(line).maximum for line in lines) <= 80
    assert "10-10周六 08:30" in lines[1]
    assert "逾期 2" in lines[1]
    assert len(lines) <= 24


def test_the_picture_names_what_happened_and_who_is_down() -> None:
    text = drawn(moment())
    for word in ("自来水公司", "SIGKILL to w1", "w1 ✝1", "○", "51", "48", "40"):
        assert word in text


def test_the_picture_can_be_drawn_before_anything_is_known() -> None:
    assert drawn(Moment())


def test_without_a_terminal_a_line_is_printed_for_what_is_new_and_then_now_and_then() -> None:
    canvas = Console(file=StringIO(), width=160)
    lines = Lines(canvas)
    for seconds in (33.0, 33.2, 36.0, 38.5):
        lines(moment(seconds=seconds))
    assert isinstance(canvas.file, StringIO)
    printed = canvas.file.getvalue().splitlines()
    assert [line.split("s  ")[0].strip() for line in printed] == ["12.0", "33.0", "38.5"]
