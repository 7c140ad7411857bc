"""What the books say: the figures, and whoever is not accounted for."""

from pydantic import BaseModel, ConfigDict


class Offence(BaseModel):
    """One thing that is not as it must be. `dispatch` is its id, or the city's number where we do not have it."""

    model_config = ConfigDict(frozen=True)

    column: str
    """`lost`, `misrouted`, `repeated_effects`, `out_of_order`, `stale_rows` or `unexplained`."""
    check: str
    dispatch: str
    where: str
    zh: str
    en: str


class Books(BaseModel):
    """Figures count dispatches unless they say otherwise. They balance when every column of offences is zero."""

    model_config = ConfigDict(frozen=True)

    pulled: int
    """On `city.dispatches`."""
    routed: int
    """Given to at least one department."""
    reported: int
    """About which a department said something that reached the journal."""
    fed_back: int
    """About which the city was told something, and took it."""
    dead: int
    """Dead letters, without those that are parked."""
    parked: int
    """Records that wait behind a dead one."""
    lost: int
    misrouted: int
    repeated_effects: int
    out_of_order: int
    stale_rows: int
    unexplained: int
    replaced: int
    """Versions that the city served and replaced before they were taken; no offence, since it shows only the newest."""
    repeats: int
    """Records that were there already, with the same id and bytes; no offence, whoever reads drops them."""
    records: int
    """Read in all."""
    seconds: float
    offences: tuple[Offence, ...] = ()
    """The first `limit` of each check."""

    @property
    def balanced(self) -> bool:
        """Whether everything is accounted for."""
        return not any(
            (self.lost, self.misrouted, self.repeated_effects, self.out_of_order, self.stale_rows, self.unexplained)
        )
