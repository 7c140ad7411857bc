"""The board counts what rows say, the newest of each dispatch, and the picture fits a terminal of 80 columns."""

import io
from datetime import timedelta
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len
from rich.console import Console

from deploy.top.board import Board
from deploy.top.show import picture, plain
from schemas.assignment import Role
from schemas.case import Case, Holding, HoldingState, State
from schemas.clock import ClockName, ClockRun, Pause
from schemas.notice import NoticeKind
from streams.domain.tally import Band
from tests.support.domain import NOON

NAMES = {"water": "和林格尔县自来水公司", "housing": "住房和城乡建设局"}


def a_run(clock: ClockName, minutes: int, **changes: Any) -> ClockRun:
    """Due so many minutes after noon."""
    return ClockRun(clock=clock, rule="r", start=NOON, due=NOON + timedelta(minutes=minutes), **changes)


def a_case(number: int, at: int, *runs: ClockRun, lead: str = "water", state: State = State.HANDLING) -> Case:
    held = Holding(department=lead, role=Role.LEAD, state=HoldingState.SIGNED, since=NOON)
    return Case(at=at, seq=1, source="city", number=f"HS{number}", state=state, holdings=(held,), clocks=runs)


def put(board: Board, case: Case) -> None:
    key = case.id.encode()
    if board.newer(key, case.at):
        board.row(key, case)


@pytest.fixture
def board() -> Board:
    made = Board()
    put(made, a_case(1, 10, a_run(ClockName.HANDLING, 600), a_run(ClockName.CONTACT, 60, fired=("p75",))))
    put(made, a_case(2, 11, a_run(ClockName.HANDLING, -5, fired=("p50",)), lead="housing"))
    put(made, a_case(3, 12, a_run(ClockName.HANDLING, 90, pauses=(Pause(since=NOON),)), state=State.ON_LEDGER))
    put(made, a_case(4, 13, state=State.CLOSED))
    put(made, a_case(5, 14, a_run(ClockName.DEPARTMENT_SIGN, 10, holder="housing"), state=State.DISPATCHED))
    return made


def test_what_is_open_is_counted_by_state_lead_and_band(board: Board) -> None:
    view = board.overview(NOON, 7)
    assert (view.cases, view.open, view.paused, view.lag) == (5, 4, 1, 7)
    assert view.states == {State.DISPATCHED: 1, State.HANDLING: 2, State.ON_LEDGER: 1}
    assert list(view.departments.items()) == [("water", 3), ("housing", 1)]
    assert view.clocks[ClockName.HANDLING] == {**dict.fromkeys(Band, 0), Band.LT50: 1, Band.BREACHED: 1}
    assert view.clocks[ClockName.CONTACT][Band.LT90] == 1


def test_the_next_deadlines_are_those_that_still_run_nearest_first(board: Board) -> None:
    view = board.overview(NOON, None)
    assert [(one.dispatch, one.clock, one.department) for one in view.next] == [
        ("city:HS5", ClockName.DEPARTMENT_SIGN, "housing"),
        ("city:HS1", ClockName.CONTACT, "water"),
        ("city:HS1", ClockName.HANDLING, "water"),
    ]
    assert len(plain(view, NAMES)["next"]) == 3


def test_the_row_of_the_highest_inbox_offset_counts_whenever_it_comes(board: Board) -> None:
    put(board, a_case(1, 9, state=State.CLOSED))
    assert board.overview(NOON, None).open == 4
    put(board, a_case(1, 20, state=State.CLOSED))
    assert board.overview(NOON, None).open == 3
    board.gone(b"city:HS2")
    assert (board.overview(NOON, None).cases, board.overview(NOON, None).open) == (4, 2)


def test_notices_of_the_last_hour_count_once_and_dead_letters_until_dealt_with(board: Board) -> None:
    for number, minutes in ((1, -90), (2, -30), (2, -30), (3, -1)):
        board.notice(b"%d" % number, NOON + timedelta(minutes=minutes), NoticeKind.MARK)
    board.died("a")
    board.died("a")
    board.died("b")
    board.resolved("b")
    view = board.overview(NOON, None)
    assert (view.notices, view.dead) == ({NoticeKind.MARK: 2}, 1)


@pytest.mark.parametrize("width", [80, 120])
def test_the_picture_fits_and_speaks_the_centres_words(board: Board, width: int) -> None:
    console = Console(width=width, file=io.StringIO(), highlight=False)
    console.print(picture(board.overview(NOON, 7), NAMES, ZoneInfo("Asia/Shanghai")))
    assert isinstance(console.file, io.StringIO)
    drawn = console.file.getvalue()
    assert max(map(cell_len, drawn.splitlines())) <= width
    for words in (
        "在办 4 / 5",
        "逾期时限 1",
        "积压 7",
        "办理中",
        "和林格尔县自来水公司",
        "部门签收",
        "03-02 12:10",
        "10分",
    ):
        assert words in drawn


def test_a_hundred_thousand_rows_are_counted_between_two_views() -> None:
    board = Board()
    case = a_case(0, 1, a_run(ClockName.HANDLING, 600), a_run(ClockName.CONTACT, 60))
    for number in range(100_000):
        board.row(b"city:%d" % number, case)
    started = perf_counter()
    view = board.overview(NOON, None)
    taken = perf_counter() - started
    assert (view.open, len(view.next)) == (100_000, 10)
    assert taken < 2.0
