"""Whom a notice reaches: the offices of a county with their contacts, and the choice among these. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from connectors.systems.notices.words import Language
from schemas.notice import Audience, Notice

Role = Literal["handler", "leader"]


class Contact(BaseModel):
    """One person. `address` is what the channel needs."""

    model_config = ConfigDict(frozen=True)

    name: str
    role: Role
    channel: str
    address: str


class Office(BaseModel):
    """A department, or the county centre."""

    model_config = ConfigDict(frozen=True)

    code: str
    name: str
    name_en: str | None = None
    contacts: tuple[Contact, ...] = ()

    def named(self, language: Language) -> str:
        """The name to show."""
        return self.name_en or self.name if language == "en" else self.name


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who is told. `contact` is None where the county pack names nobody."""

    office: Office
    audience: Audience
    contact: Contact | None
    channel: str | None
    """The contact's; where nobody is named, the one that the notice prefers."""


@dataclass(frozen=True, slots=True)
class Directory:
    """Every office by its code. `duty_desk` is the county centre's."""

    offices: Mapping[str, Office]
    duty_desk: str

    def office(self, code: str) -> Office:
        """One that the pack no longer has goes by its code."""
        return self.offices.get(code) or Office(code=code, name=code)

    def receiver(self, notice: Notice) -> Receiver:
        """The office, and of its contacts of that role the one whom the most wanted channel reaches.

        Where no contact has a wanted channel, the first contact by its own; where nobody has the role, anybody.
        """
        centre = notice.audience is Audience.DUTY_DESK or notice.department is None
        office = self.office(self.duty_desk if centre else notice.department or self.duty_desk)
        role: Role = "leader" if notice.audience is Audience.LEADER else "handler"
        able = [contact for contact in office.contacts if contact.role == role] or list(office.contacts)
        wanted = (contact for channel in notice.channels for contact in able if contact.channel == channel)
        contact = next(wanted, able[0] if able else None)
        channel = contact.channel if contact else next(iter(notice.channels), None)
        return Receiver(office, notice.audience, contact, channel)
