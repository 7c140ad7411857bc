"""Notices to messages that a person can read. Pure: no clock, no file, no caller data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.runtime.notices import Received
from connectors.systems.notices.directory import Directory, Receiver
from connectors.systems.notices.words import (
    AUDIENCES,
    CHANNELS,
    KINDS,
    RUNGS,
    URGENCIES,
    Language,
    mark_words,
    said,
)
from schemas.notice import Audience, Notice, NoticeKind

LATE_WORTH_SAYING_S = 60


@dataclass(frozen=True, slots=True)
class Item:
    """One notice inside a message: what is the matter, with which dispatch, due when."""

    id: str
    dispatch: str
    kind: str
    what: str
    title: str
    due: str
    """Local wall time; empty where nothing is due."""

    def line(self, language: Language) -> str:
        """In one line."""
        due = f"{said(('时限 ', 'due '), language)}{self.due}" if self.due else ""
        number = self.dispatch.partition(":")[2]
        return said(("；", "; "), language).join(filter(None, (self.what, f"{number} {self.title}".strip(), due)))


@dataclass(frozen=True, slots=True)
class Message:
    """What one receiver is told at once: one notice, or several that share a digest."""

    at: datetime
    """Of the first notice; local."""
    receiver: Receiver
    items: tuple[Item, ...]
    language: Language

    @property
    def day(self) -> str:
        """`20260302`: the local day of the first notice."""
        return f"{self.at:%Y%m%d}"

    @property
    def whom(self) -> str:
        """`某局 分管领导 甲乙（企业微信）`."""
        language, receiver = self.language, self.receiver
        parts = [receiver.office.named(language)]
        if receiver.audience is not Audience.DUTY_DESK:
            parts.append(said(AUDIENCES[receiver.audience], language))
        if receiver.contact:
            parts.append(receiver.contact.name)
        channel = said(CHANNELS.get(receiver.channel, (receiver.channel,) * 2), language) if receiver.channel else ""
        return " ".join(parts) + (said((f"（{channel}）", f" ({channel})"), language) if channel else "")

    def text(self) -> str:
        """One line for one notice; for several a head and a line each."""
        head = f"{self.at:%m-%d %H:%M}  {self.whom}{said(('：', ': '), self.language)}"
        if len(self.items) == 1:
            return head + self.items[0].line(self.language)
        many = len(self.items)
        lines = (f"    {number}. {item.line(self.language)}" for number, item in enumerate(self.items, 1))
        return "\n".join([head + said((f"{many} 件提醒", f"{many} reminders"), self.language), *lines])


@dataclass(frozen=True, slots=True)
class Translator:
    """In one language, for one county. `reason`: the word for a reason that the domain gives in code."""

    directory: Directory
    zone: ZoneInfo
    language: Language = "zh"
    reason: Callable[[str], str] = str

    def messages(self, batch: Sequence[Received]) -> list[Message]:
        """In the order of the first notice of each. Only what shares receiver, digest and day is put together."""
        together: dict[tuple[str, ...], list[Received]] = {}
        for one in batch:
            notice = one.notice
            receiver = self.directory.receiver(notice)
            digest = (notice.digest,) if notice.digest else ("", one.id)
            contact = receiver.contact.address if receiver.contact else ""
            key = (receiver.office.code, notice.audience, contact, self._day(notice), *digest)
            together.setdefault(key, []).append(one)
        return [self._message(group) for group in together.values()]

    def place(self, notice: Notice) -> tuple[str, str]:
        """Local day and office code: where its message is put, whatever it is shown together with."""
        return self._day(notice), self.directory.receiver(notice).office.code

    def _day(self, notice: Notice) -> str:
        return f"{notice.occurred_at.astimezone(self.zone):%Y%m%d}"

    def _message(self, group: Sequence[Received]) -> Message:
        first = group[0].notice
        items = tuple(self._item(one) for one in group)
        return Message(first.occurred_at.astimezone(self.zone), self.directory.receiver(first), items, self.language)

    def _item(self, one: Received) -> Item:
        notice = one.notice
        return Item(
            id=one.id,
            dispatch=notice.dispatch,
            kind=notice.kind,
            what=said(URGENCIES[notice.urgency], self.language) + self._what(notice),
            title=" ".join((notice.title or "").split()),
            due=wall_time(notice.due_at, self.zone) if notice.due_at else "",
        )

    def _what(self, notice: Notice) -> str:
        what = self._matter(notice)
        more = []
        if notice.reason:
            more.append(self.reason(notice.reason))
        if notice.audience is Audience.DUTY_DESK and notice.department not in (None, self.directory.duty_desk):
            more.append(self.directory.office(notice.department or "").named(self.language))
        if notice.late_s is not None and notice.late_s > LATE_WORTH_SAYING_S:
            minutes = notice.late_s // 60
            more.append(said((f"系统迟报 {minutes} 分钟", f"told {minutes} min late, by our fault"), self.language))
        if not more:
            return what
        joined = said(("，", ", "), self.language).join(more)
        return what + said((f"（{joined}）", f" ({joined})"), self.language)

    def _matter(self, notice: Notice) -> str:
        if notice.kind is NoticeKind.MARK and notice.mark:
            return mark_words(notice.mark, notice.clock, self.language)
        if notice.kind is NoticeKind.SUPERVISION and notice.rung:
            rung = said(RUNGS[notice.rung], self.language)
            if notice.mark:
                passed = mark_words(notice.mark, notice.clock, self.language)
                return rung + said((f"：{passed}", f": {passed}"), self.language)
            return rung
        return said(KINDS[notice.kind], self.language)


def wall_time(moment: datetime, zone: ZoneInfo) -> str:
    """`2026-03-05 17:30`. Midnight is the end of a day, and said so: `2026-03-05 24:00`."""
    local = moment.astimezone(zone)
    if local.time() == time():
        return f"{local.date() - timedelta(days=1)} 24:00"
    return f"{local:%Y-%m-%d %H:%M}"
