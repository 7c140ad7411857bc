"""The virtual city: issues dispatches, answers feedback, closes, orders again, changes its mind; sometimes late."""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from deploy.simulate.agenda import DAY, HOUR, MINUTE, SECOND, Agenda, moment
from deploy.simulate.days import Days, day_of, midnight
from deploy.simulate.posting import Post, own_id
from deploy.simulate.shape import AREAS, CATEGORY, KIND, OF_ITS_OWN, URGENCY
from schemas.dispatch import Channel, CityStatus, Dispatch, Kind, Place, Unknown, Urgency, stamped
from schemas.feedback import FeedbackKind, Outcome, OutcomeKind
from streams.records import Record

SOURCE: Final = "city"
ATTACK: Final = "../../WEB-INF/web.xml;x="
REDO_SHARE: Final = 0.07


@dataclass(slots=True)
class Sheet:
    """The city's own sheet of one dispatch."""

    number: str
    chance: Random
    issued: int
    updated: int
    urgency: str
    kind: str
    category: str
    area: str
    due: int | None
    status: str = "open"
    round: int = 1
    remark: str = ""
    answered: set[str] = field(default_factory=set)

    @property
    def id(self) -> str:
        """The dispatch id."""
        return f"{SOURCE}:{self.number}"


class City:
    """Its sheets, its connector (polls, delivers), and its moods, drawn per dispatch."""

    def __init__(self, agenda: Agenda, post: Post, days: Days, seed: str) -> None:
        self._agenda, self._post, self._days, self._seed = agenda, post, days, seed
        self._sheets: dict[str, Sheet] = {}

    def issue(self, number: int) -> None:
        """A new dispatch, now."""
        chance = Random(f"{self._seed}/city/{number}")  # noqa: S311 - a world, no secret
        now = self._agenda.now
        urgency = URGENCY.one(chance)
        due = None
        if chance.random() < OF_ITS_OWN:
            due = self._own_due(chance, now, urgency)
        sheet = Sheet(
            f"HS{number:08d}",
            chance,
            now,
            now,
            urgency,
            KIND.one(chance),
            CATEGORY.one(chance),
            chance.choice(AREAS),
            due,
        )
        self._sheets[sheet.id] = sheet
        lag = chance.randrange(10, 60) * SECOND
        late = chance.random()
        if late < 0.008:
            # the city shows it hours after it was issued
            sheet.updated = now + chance.randrange(1, 30) * HOUR
        elif late < 0.016:
            lag = chance.randrange(20 * MINUTE // SECOND, 12 * HOUR // SECOND) * SECOND
        self._agenda.at(sheet.updated + lag, self._show, sheet, sheet.updated)
        self._moods(sheet)

    def _moods(self, sheet: Sheet) -> None:
        chance, agenda = sheet.chance, self._agenda
        soon = chance.randrange(5 * MINUTE // SECOND, 4 * DAY // SECOND) * SECOND
        mood = chance.random()
        if mood < 0.01:
            agenda.at(sheet.updated + soon, self._end, sheet, "withdrawn")
        elif mood < 0.015:
            agenda.at(sheet.updated + soon, self._end, sheet, "merged")
        elif mood < 0.018:
            agenda.at(sheet.updated + soon, self._end, sheet, "closed")
        elif mood < 0.08:
            agenda.at(sheet.updated + soon, self._amend, sheet)
        elif mood < 0.10:
            agenda.at(sheet.updated + soon, self._touch, sheet)

    def _own_due(self, chance: Random, now: int, urgency: str) -> int:
        if urgency != "normal":
            return now + chance.randrange(1, 30) * HOUR
        day = day_of(now) + chance.randrange(1, 16)
        if chance.random() < 0.7:
            return midnight(self._days.roll(day) + 1)
        return midnight(day) + 18 * HOUR

    # what the connector sees

    def _show(self, sheet: Sheet, updated: int) -> None:
        """The connector polls: it reads what the city shows now, unless it has read that already."""
        if updated != sheet.updated or self._agenda.now < sheet.updated:
            return
        dispatch = self._dispatch(sheet)
        times = 2 if sheet.chance.random() < 0.02 else 1
        self._post.city(dispatch, sheet.id, own_id(sheet.id, updated, dispatch.digest), times=times)

    def _dispatch(self, sheet: Sheet) -> Dispatch:
        return stamped(
            Dispatch(
                id=sheet.id,
                source=SOURCE,
                number=sheet.number,
                digest="0" * 16,
                status=CityStatus(sheet.status),
                round=sheet.round,
                merged_into=f"{SOURCE}:HS00000000" if sheet.status == "merged" else None,
                issued_at=moment(sheet.issued),
                updated_at=moment(sheet.updated),
                due_at=None if sheet.due is None else moment(sheet.due),
                channel=Channel.PHONE,
                kind=Kind(sheet.kind),
                urgency=Urgency(sheet.urgency),
                title="来电反映" if sheet.issued % 500_000 else ATTACK,
                body="请核实处理。",
                category=sheet.category,
                place=Place(area_code=sheet.area),
                remark=sheet.remark,
                unknown=(Unknown.CATEGORY,) if sheet.category == "unknown" else (),
            )
        )

    def _update(self, sheet: Sheet, lag: int | None = None) -> None:
        sheet.updated = max(self._agenda.now, sheet.updated + SECOND)
        wait = sheet.chance.randrange(10, 60) * SECOND if lag is None else lag
        self._agenda.at(sheet.updated + wait, self._show, sheet, sheet.updated)

    # its moods

    def _end(self, sheet: Sheet, status: str) -> None:
        if sheet.status == "open":
            sheet.status = status
            self._update(sheet)

    def _touch(self, sheet: Sheet) -> None:
        if sheet.status == "open":
            self._update(sheet)

    def _amend(self, sheet: Sheet) -> None:
        if sheet.status != "open":
            return
        chance = sheet.chance
        match chance.randrange(5):
            case 0:
                sheet.urgency = "critical" if sheet.urgency == "urgent" else "urgent"
            case 1:
                sheet.urgency = "normal"
            case 2:
                sheet.kind = KIND.one(chance)
            case 3:
                sheet.due = self._own_due(chance, self._agenda.now, sheet.urgency)
            case _:
                sheet.remark = "请尽快办理"
                sheet.category = CATEGORY.one(chance)
        self._update(sheet)
        if chance.random() < 0.3:
            self._agenda.after(chance.randrange(1, 3 * DAY // SECOND) * SECOND, self._amend, sheet)

    # what it is told

    def told(self, record: Record) -> None:
        """A feedback: the connector delivers it, each once, and writes what the city said."""
        said: dict[str, Any] = json.loads(record.value or b"{}")
        sheet = self._sheets[said["dispatch"]]
        own = (dict(record.headers)["ce_id"] or b"").decode()
        if own in sheet.answered:
            return
        sheet.answered.add(own)
        wait = sheet.chance.randrange(1, 15)
        slow = sheet.chance.random()
        if slow < 0.02:
            wait += sheet.chance.randrange(60, 6 * HOUR // SECOND)
        self._agenda.at(_whole(self._agenda.now) + wait * SECOND, self._answer, sheet, own, said)

    def _answer(self, sheet: Sheet, own: str, said: dict[str, Any]) -> None:
        chance, kind = sheet.chance, said["kind"]
        refuses = {"result": 0.03, "extension": 0.3, "return": 0.5, "progress": 0.01}.get(kind, 0.0)
        outcome = OutcomeKind.REJECTED if chance.random() < refuses else OutcomeKind.DELIVERED
        if outcome is OutcomeKind.DELIVERED and chance.random() < 0.02:
            outcome = OutcomeKind.EXISTS
        message = Outcome(
            dispatch=sheet.id,
            feedback_id=own,
            kind=FeedbackKind(kind),
            round=said["round"],
            outcome=outcome,
            at=moment(self._agenda.now),
        )
        times = 2 if chance.random() < 0.02 else 1
        self._post.inbox(message, sheet.id, own_id("outcome", own), "/paidan/connectors/city", times=times)
        taken = outcome is not OutcomeKind.REJECTED
        if kind == "result" and taken and said["round"] == sheet.round:
            self._agenda.after(self._callback(chance), self._called_back, sheet, sheet.round)
        elif kind == "extension" and taken and sheet.due is not None and chance.random() < 0.5:
            day = day_of(sheet.due - 1)
            sheet.due = midnight(self._days.add(day, said["extend_days"]) + 1)
            self._update(sheet)

    def _callback(self, chance: Random) -> int:
        return chance.randrange(2 * HOUR // SECOND, (9 if chance.random() < 0.15 else 3) * DAY // SECOND) * SECOND

    def _called_back(self, sheet: Sheet, round: int) -> None:
        if sheet.status != "open" or sheet.round != round:
            return
        if sheet.chance.random() < REDO_SHARE:
            sheet.round += 1
            if sheet.due is not None:
                sheet.due = self._own_due(sheet.chance, self._agenda.now, sheet.urgency)
            self._update(sheet)
        elif sheet.chance.random() < 0.97:
            self._end(sheet, "closed")


def _whole(ms: int) -> int:
    return -(-ms // SECOND) * SECOND
