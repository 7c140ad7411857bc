"""Acting on dead letters: read what is open, send what the plan says, then write the marks.

Sent first, marked second: a crash in between sends again, and whoever reads knows a repeat by its id.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic, sleep

from deploy.console import UserError, t
from deploy.operators.kafka import ToSend, committed, read, send
from deploy.operators.letters import How, Letter, Plan, mark, open_letters, replay
from schemas.dead_letter import DeadReason
from schemas.kafka import KafkaSettings
from schemas.topics import DEAD, INBOX, PARTITIONS
from streams.names import GROUP

SETTLE_SECONDS = 15.0
LOOK_SECONDS = 0.2

Retranslate = Callable[[Letter], list[ToSend]]
"""What a connector makes of a quarantined record now. Raises ValueError, naming the fault, where it still cannot."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of the letters asked for."""

    replayed: tuple[Letter, ...]
    discarded: tuple[Letter, ...]
    refused: tuple[tuple[Letter, str], ...]
    """Quarantined records that their connector still cannot read, and why."""
    unsettled: bool
    """Whether no worker was seen to go on with a released dispatch: records may have been parked meanwhile."""


def letters(kafka: KafkaSettings) -> list[Letter]:
    """All open letters, oldest first. Raises UserError when Kafka cannot be reached."""
    return open_letters(read(kafka, DEAD, range(PARTITIONS)))


def choose(open: Sequence[Letter], words: Sequence[str], reason: DeadReason | None = None) -> list[Letter]:
    """The letters whose id begins with one of `words`, or all of one reason. Raises UserError for a word that fits
    none or several."""
    if not words:
        return [one for one in open if one.reason is reason]
    chosen: dict[str, Letter] = {}
    for word in words:
        fitting = [one for one in open if one.id.startswith(word.lower())]
        if len(fitting) != 1:
            raise UserError(
                t(f"{word}：{len(fitting)} 封死信以此开头", f"{word}: {len(fitting)} open dead letters begin like this")
            )
        chosen[fitting[0].id] = fitting[0]
    return list(chosen.values())


def carry_out(
    kafka: KafkaSettings, plan: Plan, retranslate: Retranslate, *, by: str, reason: str, at: datetime
) -> Done:
    """Do what the plan says. Raises UserError when Kafka fails; then nothing is marked, and doing it again is safe."""
    records, again = list(plan.records), []
    refused = [(one, t("原文不全，请对方重发", "not whole: let its writer send it again")) for one in plan.cut]
    for one in plan.quarantined:
        try:
            records += retranslate(one)
        except ValueError as problem:
            refused.append((one, str(problem)))
        else:
            again.append(one)
    offsets = send(kafka, records)
    replayed = [*plan.replayed, *again]
    marks = [mark(one, How.REPLAYED, by=by, reason=reason, at=at) for one in replayed]
    marks += [mark(one, How.DISCARDED, by=by, reason=reason, at=at) for one in plan.discarded]
    send(kafka, marks)
    released: dict[bytes, tuple[int, int]] = {}
    for record, offset in zip(records, offsets, strict=True):
        if record.topic == INBOX and record.key is not None:
            released.setdefault(record.key, (record.partition, offset))
    late, unsettled = _stragglers(kafka, released, by=by, reason=reason, at=at) if _holds(plan) else ([], False)
    return Done(tuple(replayed + late), tuple(plan.discarded), tuple(refused), unsettled)


def _holds(plan: Plan) -> bool:
    return any(one.held for one in [*plan.replayed, *plan.discarded])


def _stragglers(
    kafka: KafkaSettings, released: dict[bytes, tuple[int, int]], *, by: str, reason: str, at: datetime
) -> tuple[list[Letter], bool]:
    """Records parked between our reading and the release: sent again once the worker is past the release.

    `released`: key -> partition and offset of the first record sent for it.
    """
    until = monotonic() + SETTLE_SECONDS
    for partition, offset in released.values():
        while committed(kafka, GROUP, INBOX, partition) <= offset:
            if monotonic() > until:
                return [], True
            sleep(LOOK_SECONDS)
    late = [
        one
        for one in letters(kafka)
        if one.reason is DeadReason.PARKED
        and one.key in released
        and one.place is not None
        and one.place[2] < released[one.key][1]
    ]
    if late:
        plan = replay(late, late, by=by, reason=reason, at=at)
        send(kafka, plan.records)
        send(kafka, [mark(one, How.REPLAYED, by=by, reason=reason, at=at) for one in late])
    return late, False
