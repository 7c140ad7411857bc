"""Theirs <-> ours: one row of the city's list to a Dispatch, one Feedback to the values of a request. Pure.

The city's words end here. A code that no table knows is kept and flagged; only what has no number, no usable time or
no readable form is refused.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar
from unicodedata import normalize

from pydantic import ValidationError

from connectors.runtime.ports import Read, Refused
from connectors.systems.city_rest.settings import CityRestSettings
from connectors.systems.city_rest.times import CityTimes
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
from schemas.feedback import Feedback
from schemas.ids import derived_id
from schemas.limits import refusal

T = TypeVar("T")
Ours = Mapping[str, Any]
"""Our field -> what the city says there, still in its words."""

_NUMBER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,79}")
_AREA: Final = re.compile(r"\d{6}(\d{3}){0,2}")
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
_LINE_MOST, _TEXT_MOST = 500, 20_000
_CUT: Final = "……（过长，已截断）"
_NO_DIGEST: Final = "0" * 16


class NoWordError(ValueError):
    """Our word has no counterpart in the city's table; the text names the table."""


class Translator:
    """One city's tables, ready for use."""

    def __init__(self, settings: CityRestSettings) -> None:
        self._settings = settings
        self._times = CityTimes(settings.times)
        self._categories = {theirs: ours.to for theirs, ours in settings.codes.category.items()}
        self._paths: dict[str, tuple[str, ...]] = {
            name: tuple(path.split(".")) for name, path in settings.fields.model_dump(exclude_none=True).items()
        }

    def read(self, raw: bytes, row: Any) -> Read:
        """The dispatch that `row` shows, or why there is none. `raw` is the row as the city sent it."""
        if (reason := refusal(raw)) is not None:
            return Refused(reason, raw)
        if not isinstance(row, dict):
            return Refused(DeadReason.UNREADABLE, raw, "row")
        return self._read(raw, self._ours(row))

    def _read(self, raw: bytes, row: Ours) -> Read:
        number = _number(row)
        if number is None:
            return Refused(DeadReason.NO_NUMBER, raw, "number")
        id = f"{self._settings.source}:{number}"  # noqa: A001 - the field's own word
        updated, issued = self._time(row, "updated_at"), self._time(row, "issued_at")
        if updated is None or issued is None:
            return Refused(DeadReason.NO_TIME, raw, "updated_at" if updated is None else "issued_at", id.encode())
        try:
            coded = self._coded(row)
            return stamped(
                Dispatch(
                    id=id,
                    source=self._settings.source,
                    number=number,
                    digest=_NO_DIGEST,
                    issued_at=issued,
                    updated_at=updated,
                    due_at=self._time(row, "due_at"),
                    round=self._round(row),
                    merged_into=self._merged_into(row),
                    title=self._title(row),
                    body=_cut(_text(row, "body"), _TEXT_MOST),
                    category_names=self._parts(row, "category_names"),
                    caller=self._caller(row),
                    attachments=self._attachments(row),
                    remark=_cut(_text(row, "remark"), _TEXT_MOST),
                    **coded,
                )
            )
        except ValidationError as problem:
            where = ".".join(map(str, problem.errors(include_url=False, include_input=False)[0]["loc"]))
            return Refused(DeadReason.UNREADABLE, raw, where, id.encode())

    def read_raw(self, raw: bytes) -> Read:
        """The same for a row of which only the bytes are left, as in quarantine."""
        reason = refusal(raw)
        return Refused(reason, raw) if reason is not None else self.read(raw, json.loads(raw))

    def number(self, row: Mapping[str, Any]) -> str | None:
        """The city's number; None where it has none that could be an identifier."""
        return _number(self._ours(row))

    def _ours(self, row: Mapping[str, Any]) -> Ours:
        """What stands at the path of each of our fields."""
        return {name: row.get(path[0]) if len(path) == 1 else _walk(row, path) for name, path in self._paths.items()}

    def values(self, feedback: Feedback, id: str, unit: str) -> dict[str, str]:
        """What a request about this feedback may say, in the city's words. Raises NoWordError."""
        words, write = self._settings.words, self._times.write
        kind = words.kind.get(feedback.kind, feedback.kind.value)
        return {
            "number": feedback.number,
            "id": id,
            "kind": kind,
            "round": str(feedback.round),
            "occurred_at": write(feedback.occurred_at),
            "unit": feedback.department_name or unit,
            "note": feedback.note,
            "public_reply": feedback.public_reply,
            "contacted": self._flag(feedback.contacted),
            "contacted_at": write(feedback.contacted_at),
            "founded": self._flag(feedback.founded),
            "solved": self._flag(feedback.solved),
            "unsolved_reason": feedback.unsolved_reason,
            "reason": _word(words.reason, feedback.reason, "reason"),
            "extend_days": "" if feedback.extend_days is None else str(feedback.extend_days),
            "timeliness": _word(words.timeliness, feedback.timeliness, "timeliness") if words.timeliness else "",
            "attachments": self._settings.separators.attachments.join(
                one.url or one.id for one in feedback.attachments
            ),
        }

    def _flag(self, value: bool | None) -> str:
        flag = self._settings.words.flag
        return "" if value is None else flag.yes if value else flag.no

    def _coded(self, row: Ours) -> dict[str, Any]:
        """Every field that the city writes as a code, with the codes themselves and which of them are unknown."""
        tables = self._settings.codes
        codes: dict[str, str] = {}
        unknown: list[Unknown] = []

        def ours(field: Unknown, table: Mapping[str, T], otherwise: T) -> T:
            theirs = _text(row, field)
            if theirs:
                codes[field] = theirs
                if theirs not in table:
                    unknown.append(field)
            return table.get(theirs, otherwise)

        category = ours(Unknown.CATEGORY, self._categories, UNKNOWN_CATEGORY)
        if category == UNKNOWN_CATEGORY and Unknown.CATEGORY not in unknown:
            unknown.append(Unknown.CATEGORY)
        urgency = ours(Unknown.URGENCY, tables.urgency, Urgency.NORMAL)
        kind = ours(Unknown.KIND, tables.kind, Kind.OTHER)
        channel = ours(Unknown.CHANNEL, tables.channel, Channel.OTHER)
        about = ours(Unknown.ABOUT, tables.about, "")
        place = self._place(row, codes, unknown)
        return {
            # a status nobody knows leaves the order open: work is then done rather than not
            "status": self._status(row, codes),
            "category": category,
            "urgency": urgency,
            "kind": kind,
            "channel": channel,
            "about": (about,) if about else (),
            "place": place,
            "secret": self._secret(row),
            "city_codes": codes,
            "unknown": tuple(unknown),
        }

    def _status(self, row: Ours, codes: dict[str, str]) -> CityStatus:
        theirs = _text(row, "status")
        if theirs:
            codes["status"] = theirs
        return self._settings.codes.status.get(theirs, CityStatus.OPEN)

    def _secret(self, row: Ours) -> bool:
        """An unknown flag keeps the secret."""
        theirs = _text(row, "secret")
        return self._settings.codes.secret.get(theirs, True) if theirs else False

    def _place(self, row: Ours, codes: dict[str, str], unknown: list[Unknown]) -> Place:
        area = normalize("NFKC", _text(row, "area"))
        known = self._settings.codes.area
        valid = _AREA.fullmatch(area) is not None
        if area:
            codes[Unknown.AREA] = area
            if not valid or (known and area not in known and area[:9] not in known):
                unknown.append(Unknown.AREA)
        return Place(
            area_code=area if valid else None,
            township=_line(row, "township"),
            community=_line(row, "community"),
            address=_line(row, "address"),
            longitude=_degrees(_text(row, "longitude"), 180),
            latitude=_degrees(_text(row, "latitude"), 90),
        )

    def _caller(self, row: Ours) -> Caller | None:
        caller = Caller(
            name=_line(row, "caller_name"),
            phone=self._phone(row, "caller_phone"),
            contact_phone=self._phone(row, "contact_phone"),
        )
        return caller if caller.name or caller.phone or caller.contact_phone else None

    def _phone(self, row: Ours, field: str) -> str | None:
        return _cut(normalize("NFKC", _text(row, field)), _LINE_MOST) or None

    def _round(self, row: Ours) -> int:
        text = _text(row, "round")
        return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 5 else 1

    def _merged_into(self, row: Ours) -> str | None:
        number = normalize("NFKC", _text(row, "merged_into"))
        return f"{self._settings.source}:{number}" if _NUMBER.fullmatch(number) else None

    def _title(self, row: Ours) -> str:
        return _cut(_text(row, "title").translate(_INVISIBLE), _LINE_MOST)

    def _attachments(self, row: Ours) -> tuple[Attachment, ...]:
        found = row.get("attachments")
        separator = self._settings.separators.attachments
        links = found if isinstance(found, list) else str(found or "").split(separator)
        made = []
        for link in links:
            url = str(link).strip()
            if url:
                name = url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
                made.append(Attachment(id=derived_id(url), name=_cut(name, _LINE_MOST) or "attachment", url=url))
        return tuple(made)

    def _parts(self, row: Ours, field: str) -> tuple[str, ...]:
        separator = self._settings.separators.category_names
        return tuple(_cut(part.strip(), _LINE_MOST) for part in _text(row, field).split(separator) if part.strip())

    def _time(self, row: Ours, field: str) -> Any:
        return self._times.read(row.get(field))


def _number(row: Ours) -> str | None:
    number = normalize("NFKC", _text(row, "number"))
    return number if _NUMBER.fullmatch(number) else None


def _line(row: Ours, field: str) -> str | None:
    return _cut(_text(row, field), _LINE_MOST) or None


def _text(row: Ours, field: str) -> str:
    found = row.get(field)
    if isinstance(found, str):
        return found.strip()
    return "" if found is None or isinstance(found, dict | list) else str(found).strip()


def _walk(row: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    found: Any = row
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _word(table: Mapping[Any, str], ours: str | None, name: str) -> str:
    if ours is None:
        return ""
    if ours not in table:
        raise NoWordError(name)
    return table[ours]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - len(_CUT)] + _CUT


def _degrees(text: str, most: int) -> float | None:
    try:
        degrees = float(text)
    except ValueError:
        return None
    return degrees if -most <= degrees <= most and degrees != 0 else None
