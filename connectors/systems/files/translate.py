"""One row of a file to a Dispatch, one Feedback to the values of a line. Pure.

The file's words end here. A code that no table knows is kept and flagged; only what has no number, no usable time or
no readable form is refused.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypeVar
from unicodedata import normalize

from pydantic import ValidationError

from connectors.runtime.ports import Read, Refused
from connectors.systems.files.mapping import LINE_MOST, Mapped, Plans, cut, one_line
from connectors.systems.files.origin import Origin
from connectors.systems.files.rows import Row, column_key
from connectors.systems.files.settings import FilesSettings
from schemas.dead_letter import DeadReason
from schemas.dispatch import (
    UNKNOWN_CATEGORY,
    Attachment,
    Caller,
    Channel,
    CityStatus,
    Dispatch,
    Kind,
    Place,
    Unknown,
    Urgency,
    stamped,
)
from schemas.ids import derived_id
from schemas.limits import refusal

T = TypeVar("T")

_AREA: Final = re.compile(r"\d{6}(\d{3}){0,2}")
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
_TEXT_MOST: Final = 20_000
_NO_DIGEST: Final = "0" * 16


class Translator:
    """One folder's mapping, ready for use."""

    def __init__(self, settings: FilesSettings) -> None:
        self._settings = settings
        self._plans = Plans(settings)
        self._areas = _area_table(settings.codes.area)
        self._known_areas = frozenset(code for code in self._areas.values() if _AREA.fullmatch(code))

    def read(self, row: Row, origin: Origin) -> Read:
        """The dispatch that the row shows, or why there is none."""
        if row.fault is not None:
            return Refused(row.fault, row.raw, row.detail)
        if (reason := refusal(row.raw)) is not None:
            return Refused(reason, row.raw)
        return self._read(self._plans.over(row.cells, origin), row.raw)

    def read_raw(self, raw: bytes) -> Read:
        """The same for a row of which only the bytes are left, as in quarantine."""
        if (reason := refusal(raw)) is not None:
            return Refused(reason, raw)
        kept = json.loads(raw)
        if not isinstance(kept, dict):
            return Refused(DeadReason.UNREADABLE, raw, "row")
        origin = Origin(name="", modified=None)
        if set(kept) == {"file", "line", "row"} and isinstance(kept["row"], dict):
            origin, kept = Origin(name=str(kept["file"]), modified=None), kept["row"]
        return self._read(self._plans.over({column_key(key): value for key, value in kept.items()}, origin), raw)

    def _read(self, cells: Mapped, raw: bytes) -> Read:
        number = cells.number("number")
        if number is None:
            return Refused(DeadReason.NO_NUMBER, raw, "number")
        id = f"{self._settings.source}:{number}"  # noqa: A001 - the field's own word
        issued = cells.time("issued_at")
        updated = cells.time("updated_at") if cells.text("updated_at") else issued
        if issued is None or updated is None:
            return Refused(DeadReason.NO_TIME, raw, "issued_at" if issued is None else "updated_at", id.encode())
        try:
            return stamped(self._dispatch(cells, id, number, issued, max(issued, updated)))
        except ValidationError as problem:
            where = ".".join(map(str, problem.errors(include_url=False, include_input=False)[0]["loc"]))
            return Refused(DeadReason.UNREADABLE, raw, where, id.encode())

    def _dispatch(self, cells: Mapped, id: str, number: str, issued: datetime, updated: datetime) -> Dispatch:
        codes: dict[str, str] = {}
        unknown: list[Unknown] = []
        tables = self._settings.codes

        def ours(field: Unknown, table: Mapping[str, T], otherwise: T) -> T:
            theirs = cells.text(field.value)
            if not theirs:
                return otherwise
            codes[field.value] = cut(theirs, LINE_MOST)
            if theirs not in table:
                unknown.append(field)
            return table.get(theirs, otherwise)

        category = self._category(cells, codes, unknown)
        urgency = ours(Unknown.URGENCY, tables.urgency, Urgency.NORMAL)
        kind = ours(Unknown.KIND, tables.kind, Kind.OTHER)
        channel = ours(Unknown.CHANNEL, tables.channel, Channel.OTHER)
        place = self._place(cells, codes, unknown)
        about = self._about(cells, codes, unknown)
        for name, theirs in cells.kept().items():
            codes.setdefault(name, cut(theirs, LINE_MOST))
        due = cells.time("due_at", end_of_day=True)
        if due is None and (theirs := cells.text("due_at")):
            # no deadline of ours is made up from it, but nobody shall think that there was none
            codes["due_at"] = cut(theirs, LINE_MOST)
        title, body = self._words(cells)
        return Dispatch(
            id=id,
            source=self._settings.source,
            number=number,
            digest=_NO_DIGEST,
            # a status nobody knows leaves the order open: work is then done rather than not
            status=tables.status.get(self._status(cells, codes), CityStatus.OPEN),
            round=_round(cells.text("round")),
            merged_into=self._merged_into(cells),
            issued_at=issued,
            updated_at=updated,
            due_at=due,
            channel=channel,
            kind=kind,
            urgency=urgency,
            title=title,
            body=body,
            category=category,
            category_names=self._category_names(cells),
            place=place,
            caller=_caller(cells),
            secret=self._secret(cells),
            about=about,
            attachments=self._attachments(cells),
            remark=cut(cells.text("remark"), _TEXT_MOST),
            city_codes=codes,
            unknown=tuple(unknown),
        )

    def _words(self, cells: Mapped) -> tuple[str, str]:
        """Title and body. A title too long for a line is cut, and stands whole at the head of the body."""
        title = one_line(cells.text("title").translate(_INVISIBLE))
        body = cells.text("body")
        if len(title) > LINE_MOST:
            body = f"{title}\n\n{body}" if body else title
        return cut(title, LINE_MOST), cut(body, _TEXT_MOST)

    def _category(self, cells: Mapped, codes: dict[str, str], unknown: list[Unknown]) -> str:
        """The category's own entry, or that of what it belongs to; else unknown, and flagged."""
        theirs = cells.text("category")
        if theirs:
            codes[Unknown.CATEGORY.value] = cut(theirs, LINE_MOST)
        separator = self._settings.separators.category
        path = theirs
        while path:
            if (entry := self._settings.codes.category.get(path)) is not None:
                return entry.to
            path = path.rpartition(separator)[0].strip()
        unknown.append(Unknown.CATEGORY)
        return UNKNOWN_CATEGORY

    def _category_names(self, cells: Mapped) -> tuple[str, ...]:
        field = "category_names" if cells.has("category_names") else "category"
        names = cells.text(field).split(self._settings.separators.category)
        return tuple(cut(name.strip(), LINE_MOST) for name in names if name.strip())

    def _status(self, cells: Mapped, codes: dict[str, str]) -> str:
        theirs = cells.text("status")
        if theirs:
            codes["status"] = cut(theirs, LINE_MOST)
        return theirs

    def _place(self, cells: Mapped, codes: dict[str, str], unknown: list[Unknown]) -> Place:
        theirs = normalize("NFKC", cells.text("area"))
        area = self._areas.get(theirs, theirs)
        valid = _AREA.fullmatch(area) is not None
        if theirs:
            codes[Unknown.AREA.value] = cut(theirs, LINE_MOST)
            known = self._known_areas
            if not valid or (known and area not in known and area[:9] not in known):
                unknown.append(Unknown.AREA)
        return Place(
            area_code=area if valid else None,
            township=cells.line("township"),
            community=cells.line("community"),
            address=cells.line("address"),
            longitude=_degrees(cells.text("longitude"), 180),
            latitude=_degrees(cells.text("latitude"), 90),
        )

    def _about(self, cells: Mapped, codes: dict[str, str], unknown: list[Unknown]) -> tuple[str, ...]:
        theirs = cells.text("about")
        if not theirs:
            return ()
        codes[Unknown.ABOUT.value] = cut(theirs, LINE_MOST)
        separator = self._settings.separators.about
        units = [unit.strip() for unit in theirs.split(separator) if unit.strip()]
        table = self._settings.codes.about
        if any(unit not in table for unit in units):
            unknown.append(Unknown.ABOUT)
        return tuple(dict.fromkeys(table[unit] for unit in units if unit in table))

    def _secret(self, cells: Mapped) -> bool:
        """An unknown flag keeps the secret."""
        theirs = cells.text("secret")
        return self._settings.codes.secret.get(theirs, True) if theirs else False

    def _merged_into(self, cells: Mapped) -> str | None:
        number = cells.number("merged_into")
        return f"{self._settings.source}:{number}" if number else None

    def _attachments(self, cells: Mapped) -> tuple[Attachment, ...]:
        links = cells.text("attachments").split(self._settings.separators.attachments)
        made = []
        for url in (link.strip() for link in links):
            if url:
                name = url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
                made.append(Attachment(id=derived_id(url), name=cut(name, LINE_MOST) or "attachment", url=url))
        return tuple(made)


def _area_table(table: Mapping[str, str]) -> dict[str, str]:
    """What the file says -> GB/T 2260 code; the YAML may name either side first."""
    return {
        said: (said if _AREA.fullmatch(said) and not _AREA.fullmatch(other) else other) for said, other in table.items()
    }


def _caller(cells: Mapped) -> Caller | None:
    caller = Caller(
        name=cells.line("caller_name"), phone=cells.phone("caller_phone"), contact_phone=cells.phone("contact_phone")
    )
    return caller if caller.name or caller.phone or caller.contact_phone else None


def _round(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 5 else 1


def _degrees(text: str, most: int) -> float | None:
    try:
        degrees = float(text)
    except ValueError:
        return None
    return degrees if -most <= degrees <= most and degrees != 0 else None
