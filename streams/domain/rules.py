"""The policy, ready to decide with."""

from dataclasses import dataclass, field

from streams.domain import routing
from streams.domain.policy import Policy
from streams.domain.timetable import Timetable


@dataclass(frozen=True, slots=True)
class Rules:
    """A policy and what is derived from it once."""

    policy: Policy
    router: routing.Router
    names: dict[str, str] = field(default_factory=dict)
    """Department code -> its name, as the city is told."""
    timetable: Timetable | None = None
    """None: the county watches no deadlines."""

    @classmethod
    def of(cls, policy: Policy, timetable: Timetable | None = None) -> "Rules":
        """From a policy without faults."""
        names = {one.code: one.name for one in policy.departments}
        return cls(policy, routing.compile(policy), names, timetable)
