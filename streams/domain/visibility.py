"""Who sees what (domain study 2.8, confidentiality): the one table of what a department's record may carry.

Fields are named here one by one, so that a field somebody adds to a dispatch reaches no department by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ConfigDict

from schemas.assignment import Role
from schemas.base import Line
from schemas.dispatch import Attachment, Caller, Dispatch, Place, Unknown
from streams.domain import masking
from streams.domain.built import built, changed, known

LINE: Final = 500
TEXT: Final = 20_000
"""Lengths that the message types allow."""


class Reader(StrEnum):
    """How near a department may come to the caller."""

    LEAD = "lead"
    ASSIST = "assist"
    SECRET = "secret"  # noqa: S105
    """Any department, where the caller asked that nobody is told who called, or where the complaint is about a unit
    that no table knows: it might be this one."""
    ABOUT = "about"
    """The department that the complaint is about, whatever its role."""


def reader(dispatch: Dispatch, department: str, role: Role) -> Reader:
    """The most restricted that applies."""
    if department in dispatch.about:
        return Reader.ABOUT
    if dispatch.secret or Unknown.ABOUT in dispatch.unknown:
        return Reader.SECRET
    return Reader.ASSIST if role is Role.ASSIST else Reader.LEAD


Cleaner = Callable[[str, Caller | None], str]


@dataclass(frozen=True, slots=True)
class Sight:
    """One line of the table."""

    name: bool
    """The caller's name."""
    phones: bool
    """The caller's telephone numbers."""
    attachments: bool
    """Files: a recording or a photograph can show who complained."""
    cleaner: Cleaner | None
    """What takes out of free text what this reader must not learn."""


SIGHT: Final = {
    Reader.LEAD: Sight(name=True, phones=True, attachments=True, cleaner=None),
    Reader.ASSIST: Sight(name=True, phones=False, attachments=True, cleaner=masking.numbers),
    Reader.SECRET: Sight(name=False, phones=False, attachments=True, cleaner=masking.identity),
    Reader.ABOUT: Sight(name=False, phones=False, attachments=False, cleaner=masking.identity),
}


class Shown(NamedTuple):
    """Fields of an assignment that this reader gets, and the names of those that were kept back, or masked in part."""

    fields: dict[str, Any]
    hidden: tuple[str, ...]


def shown_to(dispatch: Dispatch, department: str, role: Role) -> Shown:
    """What `department` in this role may know of the dispatch."""
    sieve = Sieve(SIGHT[reader(dispatch, department, role)], dispatch.caller)
    fields = {
        "due_at": dispatch.due_at,
        "issued_at": dispatch.issued_at,
        "kind": dispatch.kind,
        "urgency": dispatch.urgency,
        "title": sieve.text("title", dispatch.title, LINE),
        "body": sieve.text("body", dispatch.body, TEXT),
        "category": dispatch.category,
        "category_names": dispatch.category_names,
        "place": sieve.place(dispatch.place),
        "caller": sieve.caller(),
        "remark": sieve.text("remark", dispatch.remark, TEXT),
        "attachments": sieve.attachments(dispatch.attachments),
    }
    return Shown(fields, tuple(dict.fromkeys(sieve.hidden)))


class Titled(BaseModel):
    """As much of a dispatch as a notice needs: read in a third of the time that all of it takes."""

    model_config = ConfigDict(frozen=True)

    title: Line
    caller: Caller | None = None


def for_notice(dispatch: Dispatch | Titled) -> str:
    """The title as it may go to any person's telephone."""
    return masking.identity(dispatch.title, dispatch.caller)[:LINE]


class Sieve:
    """Lets through what one reader may see of one dispatch, and notes what it keeps back."""

    __slots__ = ("_caller", "_sight", "hidden")

    def __init__(self, sight: Sight, caller: Caller | None) -> None:
        self._sight, self._caller = sight, caller
        self.hidden: list[str] = []

    def text(self, name: str, text: str, limit: int) -> str:
        """Free text; `limit` because a mask can be longer than what it covers."""
        cleaner = self._sight.cleaner
        if cleaner is None or not text:
            return text
        cleaned = cleaner(text, self._caller)[:limit]
        if cleaned != text:
            self.hidden.append(name)
        return cleaned

    def caller(self) -> Caller | None:
        """Who called, as far as the reader may know."""
        caller, sight = self._caller, self._sight
        if caller is None:
            return None
        if not sight.name:
            self.hidden.append("caller")
            return None
        if sight.phones:
            return known(caller)
        self.hidden += [f"caller.{name}" for name in ("phone", "contact_phone") if getattr(caller, name) is not None]
        return built(Caller, {"name": caller.name})

    def place(self, place: Place) -> Place:
        """Where; an address can have a number in it."""
        place = known(place)
        if self._sight.cleaner is None:
            return place
        texts = {
            name: self.text(f"place.{name}", text, LINE)
            for name in ("community", "address")
            if (text := getattr(place, name))
        }
        return changed(place, texts)

    def attachments(self, files: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
        """By reference; a link that spells out what must not be told is kept back."""
        if files and not self._sight.attachments:
            self.hidden.append("attachments")
            return ()
        if self._sight.cleaner is None:
            return tuple(map(known, files))
        return tuple(self._file(known(file)) for file in files)

    def _file(self, file: Attachment) -> Attachment:
        name = self.text("attachments.name", file.name, LINE)
        url = file.url and self.text("attachments.url", file.url, TEXT)
        return changed(file, {"name": name, "url": url if url == file.url else None})
