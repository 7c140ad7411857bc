"""The base of every message, and the field types that more than one message uses."""

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints


class Message(BaseModel):
    """A value that travels. Frozen.

    Readers are tolerant: a field this version does not know is kept and passed on. Writers are strict: the type
    checker refuses an unknown argument, and `codec.encode` is only given what was built or read through a model.
    Error texts never repeat the input, which may hold a citizen's data.
    """

    model_config = ConfigDict(
        frozen=True, extra="allow", allow_inf_nan=False, hide_input_in_errors=True, ser_json_inf_nan="null"
    )


FIRST_YEAR: Final = 2000
"""No dispatch is older. A string of digits is read as seconds since 1970, so `20261125` would be a day of that year."""


def _utc(value: datetime) -> datetime:
    try:
        moment = value.astimezone(UTC)
    except OverflowError:
        # pydantic would let it through to the caller: a record that ends the worker whenever it is read
        raise ValueError("out of range") from None
    if moment.year < FIRST_YEAR:
        raise ValueError(f"before {FIRST_YEAR}")
    return moment


Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
"""A moment with its zone, 2000 or later; held and written in UTC (`2026-03-02T01:30:00Z`)."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
"""A stable short name of ours: a department, a source. Lower case, safe in a topic name and a metric label."""

DispatchId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}:[A-Za-z0-9][A-Za-z0-9._/-]{0,79}$")]
"""`<source>:<city number>`. The key of every record about the dispatch."""

Text = Annotated[str, StringConstraints(max_length=20_000)]
"""Free text; 20,000 characters at most (reference: input limits of the reliability study, 4.6)."""

Line = Annotated[str, StringConstraints(max_length=500)]
"""A short text: a title, a name, an address."""
