"""What every department has to do next, in order of time: shares folded into steps that are due."""

import heapq
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count

from deploy.sim.departments.habits import Habits, Step, steps
from deploy.sim.departments.inbox import Received
from schemas.assignment import Action, Assignment, Role

Due = tuple[str, Step]
"""Department and what it says."""


class Desk:
    """No clock: instants come in. What a withdrawal or a redo overtakes is not said any more."""

    def __init__(self, habits: Habits) -> None:
        self._habits = habits
        self._current: dict[tuple[str, str], tuple[int, Role]] = {}
        """(department, dispatch) -> seq and role of the share that it works on now."""
        self._heap: list[tuple[datetime, int, tuple[str, str], int, Step]] = []
        self._ticket = count()

    def receive(self, received: Iterable[Received], said: frozenset[str] | set[str] = frozenset()) -> None:
        """New shares, in the order of their topics; steps whose id is in `said` were said before."""
        for one in received:
            share = one.share
            place = (share.department, share.dispatch)
            if share.action is Action.WITHDRAWN:
                self._current.pop(place, None)
            elif share.action is not Action.AMENDED or self._leads_now(place, share):
                self._current[place] = (share.seq, share.role)
                for step in steps(self._habits, share, one.at):
                    if step.id not in said:
                        due = one.at + timedelta(seconds=step.after_s)
                        heapq.heappush(self._heap, (due, next(self._ticket), place, share.seq, step))

    def _leads_now(self, place: tuple[str, str], share: Assignment) -> bool:
        """An amendment that made the lead of who assisted asks for an answer of its own."""
        return share.role is Role.LEAD and self._current.get(place, (0, Role.LEAD))[1] is Role.ASSIST

    def due(self, now: datetime) -> list[Due]:
        """What is to be said by now; it is not given again."""
        found = []
        while self._heap and self._heap[0][0] <= now:
            _, _, place, seq, step = heapq.heappop(self._heap)
            if self._current.get(place, (0, None))[0] == seq:
                found.append((place[0], step))
        return found

    def next_due(self) -> datetime | None:
        """When something will be due, None for nothing."""
        return self._heap[0][0] if self._heap else None

    @property
    def waiting(self) -> int:
        """Steps not yet said."""
        return len(self._heap)
