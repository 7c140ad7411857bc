"""The virtual departments: sign, contact, answer, give back, ask for more time; in office hours, not always in time."""

import json
from collections.abc import Sequence
from random import Random
from typing import Any, Final

from deploy.simulate.agenda import DAY, HOUR, MINUTE, SECOND, Agenda, moment, ms_of
from deploy.simulate.days import Days
from deploy.simulate.posting import Post
from schemas.report import Report, ReportKind, ReturnReason
from streams.records import Record

Share = tuple[str, str]
"""Dispatch and department."""

REASONS: Final = tuple(ReturnReason)


class Departments:
    """All of the county's; each has its plans for each share that it holds."""

    def __init__(self, agenda: Agenda, post: Post, days: Days, seed: str, codes: Sequence[str]) -> None:
        self._agenda, self._post, self._days, self._seed, self._codes = agenda, post, days, seed, codes
        self._told: dict[Share, int] = {}
        """Newest `seq` that each has been told."""
        self._held: dict[Share, int] = {}
        """Which plan counts; 0 where it holds the share no more."""
        self._plans = 0

    def told(self, record: Record) -> None:
        """An assignment has come."""
        said: dict[str, Any] = json.loads(record.value or b"{}")
        share = said["dispatch"], said["department"]
        if said["seq"] <= self._told.get(share, 0):
            return
        self._told[share] = said["seq"]
        if said["action"] in {"assigned", "redo"}:
            self._plan(share, said)
        elif said["action"] == "withdrawn":
            self._held[share] = 0

    def noticed(self, record: Record) -> None:
        """The city refused the result: it is given again."""
        if b'"city_rejected"' not in (record.value or b""):
            return
        said = json.loads(record.value or b"{}")
        share = said["dispatch"], said["department"]
        plan = self._held.get(share, 0)
        if said["audience"] != "department" or not plan:
            return
        chance = self._chance("again", *share, said["seq"])
        self._in_office(chance, 1 * HOUR, 20 * HOUR, share, plan, ReportKind.RESULT, public_reply="再次办理完毕")

    def _plan(self, share: Share, said: dict[str, Any]) -> None:
        self._plans += 1
        plan = self._held[share] = self._plans
        chance = self._chance("plan", *share, said["seq"])
        now, pressing = self._agenda.now, said.get("urgency", "normal") != "normal"
        if chance.random() < 0.97:
            on_duty = pressing or chance.random() < 0.92
            wait = chance.randrange(1, 45 if chance.random() < 0.12 else 10) * MINUTE
            self._at((now if on_duty else self._days.next_open(now)) + wait, share, plan, ReportKind.SIGNED)
        if said["role"] == "assist":
            self._in_office(chance, 2 * HOUR, 6 * DAY, share, plan, ReportKind.RESULT, public_reply="已配合")
            return
        mood = chance.random()
        if mood < 0.04:
            self._in_office(chance, 10 * MINUTE, 2 * DAY, share, plan, ReportKind.RETURN, reason=chance.choice(REASONS))
        elif mood < 0.055:
            to = chance.choice(self._codes)
            self._in_office(chance, 10 * MINUTE, 1 * DAY, share, plan, ReportKind.TRANSFER, to=to)
        self._work(chance, share, plan, said, pressing)

    def _work(self, chance: Random, share: Share, plan: int, said: dict[str, Any], pressing: bool) -> None:
        now = self._agenda.now
        due = ms_of(said["due_at"]) if "due_at" in said else now + 3 * DAY
        span = max(due - now, 30 * MINUTE)
        if chance.random() < 0.9:
            slow = chance.random() < 0.2
            least, most = (5 * MINUTE, (3 if slow else 1) * HOUR) if pressing else (HOUR, (30 if slow else 7) * HOUR)
            if pressing:
                self._at(now + chance.randrange(least, most), share, plan, ReportKind.CONTACTED)
            else:
                self._in_office(chance, least, most, share, plan, ReportKind.CONTACTED)
        if chance.random() < 0.25:
            self._in_office(chance, HOUR, max(2 * HOUR, span), share, plan, ReportKind.PROGRESS, note="正在办理")
        if chance.random() < 0.06:
            asked_at = now + int(span * chance.uniform(0.5, 1.1))
            self._at(asked_at, share, plan, ReportKind.EXTENSION, extend_days=chance.randrange(1, 13))
        pace = chance.random()
        if pace < 0.78:
            answers = now + int(span * chance.uniform(0.15, 0.98))
        elif pace < 0.97:
            answers = now + span + int(chance.expovariate(1 / (2 * DAY)))
        else:
            answers = now + span + 12 * DAY
        if not pressing:
            answers = self._days.next_open(answers)
        contacted = True if chance.random() < 0.5 else None
        self._at(answers, share, plan, ReportKind.RESULT, public_reply="已办理完毕", contacted=contacted)

    def _in_office(
        self, chance: Random, least: int, most: int, share: Share, plan: int, kind: ReportKind, **fields: Any
    ) -> None:
        at = self._days.next_open(self._agenda.now + chance.randrange(least, most))
        self._at(at + chance.randrange(0, 40) * MINUTE, share, plan, kind, **fields)

    def _at(self, at: int, share: Share, plan: int, kind: ReportKind, **fields: Any) -> None:
        self._agenda.at(at // SECOND * SECOND + SECOND, self._say, share, plan, kind, fields)

    def _say(self, share: Share, plan: int, kind: ReportKind, fields: dict[str, Any]) -> None:
        dispatch, department = share
        now = self._agenda.now
        chance = self._chance("say", dispatch, department, kind, now)
        if self._held.get(share) != plan and chance.random() > 0.02:
            return
        report = Report(dispatch=dispatch, kind=kind, at=moment(now), **fields)
        lag = chance.randrange(0, 20) * SECOND
        if chance.random() < 0.01:
            # its own system was offline, and sends what it has kept
            lag = chance.randrange(1, 9) * HOUR
        times = 2 if chance.random() < 0.02 else 1
        self._agenda.after(lag, lambda: self._post.report(department, report, times=times))

    def _chance(self, *parts: str | int) -> Random:
        return Random("/".join(map(str, (self._seed, *parts))))  # noqa: S311 - a world, no secret
