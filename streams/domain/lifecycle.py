"""The two-level state machine (domain study 8), as tables: which state takes what, and where it leads.

A case has a state; each department's share has one of its own, and an open case follows its lead's share:

    received ─sign─▶ signed ─route─▶ dispatched ─lead signs or works─▶ handling ─result─▶ review ─pass─▶ reporting
       ─the city has it─▶ reported ─the city closes─▶ closed ─redo─▶ reopened ─▶ dispatched, one round on

Aside lie `pending_sign` (a person signs), `on_ledger`, `return_up_req` (the city is asked to take it back) and
`quarantined` (only dead records so far). `received`, `signed` and `reopened` are passed within one decision: they
stand in the journal, never in a row. What changes state is applied in `snapshots` (the city), `reports`
(departments), `outcomes` (the city's answers) and `orders` (people).
"""

from typing import Final

from schemas.case import FINAL, HoldingState, State
from schemas.dispatch import CityStatus
from schemas.feedback import FeedbackKind
from schemas.order import OrderAction

FOLLOWS: Final = {
    HoldingState.OFFERED: State.DISPATCHED,
    HoldingState.SIGNED: State.HANDLING,
    HoldingState.WORKING: State.HANDLING,
    HoldingState.DONE: State.REVIEW,
}
"""What the lead's share makes of an open case that nothing holds up."""

UNLED: Final = FINAL | {State.PENDING_SIGN, State.QUARANTINED, State.RETURN_UP_REQ}
"""States in which nobody need lead. In every other that lasts, exactly one department does."""

LISTENING: Final = frozenset({State.DISPATCHED, State.HANDLING, State.ON_LEDGER, State.RETURN_UP_REQ})
"""The lead is expected to work, and the city listens to contact, progress and result."""

RETURNABLE: Final = frozenset({State.DISPATCHED, State.HANDLING})
"""The lead may give it back or pass it on."""

AWAITING: Final = {FeedbackKind.RESULT: State.REPORTING, FeedbackKind.RETURN: State.RETURN_UP_REQ}
"""Feedback whose outcome the case waits for, and the state in which it waits."""

ENDS: Final = {
    CityStatus.CLOSED: State.CLOSED,
    CityStatus.WITHDRAWN: State.CANCELLED,
    CityStatus.MERGED: State.MERGED,
}
"""What the city makes of a case, whatever its state, unless it has ended already."""

TAKEN_AWAY: Final = frozenset({State.CANCELLED, State.MERGED, State.RETURNED_UP})
"""Ends after which nobody has a claim: opened again, the dispatch is routed as if it were new."""

ORDERS: Final[dict[OrderAction, frozenset[State]]] = {
    OrderAction.ROUTE: frozenset({State.PENDING_SIGN, State.DISPATCHED, State.HANDLING, State.ON_LEDGER, State.REVIEW}),
    OrderAction.RETURN: frozenset({State.PENDING_SIGN, State.DISPATCHED, State.HANDLING, State.ON_LEDGER}),
    OrderAction.CLOSE: frozenset(State) - FINAL,
    OrderAction.NOTE: frozenset(State),
    OrderAction.PASS: frozenset({State.REVIEW}),
    OrderAction.FAIL: frozenset({State.REVIEW, State.HANDLING}),
    OrderAction.LEDGER_OPEN: RETURNABLE,
    OrderAction.LEDGER_CLOSE: frozenset({State.ON_LEDGER}),
    OrderAction.MERGE: frozenset(State) - FINAL,
    OrderAction.UNPARK: frozenset(),
    OrderAction.SUPERVISE: frozenset(State) - FINAL,
    OrderAction.EXTEND: LISTENING,
    OrderAction.PAUSE: RETURNABLE,
    OrderAction.RESUME: frozenset(State) - FINAL,
}
"""The states in which a person may order what. `unpark` is for parked cases only, whatever their state."""
