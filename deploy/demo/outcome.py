"""What the tour came to: the books, and what was done to the bridge on the way."""

from pydantic import BaseModel, ConfigDict

from deploy.books import Books
from deploy.demo.reckoning import Reckoned


class Outcome(BaseModel):
    """`paidan demo --json`. Figures are those of the books; `seconds` is all of it, with starting and the books."""

    model_config = ConfigDict(frozen=True)

    dispatches: int
    amended: int
    withdrawn: int
    redone: int
    unreadable: int
    pulled: int
    routed: int
    reported: int
    fed_back: int
    dead: int
    dead_reasons: dict[str, int]
    """Reason -> dead letters; what the city took back before it was told of it is `city_rejected`."""
    parked: int
    lost: int
    misrouted: int
    repeated_effects: int
    out_of_order: int
    stale_rows: int
    unexplained: int
    kills: int
    broker_stops: int
    seconds: float
    balanced: bool
    breached: int
    """Dispatches with a clock that ran out; the following count marks, steps and grants."""
    marks: int
    late: int
    """Marks that were acted on more than 2 s (of the machine) late, because something was down."""
    marks_lost: int
    marks_twice: int
    clocks_differ: int
    """Rows whose clocks are not what their journal gives when it is replayed."""
    supervised: int
    extended: int
    missing: tuple[str, ...] = ()
    """What was not finished in time; empty when everything was."""

    @property
    def good(self) -> bool:
        """Everything finished, the books balance, and every mark is on record once."""
        marks = self.marks_lost or self.marks_twice or self.clocks_differ
        return self.balanced and not self.missing and not marks


def outcome(
    books: Books, *, dispatches: int, amended: int, withdrawn: int, redone: int, unreadable: int, kills: int,
    broker_stops: int, seconds: float, missing: list[str], dead_reasons: dict[str, int],
    clocks: Reckoned,
) -> Outcome:  # fmt: skip
    """Puts the books and the tour together."""
    figures = books.model_dump(
        include={
            "pulled", "routed", "reported", "fed_back", "dead", "parked", "lost", "misrouted", "repeated_effects",
            "out_of_order", "stale_rows", "unexplained",
        }
    )  # fmt: skip
    return Outcome(
        **figures,
        **clocks.model_dump(
            include={"breached", "marks", "late", "marks_lost", "marks_twice", "supervised", "extended"}
        ),
        clocks_differ=clocks.differing,
        dead_reasons=dead_reasons,
        dispatches=dispatches,
        amended=amended,
        withdrawn=withdrawn,
        redone=redone,
        unreadable=unreadable,
        kills=kills,
        broker_stops=broker_stops,
        seconds=round(seconds, 1),
        balanced=books.balanced,
        missing=tuple(missing),
    )
