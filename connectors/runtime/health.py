"""How a process of the connectors is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Health:
    """`alive` False asks for a restart, `ready` False for patience; `why` says so."""

    alive: bool
    ready: bool
    why: str
