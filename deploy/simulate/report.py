"""What a simulated year came to: one JSON object, the same for the same seed but for `seconds`."""

from pydantic import BaseModel, ConfigDict


class Shown(BaseModel):
    """One offence, to be looked at."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    dispatch: str
    what: str


class Outcome(BaseModel):
    """Figures of one world. The first group of offences must be 0."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    year: int
    seed: int
    dispatches: int
    marks_due: int
    early: int
    """Recorded before its time, or not to be recorded at all."""
    missing: int
    """Not recorded, recorded for a later instant, or not told, although nothing stood in the way."""
    twice: int
    """Recorded or told again."""
    wrong_recipient: int
    misjudged: int
    """Extensions that were granted or refused against the rules; lateness attributed to the wrong side."""
    lost: int
    """This and the five that follow: what the books found, over every record of every topic."""
    misrouted: int
    repeated_effects: int
    out_of_order: int
    stale_rows: int
    unexplained: int
    late: int
    """Recorded late because of an outage, and flagged."""
    notices: int
    repeats: int
    """Records of the journal and notices that came again, under the same id."""
    crashes: int
    stalls: int
    zombies: int
    """Workers that stood still past their session, and wrote afterwards."""
    rebalances: int
    lost_acks: int
    repaired: int
    """Stale rows of zombies that were written again."""
    records: int
    """Appended to simulated topics."""
    dead: int
    simulated_days: int
    digest: str
    """Of every fact and notice, in order: the world's fingerprint."""
    seconds: float
    offences: tuple[Shown, ...] = ()

    @property
    def right(self) -> bool:
        """Whether the oracle agrees in everything."""
        marks = (self.early, self.missing, self.twice, self.wrong_recipient, self.misjudged, self.dead)
        books = (
            self.lost, self.misrouted, self.repeated_effects, self.out_of_order, self.stale_rows, self.unexplained
        )  # fmt: skip
        return not any((*marks, *books))
