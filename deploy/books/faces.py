"""Digests of what a dispatch says, so that the city's version, a snapshot and a department's view can be compared."""

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final

_SEPARATOR: Final = b"\x1f"


def digest(data: bytes) -> int:
    """64 bits of a digest, as SQLite holds them."""
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big", signed=True)


def bare(text: object) -> bytes:
    """A text without any white space: what two systems may space differently and still mean the same."""
    return "".join(str("" if text is None else text).split()).encode(errors="surrogatepass")


def seconds(text: object) -> bytes:
    """A moment with its zone, as whole epoch seconds; nothing where there is none."""
    if not isinstance(text, str):
        return b""
    moment = datetime.fromisoformat(text)
    return b"%d" % int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())


def face(title: object, body: object, remark: object) -> int:
    """What every department that holds a dispatch sees of its content as it was written: its deadline is the county's,
    and another one."""
    return digest(_SEPARATOR.join((bare(title), bare(body), bare(remark))))


def print_of(face_of_it: int, due: bytes, status: object, round_: object, others: Iterable[object]) -> int:
    """What distinguishes two versions of a dispatch: its face, the city's deadline, its status and round, and what not
    everybody sees."""
    return digest(_SEPARATOR.join((b"%d" % face_of_it, due, bare(status), bare(round_), *map(bare, others))))
