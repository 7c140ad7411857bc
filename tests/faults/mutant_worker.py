"""A worker that is wrong in one way: mutant_worker.py BOOTSTRAP NAME FOLDER MUTANT.

The ways are planted here, in the process, and nowhere in the project. `FOLDER/died` remembers that the one crash some
of them need has been.
"""

import asyncio
import os
import secrets
import signal
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from deploy.process import log_to_stderr
from schemas.kafka import KafkaSettings
from schemas.topics import INBOX, JOURNAL
from streams.agents import cases
from streams.app import build_worker
from streams.domain import draft
from streams.domain.routing import Routed, Router
from streams.engine import quiet_logs
from streams.engine.outbox import Outbox, Outgoing
from streams.engine.table import Table
from tests.support.bridge import COUNTY

DROPPED = 10_000
"""Of so many records, one is dropped."""

honest_deliver = Outbox.deliver
honest_write = Table.write
honest_route = Router.route
honest_decide = cases.decide


class Ends:
    """Kills this process once, however often it is started."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "died"

    def now(self) -> None:
        """SIGKILL, unless it has been."""
        if not self._file.exists():
            self._file.touch()
            os.kill(os.getpid(), signal.SIGKILL)


def killed_before_rows(ends: Ends) -> None:
    """The outputs are out, the rows are not: everything in the run is decided again."""

    async def write(self: Table[Any], partition: int, rows: Any) -> None:
        if rows:
            ends.now()
        await honest_write(self, partition, rows)

    Table.write = write  # type: ignore[method-assign]


def honest(ends: Ends) -> None:
    """Nothing is wrong; it is killed once all the same."""
    killed_before_rows(ends)


def drops_one_in_ten_thousand(ends: Ends) -> None:
    """Of ten thousand records, the next one for a department never leaves.

    Not just any: a view that was shown before has no effect, so nothing is lost with it and there is nothing to see.
    """
    count, due = 0, False

    async def deliver(self: Outbox, records: Any, *, wave: str = "outputs") -> None:
        nonlocal count, due
        kept = []
        for record in records:
            count += 1
            due = due or count % DROPPED == 0
            if due and record.topic.startswith("dept."):
                due = False
            else:
                kept.append(record)
        await honest_deliver(self, kept, wave=wave)

    Outbox.deliver = deliver  # type: ignore[method-assign]


def routes_one_to_a_wrong_department(ends: Ends) -> None:
    """Every 100th dispatch is led by whom no rule names; the journal agrees with itself."""
    count = 0

    def route(self: Router, *given: Any) -> Routed:
        nonlocal count
        count += 1
        routed = honest_route(self, *given)
        return routed._replace(lead="arbiter") if count % 100 == 0 else routed

    Router.route = route  # type: ignore[method-assign]


def delivers_one_to_a_wrong_department(ends: Ends) -> None:
    """Every 100th share that is given goes to another topic than the journal says.

    Not just any record for a department: of an amendment the journal does not say who was told.
    """
    count = 0

    async def deliver(self: Outbox, records: Any, *, wave: str = "outputs") -> None:
        nonlocal count
        sent = []
        for record in records:
            if record.topic == "dept.water.dispatches" and b'"action":"assigned"' in record.value:
                count += 1
                if count % 100 == 0:
                    record = record._replace(topic="dept.arbiter.dispatches")
            sent.append(record)
        await honest_deliver(self, sent, wave=wave)

    Outbox.deliver = deliver  # type: ignore[method-assign]


def draws_a_new_id_on_retry(ends: Ends) -> None:
    """Ids are drawn instead of derived, so what is decided again after a crash is another thing."""
    killed_before_rows(ends)
    draft.derived_id = lambda *parts: secrets.token_hex(12)  # type: ignore[assignment]


def reorders_two(ends: Ends) -> None:
    """Two facts of one dispatch change places, once."""
    done = False

    async def deliver(self: Outbox, records: Any, *, wave: str = "outputs") -> None:
        nonlocal done
        sent: list[Outgoing] = list(records)
        facts = [place for place, record in enumerate(sent) if record.topic == JOURNAL]
        for one, other in pairwise(facts):
            if not done and sent[one].key == sent[other].key:
                sent[one], sent[other] = sent[other], sent[one]
                done = True
        await honest_deliver(self, sent, wave=wave)

    Outbox.deliver = deliver  # type: ignore[method-assign]


def commits_before_the_ack(ends: Ends) -> None:
    """From the fourth run on, a run counts as done while its records are on their way; then the process is gone."""
    late: set[asyncio.Task[None]] = set()
    runs = 0

    async def deliver(self: Outbox, records: Any, *, wave: str = "outputs") -> None:
        nonlocal runs
        sent = list(records)
        runs += bool(sent) and sent[0].topic == INBOX
        if runs < 4 or sent[0].topic != INBOX:
            await honest_deliver(self, sent, wave=wave)
            return

        async def later() -> None:
            await asyncio.sleep(2.0)
            ends.now()
            await honest_deliver(self, sent, wave=wave)

        late.add(asyncio.ensure_future(later()))

    Outbox.deliver = deliver  # type: ignore[method-assign]


def writes_rows_before_outputs(ends: Ends) -> None:
    """The two waves in the wrong order, and a crash between them."""
    waiting: list[tuple[Outbox, list[Any]]] = []

    async def deliver(self: Outbox, records: Any, *, wave: str = "outputs") -> None:
        sent = list(records)
        if wave == "outputs" and sent and sent[0].topic != INBOX:
            waiting.append((self, sent))
        else:
            await honest_deliver(self, sent, wave=wave)

    async def write(self: Table[Any], partition: int, rows: Any) -> None:
        await honest_write(self, partition, rows)
        if rows:
            ends.now()
        while waiting:
            outbox, sent = waiting.pop(0)
            await honest_deliver(outbox, sent)

    Outbox.deliver = deliver  # type: ignore[method-assign]
    Table.write = write  # type: ignore[method-assign]


def forgets_what_it_applied(ends: Ends) -> None:
    """A repeat is taken for something new."""

    def decide(case: Any, message: Any, context: Any, *rest: Any) -> Any:
        if case is not None and case.seen:
            case = case.model_copy(update={"seen": (), "positions": {}, "digest": "", "updated_at": None})
        return honest_decide(case, message, context, *rest)

    cases.decide = decide


MUTANTS: dict[str, Callable[[Ends], None]] = {
    one.__name__: one
    for one in (
        honest,
        drops_one_in_ten_thousand,
        routes_one_to_a_wrong_department,
        delivers_one_to_a_wrong_department,
        draws_a_new_id_on_retry,
        reorders_two,
        commits_before_the_ack,
        writes_rows_before_outputs,
        forgets_what_it_applied,
    )
}


def main() -> int:
    """Ends with the worker's own exit code."""
    bootstrap, name, folder, mutant = sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4]
    log_to_stderr("streams")
    quiet_logs()
    MUTANTS[mutant](Ends(folder))
    return build_worker(KafkaSettings(bootstrap=bootstrap), COUNTY, name=name, datadir=folder / "data").run()


if __name__ == "__main__":
    raise SystemExit(main())
