"""The oracle: from what the city, the departments and the operators said, in the order of the inbox, which marks had to
be recorded, for which instant, and who had to be told; compared with the journal and the notices as they come.

Which message was accepted, and whom it made lead, is read from the journal's other facts, since states and routes are
proved elsewhere. Everything about time is computed here. Shares no code with `streams`.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from deploy.simulate.accepted import EFFECTS, moved
from deploy.simulate.agenda import MINUTE, SECOND, ms_of, text
from deploy.simulate.days import AHEAD, Days, day_of, midnight
from deploy.simulate.expected import Ask, Due, Said, Told, Watched
from deploy.simulate.runs import Expected
from deploy.simulate.terms import GRAVE, OURS, Terms

PROMPT_MS: Final = 5 * SECOND
"""With nothing troubled, a mark is recorded this soon."""

LATE_S: Final = 60
NAMED: Final = 40
"""Offences that are kept to be shown; all are counted."""

Served = Callable[[int, int, int], bool]
"""Whether nothing troubled a partition between two instants."""


class Offence(NamedTuple):
    """One thing that should not have been."""

    kind: str
    dispatch: str
    what: str


class Oracle:
    """Fed with the inbox, the journal and the notices of the simulated broker, as they are appended."""

    def __init__(self, terms: Terms, days: Days, served: Served, desk: str) -> None:
        """`desk`: the department that is told where nobody else is."""
        self.terms, self.days, self._served, self._desk = terms, days, served, desk
        self._said: dict[str, Said] = {}
        self._cases: dict[str, Watched] = {}
        self.counts: Counter[str] = Counter()
        self.offences: list[Offence] = []
        self._calendar = 0
        self.marks_due = self.late = self.repeats = self.notices = 0

    # what comes in

    def inbox(
        self, offset: int, at: int, headers: Sequence[tuple[str, bytes | None]], key: bytes, value: bytes
    ) -> None:
        """A record has been appended to the inbox."""
        got = dict(headers)
        own, kind = (got["ce_id"] or b"").decode(), (got["ce_type"] or b"").decode().split(".")[1]
        if kind == "due":
            said = json.loads(value.decode())
            ask = Ask(offset, own, ms_of(said["at"]), ms_of(said["due"]), "calendar" in said)
            self._case(key.decode()).asks.append(ask)
        if own in self._said:
            return
        self._said[own] = Said(offset, kind, value, (got["ce_time"] or b"").decode(), at)

    def journal(self, at: int, partition: int, value: bytes) -> None:
        """A record has been appended to the journal."""
        fact = json.loads(value.decode())
        case = self._case(fact["dispatch"])
        case.partition = partition
        if fact["seq"] <= case.seq:
            self.repeats += 1
            return
        if fact["seq"] != case.seq + 1:
            self._offend("missing", case, f"a fact between {case.seq} and {fact['seq']}")
        case.seq = fact["seq"]
        if case.group and case.group[0]["cause"] != fact["cause"]:
            self._close(case)
        if not case.group:
            case.group_at = at
        case.group.append(fact)

    def notice(self, value: bytes, own: str) -> None:
        """A record has been appended to the notices."""
        if b'"kind":"mark"' not in value:
            return
        said = json.loads(value.decode())
        case = self._case(said["dispatch"])
        if own in case.noticed:
            self.repeats += 1
            return
        self.notices += 1
        when = ms_of(said["occurred_at"])
        case.noticed[own] = Told(said["clock"], said["mark"], said["audience"], said["department"], when)

    def arrived(self, days: Days) -> None:
        """From now on the workers count by another calendar; open deadlines are computed anew when they ask."""
        for case in self._cases.values():
            self._close(case)
            for ask in case.asks:
                self._wake(case, ask, [], ask.at)
            case.asks = []
        self.days = days
        self._calendar += 1
        for case in self._cases.values():
            for run in case.runs.values():
                run.forget()

    def finish(self, end: int) -> None:
        """Nothing more comes."""
        for case in self._cases.values():
            self._close(case)
            for ask in case.asks:
                if ask.at < end - MINUTE:
                    self._wake(case, ask, [], end)
            for run in case.runs.values():
                passed = run.next(self.days)
                if passed is not None and passed < end - MINUTE:
                    self._offend("missing", case, f"{run.clock} {text(passed)}: never recorded")
            self._compare(case)

    # one message and what came of it

    def _close(self, case: Watched) -> None:
        """All facts of one message are here."""
        group, case.group = case.group, []
        if not group:
            return
        said = self._said.pop(group[0]["cause"], None)
        if said is None:
            self._offend("missing", case, "a fact without a cause in the inbox")
            return
        ahead = [ask for ask in case.asks if ask.offset < said.offset]
        case.asks = [ask for ask in case.asks if ask.offset > said.offset]
        for ask in ahead:
            self._wake(case, ask, [], case.group_at)
        if said.kind == "due":
            content = json.loads(said.value.decode())
            anew = "calendar" in content
            ask = Ask(said.offset, group[0]["cause"], ms_of(content["at"]), ms_of(content["due"]), anew)
            self._wake(case, ask, group, case.group_at)
            return
        self._message(case, said, group)

    def _message(self, case: Watched, said: Said, group: list[dict[str, Any]]) -> None:
        content: dict[str, Any] = json.loads(said.value.decode())
        when = max(ms_of(content["updated_at"]), ms_of(said.time)) if said.kind == "dispatch" else ms_of(content["at"])
        self._overlooked(case, said, when)
        case.when, case.content, case.missed, case.known = when, content, [], case.group_at
        touched, blank = False, not case.runs
        for fact in group:
            if ms_of(fact["occurred_at"]) != when:
                self._offend("early", case, f"a fact of {fact['occurred_at']} where {text(when)} was said")
            effect = EFFECTS.get(fact["fact"])
            if effect is not None:
                touched = touched or fact["fact"] != "ignored"
                wrong = effect(self, case, fact)
                if wrong:
                    self._offend("extensions", case, wrong)
        if touched and blank:
            case.calendar = self._calendar
        due = [*case.missed]
        if touched and said.kind in {"dispatch", "order"}:
            due += self._passed(case, when)
        self._settle(case, due, group, by_message=touched, released=False)

    def _overlooked(self, case: Watched, said: Said, when: int) -> None:
        """Marks that should have been recorded before this message was read, with nothing in the way."""
        for run in case.runs.values():
            for instant, _, mark in run.ahead(self.days):
                since = max(instant, run.known)
                if since + PROMPT_MS < said.landed and self._served(case.partition, since, said.landed):
                    self._offend("missing", case, f"{run.clock} {mark} {text(instant)}: not asked in time")
                    run.fired[mark] = instant

    def _wake(self, case: Watched, ask: Ask, group: list[dict[str, Any]], at: int) -> None:
        """A question of the timers: what it makes due."""
        case.when, case.known = ask.at, at
        due: list[Due] = []
        if ask.anew:
            if case.calendar != self._calendar:
                self._anew(case)
                due = self._passed(case, ask.at)
            self._settle(case, due, group, by_message=True, released=False)
            return
        released = ask.due == case.next(self.days) and ask.at >= ask.due
        if released:
            due = self._passed(case, ask.at)
        self._settle(case, due, group, by_message=False, released=released)

    def _anew(self, case: Watched) -> None:
        case.calendar = self._calendar
        for run in case.runs.values():
            before, known = run.due, run.known
            moved(self, case, run)
            if run.due == before:
                run.known = known

    def _passed(self, case: Watched, when: int) -> list[Due]:
        """Of each run what has been passed, and the highest of it told, or kept until the quiet hours are over."""
        found = []
        for run in case.runs.values():
            passed = [(instant, mark) for instant, _, mark in run.ahead(self.days) if instant <= when]
            for number, (instant, mark) in enumerate(passed):
                highest = number == len(passed) - 1
                until = self._quiet_until(case, mark, when) if highest else None
                found.append(Due(run, mark, instant, highest and until is None))
                if until is not None:
                    case.held.append((until, run.clock, run.holder, mark))
                elif highest:
                    self._tell(case, run, mark, when)
        return found

    def _settle(
        self, case: Watched, due: list[Due], group: list[dict[str, Any]], *, by_message: bool, released: bool
    ) -> None:
        """Compare what had to be recorded with what was; then what the quiet hours held back."""
        recorded = [fact for fact in group if fact["fact"] == "marked"]
        self.marks_due += len(due)
        for one in due:
            fact = _match(recorded, one)
            if fact is None:
                self._offend("missing", case, f"{one.run.clock} {one.mark} {text(one.instant)}")
            else:
                recorded.remove(fact)
                self._check(case, one, fact, by_message=by_message and not _ended(case, one))
            one.run.fired[one.mark] = one.instant
            case.recorded.add((one.run.clock, one.run.holder, one.mark, one.instant))
        for fact in recorded:
            self._unexpected(case, fact)
        if released:
            self._release(case)
        case.held = [held for held in case.held if (held[1], held[2]) in case.runs]

    def _check(self, case: Watched, due: Due, fact: dict[str, Any], *, by_message: bool) -> None:
        details, run = fact["details"], due.run
        what = f"{run.clock} {due.mark}"
        instant, when = ms_of(details["instant"]), case.when
        if instant != due.instant:
            kind = "early" if instant < due.instant else "missing"
            self._offend(kind, case, f"{what} recorded for {text(instant)} in place of {text(due.instant)}")
        if case.known < due.instant:
            self._offend("early", case, f"{what} of {text(due.instant)} recorded {text(case.known)}")
        if details["sent"] is not due.told:
            self._offend("missing", case, f"{what}: sent is {details['sent']}")
        since = max(due.instant, run.known)
        delay = case.known - since
        if delay > PROMPT_MS:
            self.late += 1
            if self._served(case.partition, since, case.known):
                self._offend("missing", case, f"{what} of {text(due.instant)} only {delay // SECOND} s later")
        cause = run.late_cause
        if cause is None and by_message and run.known == case.known:
            cause = "arrived" if run.began == case.known else "retroactive"
        if details["cause"] != cause:
            self._offend("flags", case, f"{what}: its cause is {details['cause']}, not {cause}")
        if details["cause"] is None:
            late_s = max(0, (when - due.instant) // SECOND)
            if details["late_s"] != late_s or details["late"] is not (late_s > LATE_S):
                self._offend("flags", case, f"{what}: late_s is {details['late_s']}, not {late_s}")

    def _unexpected(self, case: Watched, fact: dict[str, Any]) -> None:
        details, instant = fact["details"], ms_of(fact["details"]["instant"])
        what = f"{details['clock']} {details['mark']} of {text(instant)} in round {fact['round']}"
        known = (details["clock"], fact.get("department"), details["mark"], instant) in case.recorded
        self._offend("twice" if known else "early", case, f"{what} was not due")

    def _release(self, case: Watched) -> None:
        free = [held for held in case.held if held[0] <= case.when and not case.stands(held)]
        case.held = [held for held in case.held if held not in free]
        highest = {(clock, holder): held for held in free for _, clock, holder, _ in (held,)}
        for held in free:
            _, clock, holder, mark = held
            run = case.runs.get((clock, holder))
            if run is None or mark not in run.fired or "breach" in run.fired:
                continue
            again = self._quiet_until(case, mark, case.when)
            if again is not None:
                case.held.append((again, clock, holder, mark))
            elif highest[clock, holder] is held:
                self._tell(case, run, mark, case.when)

    # who is told

    def _quiet_until(self, case: Watched, mark: str, when: int) -> int | None:
        if mark in GRAVE or case.urgency == "critical":
            return None
        since, to = self.terms.quiet
        day = day_of(when)
        minute = (when + AHEAD) // MINUTE - day * 1440
        if minute >= since:
            return midnight(day + 1) + to * MINUTE
        return midnight(day) + to * MINUTE if minute < to else None

    def _tell(self, case: Watched, run: Expected, mark: str, when: int) -> None:
        department = run.holder or case.lead
        audiences = self.terms.told[mark]
        if run.clock in OURS or department is None:
            audiences = ("duty_desk",)
        for audience in audiences:
            case.told.append(Told(run.clock, mark, audience, department or self._desk, when))

    def _compare(self, case: Watched) -> None:
        """Whom the notices went to."""
        wanted, found = Counter(case.told), Counter(case.noticed.values())
        lacking, surplus = wanted - found, found - wanted
        for one in lacking.elements():
            near = next((other for other in surplus if other[:2] == one[:2] and other.at == one.at), None)
            if near is not None:
                surplus[near] -= 1
                surplus += Counter()
                self._offend("wrong_recipient", case, f"{near} in place of {one}")
            else:
                self._offend("missing", case, f"nobody told: {one}")
        for one in surplus.elements():
            again = any(one[:4] == other[:4] for other in wanted)
            self._offend("twice" if again else "wrong_recipient", case, f"told: {one}")

    def _case(self, dispatch: str) -> Watched:
        if (case := self._cases.get(dispatch)) is None:
            case = self._cases[dispatch] = Watched(dispatch)
        return case

    def _offend(self, kind: str, case: Watched, what: str) -> None:
        self.counts[kind] += 1
        if len(self.offences) < NAMED:
            self.offences.append(Offence(kind, case.dispatch, what))


def _match(recorded: Sequence[dict[str, Any]], due: Due) -> dict[str, Any] | None:
    """The fact of this mark: of this very instant, if there are several."""
    fitting = [
        fact
        for fact in recorded
        if (fact["details"]["clock"], fact.get("department"), fact["details"]["mark"])
        == (due.run.clock, due.run.holder, due.mark)
    ]
    exact = [fact for fact in fitting if ms_of(fact["details"]["instant"]) == due.instant]
    return next(iter(exact or fitting), None)


def _ended(case: Watched, due: Due) -> bool:
    """Whether the run was over with the message that made the mark due."""
    return any(due is one for one in case.missed)
