"""How a worker is, for a supervisor and a load balancer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Health:
    """`alive` False asks for a restart, `ready` False for patience; `why` says in a few words what is missing.

    A worker that cannot go on ends itself (crash-only), so one that can be asked is alive.
    """

    alive: bool
    ready: bool
    why: str = ""
