"""An operator's order: what a person of the county centre decides about a dispatch."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.base import Code, DispatchId, Instant, Line, Message, Text


class Rung(StrEnum):
    """The ladder of supervision (督办): 电话, 书面, 现场, 约谈."""

    PHONE = "phone"
    WRITTEN = "written"
    ONSITE = "onsite"
    INTERVIEW = "interview"


class OrderAction(StrEnum):
    """What a person may order. `unpark` is written by `paidan dead replay` and `discard`."""

    ROUTE = "route"
    RETURN = "return"
    CLOSE = "close"
    NOTE = "note"
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    LEDGER_OPEN = "ledger_open"
    LEDGER_CLOSE = "ledger_close"
    MERGE = "merge"
    UNPARK = "unpark"
    SUPERVISE = "supervise"
    EXTEND = "extend"
    PAUSE = "pause"
    RESUME = "resume"


class Order(Message):
    """One order, an ordinary inbox record.

    `route` needs `to` (the lead first, then assists); `merge` needs `merged_into`; `return` asks the city to take
    the dispatch back; `pass` and `fail` are the county's review of a result; a person always gives a `reason`.
    `supervise` needs `rung`; `to` names the department (else it is the lead), `whom` who was spoken to, `persons`
    how many, `answer` what they said. `extend` needs `days`, in the unit of the handling clock.
    """

    dispatch: DispatchId
    action: OrderAction
    by: Line
    reason: Text
    at: Instant
    to: tuple[Code, ...] = ()
    merged_into: DispatchId | None = None
    rung: Rung | None = None
    whom: Line | None = None
    persons: Annotated[int, Field(ge=1, le=500)] | None = None
    answer: Text = ""
    days: Annotated[int, Field(ge=1, le=60)] | None = None
