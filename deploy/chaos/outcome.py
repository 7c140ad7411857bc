"""What `paidan chaos` found."""

from pydantic import BaseModel, ConfigDict

from deploy.books import Books
from deploy.books.balance import Offence


class Outcome(BaseModel):
    """`kills` to `city_faults` were done; `lost` to `unexplained` is what the books say, and must all be 0."""

    model_config = ConfigDict(frozen=True)

    seed: int
    dispatches: int
    kills: int
    """Of workers and connectors, with SIGKILL."""
    at_crash_points: int
    """Of those, at a named point in the code."""
    pauses: int
    broker_stops: int
    """Killed or stopped, and started again."""
    joins: int
    city_faults: int
    """Calls of the city that were struck."""
    lost: int
    misrouted: int
    repeated_effects: int
    out_of_order: int
    stale_rows: int
    unexplained: int
    answered: int
    """Dispatches whose result the city took; the others were left open by their departments."""
    dead: int
    parked: int
    repeats: int
    """Records that were there already, with the same id and bytes."""
    records: int
    recovered_p99_s: float
    """From a fault's end to the next delivery to a department."""
    seconds: float
    balanced: bool
    missing: tuple[str, ...] = ()
    """What was not finished in time."""
    unasked_exits: dict[str, list[int]] = {}
    """Exit codes of processes that ended by themselves, where a crash point had not been asked for."""
    offences: tuple[Offence, ...] = ()
    """What the columns count, one by one, as far as the books list them."""

    @property
    def good(self) -> bool:
        """Everything came to rest, and the books balance."""
        return self.balanced and not self.missing


def columns(books: Books) -> dict[str, int]:
    """The figures that the books contribute."""
    return books.model_dump(
        include={
            "lost", "misrouted", "repeated_effects", "out_of_order", "stale_rows", "unexplained", "dead", "parked",
            "repeats", "records",
        }
    )  # fmt: skip
