"""Dead letters as an operator sees them: which are open, what a replay or a discard has to send, and in what order.

Pure: records in, values out. A letter that was dealt with is marked by one more record on `bridge.dead`, so that the
topic alone says what is open.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Final

from pydantic import BaseModel

from deploy.operators.kafka import ToSend
from deploy.operators.orders import order_record
from schemas.base import Instant
from schemas.codec import encode
from schemas.dead_letter import DeadLetter, DeadReason, original_headers
from schemas.envelope import ORIGIN
from schemas.ids import derived_id
from schemas.order import Order, OrderAction
from schemas.topics import DEAD, INBOX, PARTITIONS, partition_of
from streams.names import CUT

RESOLVED: Final = "dead-resolved"
"""Header of a mark: the id of the letter that was dealt with. A mark has no `dead-reason`."""

HELD: Final = frozenset({DeadReason.HANDLER_FAILED, DeadReason.PARKED})
"""Reasons for which the dispatch stands still until somebody acts."""

CONNECTOR: Final = "connector/"


class How(StrEnum):
    """What was done with a letter."""

    REPLAYED = "replayed"
    DISCARDED = "discarded"


class Mark(BaseModel):
    """The value of a mark."""

    letter: str
    how: How
    by: str
    reason: str
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One record that died, however often that was written down (a crash before the commit repeats it)."""

    id: str
    """Of origin, key and bytes: 24 hex digits, of which an operator types the first few."""
    reason: DeadReason
    origin: str
    detail: str
    died_at: datetime
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    """What the record carried before it died."""
    seen: int = 1

    @property
    def place(self) -> tuple[str, int, int] | None:
        """Topic, partition and offset that it came from; None for what never was a record."""
        topic, _, rest = self.origin.partition("/")
        partition, _, offset = rest.partition("/")
        return (topic, int(partition), int(offset)) if partition.isdigit() and offset.isdigit() else None

    @property
    def cut(self) -> bool:
        """Whether it holds only the first part of an original that was too large."""
        return self.detail.startswith(CUT)

    @property
    def held(self) -> bool:
        """Whether its dispatch stands still because of it."""
        return self.reason in HELD and self.key is not None and self.origin.startswith(f"{INBOX}/")


def letter(record: Any) -> Letter | None:
    """The letter in one record of `bridge.dead`; None for a mark, and for what is none of ours."""
    try:
        why = DeadLetter.read(record.headers)
    except (KeyError, ValueError):
        return None
    body = blake2b(record.value or b"", digest_size=16).hexdigest()
    return Letter(
        id=derived_id(why.origin, (record.key or b"").hex(), body),
        reason=why.reason,
        origin=why.origin,
        detail=why.detail,
        died_at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        key=record.key,
        value=record.value,
        headers=tuple(original_headers(record.headers)),
    )


def open_letters(records: Iterable[Any]) -> list[Letter]:
    """Those not dealt with, oldest first."""
    found: dict[str, Letter] = {}
    done: set[str] = set()
    for record in records:
        if mark := dict(record.headers).get(RESOLVED):
            done.add(mark.decode())
        elif one := letter(record):
            known = found.get(one.id)
            found[one.id] = one if known is None else replace(known, seen=known.seen + 1)
    return sorted((one for one in found.values() if one.id not in done), key=lambda one: one.died_at)


def resent(one: Letter) -> ToSend | None:
    """The record as it was, for the topic it came from; None where it never was a record.

    To the inbox it goes without the position it first had: that one may be behind what came meanwhile from the same
    place, and it would be taken for an old repeat. Real repeats are known by their id.
    """
    if one.place is None:
        return None
    topic, partition, _ = one.place
    if topic == INBOX:
        headers = tuple((name, value) for name, value in one.headers if name != ORIGIN)
        return ToSend(topic, partition, one.key, one.value, headers)
    return ToSend(topic, partition, one.key, one.value, one.headers)


def mark(one: Letter, how: How, *, by: str, reason: str, at: datetime) -> ToSend:
    """The record that says it was dealt with."""
    value = encode(Mark(letter=one.id, how=how, by=by, reason=reason, at=at))
    partition = partition_of(one.key) if one.key is not None else int(one.id, 16) % PARTITIONS
    return ToSend(DEAD, partition, one.key, value, ((RESOLVED, one.id.encode()),))


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send, in this order, and what is dealt with once the broker has it."""

    records: list[ToSend] = field(default_factory=list)
    replayed: list[Letter] = field(default_factory=list)
    discarded: list[Letter] = field(default_factory=list)
    quarantined: list[Letter] = field(default_factory=list)
    """To be translated again by their connector: they never were records."""
    cut: list[Letter] = field(default_factory=list)
    """Not whole, so nothing can be sent."""


def replay(chosen: Sequence[Letter], open: Sequence[Letter], *, by: str, reason: str, at: datetime) -> Plan:
    """Send each where it came from. A held dispatch is released first, then all that it held follows in inbox order."""
    plan = Plan()
    for one in chosen:
        if one.held:
            continue
        if one.cut:
            plan.cut.append(one)
        elif (record := resent(one)) is None:
            plan.quarantined.append(one)
        else:
            plan.records.append(record)
            plan.replayed.append(one)
    _release(plan, {one.key for one in chosen if one.held}, open, by=by, reason=reason, at=at)
    return plan


def discard(chosen: Sequence[Letter], open: Sequence[Letter], *, by: str, reason: str, at: datetime) -> Plan:
    """Give them up. A dispatch whose failed record is given up goes on with what was parked behind it."""
    plan = Plan(discarded=list(chosen))
    gone = {one.id for one in chosen}
    failed = {one.key for one in chosen if one.held and one.reason is DeadReason.HANDLER_FAILED}
    _release(plan, failed, [one for one in open if one.id not in gone], by=by, reason=reason, at=at)
    return plan


def _release(
    plan: Plan, keys: Iterable[bytes | None], open: Iterable[Letter], *, by: str, reason: str, at: datetime
) -> None:
    held = [one for one in open if one.held]
    for key in sorted(key for key in keys if key is not None):
        mine = sorted((one for one in held if one.key == key), key=lambda one: one.place or ("", 0, 0))
        order = Order(dispatch=key.decode(), action=OrderAction.UNPARK, by=by, reason=reason, at=at)
        plan.records.append(order_record(order))
        plan.records.extend(record for one in mine if (record := resent(one)))
        plan.replayed.extend(mine)
