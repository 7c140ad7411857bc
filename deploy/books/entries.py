"""One record of a topic -> one line of the ground. Trusts nothing it reads."""

from collections.abc import Callable
from typing import Final

from deploy.books.faces import digest, face, print_of, seconds
from deploy.books.raw import Line, Record, UnreadableError, Words, head, id_of, key_of, words_of
from schemas import topics


def snapshot(record: Record) -> Line:
    """city.dispatches. What cannot be read is kept as such: it must be found among the dead."""
    start = (record.partition, record.offset, key_of(record), id_of(record), digest(record.value or b""))
    try:
        words = words_of(record.value)
        seen, due = face(words.get("title"), words.get("body"), words.get("remark")), seconds(words.get("due_at"))
        caller, place = words.get("caller") or {}, words.get("place") or {}
        others = (caller.get("phone"), place.get("address"), int(bool(words.get("secret"))))
        status, round_ = words.get("status", "open"), words.get("round", 1)
        return (*start, 1, status, round_, words["updated_at"], print_of(seen, due, status, round_, others), seen)
    except (UnreadableError, KeyError, ValueError, AttributeError, TypeError):
        return (*start, 0, None, None, None, None, None)


def inbox(record: Record) -> Line:
    """bridge.inbox; only an outcome is looked into."""
    own, typed, origin = head(record, "ce_id", "ce_type", "origin")
    type_ = (typed or "").removeprefix("paidan.").removesuffix(".v1")
    feedback = outcome = None
    if type_ == "outcome":
        words = words_of(record.value)
        feedback, outcome = str(words.get("feedback_id")), str(words.get("outcome"))
    return (
        record.partition, record.offset, key_of(record), own, digest(record.value or b""), type_,
        origin, feedback, outcome,
    )  # fmt: skip


_WORKED_ON: Final = frozenset({"dispatched", "handling", "on_ledger", "return_up_req"})
"""States of a case in which the city hears of contacts and progress."""


def owed(words: Words) -> str | None:
    """What kind of feedback the city is owed for a fact: the fact says so, or its kind does while work goes on."""
    details = words.get("details") or {}
    if "feedback" in details:
        return str(details["feedback"])
    match words.get("fact"):
        case "extension_requested":
            return "extension"
        case "contacted" if words.get("state") in _WORKED_ON:
            return "contact"
        case "progressed" if words.get("state") in _WORKED_ON:
            return "progress"
        case _:
            return None


def fact(record: Record) -> Line:
    """bridge.journal."""
    words = words_of(record.value)
    _same(words, record)
    return (
        record.partition,
        record.offset,
        key_of(record),
        id_of(record),
        digest(record.value or b""),
        words.get("seq"),
        words.get("fact"),
        words.get("round"),
        words.get("state"),
        words.get("department"),
        words.get("cause"),
        (words.get("details") or {}).get("version"),
        owed(words),
    )


def feedback(record: Record) -> Line:
    """city.feedback."""
    words = words_of(record.value)
    _same(words, record)
    return (
        record.partition, record.offset, key_of(record), id_of(record), digest(record.value or b""),
        words.get("seq"), words.get("kind"), words.get("round"), words.get("department"),
    )  # fmt: skip


def assignment(record: Record) -> Line:
    """dept.<code>.dispatches. The face only where every text is as it was written: for a lead who may see all."""
    words = words_of(record.value)
    _same(words, record)
    whole = words.get("role") == "lead" and words.get("title") is not None and not words.get("hidden")
    seen = face(words.get("title"), words.get("body"), words.get("remark")) if whole else None
    return (
        record.topic, record.offset, key_of(record), id_of(record), digest(record.value or b""),
        words.get("department"), words.get("seq"), words.get("version"), words.get("round"), words.get("action"),
        words.get("role"), seen,
    )  # fmt: skip


def report(record: Record) -> Line:
    """dept.<code>.reports: written by outsiders, so the bytes are all that is taken."""
    return (
        record.topic, record.offset, key_of(record), id_of(record), digest(record.value or b""),
    )  # fmt: skip


def dead(record: Record) -> Line:
    """bridge.dead."""
    own, reason, origin = head(record, "ce_id", "dead-reason", "dead-origin")
    return (
        record.partition, record.offset, key_of(record), own, digest(record.value or b""),
        reason, origin,
    )  # fmt: skip


def _same(words: Words, record: Record) -> None:
    if words.get("dispatch") != key_of(record):
        raise UnreadableError


READERS: Final[dict[str, tuple[str, Callable[[Record], Line]]]] = {
    topics.CITY: ("snapshot", snapshot),
    topics.INBOX: ("inbox", inbox),
    topics.JOURNAL: ("fact", fact),
    topics.FEEDBACK: ("feedback", feedback),
    topics.DEAD: ("dead", dead),
}
"""Topic -> table, and how a record of it is read."""


def reader_of(topic: str) -> tuple[str, Callable[[Record], Line]] | None:
    """The same, with the departments' topics; None for a topic that says nothing here."""
    if topic.startswith("dept."):
        return ("report", report) if topic.endswith(".reports") else ("assignment", assignment)
    return READERS.get(topic)
