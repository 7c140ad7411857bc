"""The rows of bridge.cases: of each key the newest, and whether it is the last one."""

from typing import NamedTuple

from deploy.books.raw import Line, Record, UnreadableError, head, words_of


class Row(NamedTuple):
    """What is remembered of a key's rows in bridge.cases while its partition is read."""

    last: int
    highest: int
    value: bytes | None


def newer(known: Row | None, record: Record) -> Row:
    """`known` after one more row of its key. Raises UnreadableError when the row does not say what it was made from."""
    (at,) = head(record, "at")
    if at is None or not at.isdigit():
        raise UnreadableError
    made = int(at)
    if known is None or made >= known.highest:
        return Row(made, made, record.value)
    return known._replace(last=made)


def line(part: int, dispatch: str, row: Row) -> Line:
    """The line of a key whose rows have all been read. Raises UnreadableError."""
    words = words_of(row.value) if row.value is not None else {}
    return (part, dispatch, row.last, row.highest, words.get("seq"), words.get("state"))
