"""Faults that can be switched on: so many times, or with a probability, for all calls or for some."""

import threading
from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Call(StrEnum):
    """What is asked of the city."""

    TOKEN = "token"  # noqa: S105
    LIST = "list"
    DETAIL = "detail"
    SIGN = "sign"
    FEEDBACK = "feedback"
    READ_BACK = "read_back"


class Fault(StrEnum):
    """The first group strikes before the call has any effect, the second after it, the third on pages only."""

    HTTP_500 = "http_500"
    HTTP_502 = "http_502"
    TOO_MANY_SECONDS = "too_many_seconds"
    """429 with Retry-After as seconds."""
    TOO_MANY_DATE = "too_many_date"
    """429 with Retry-After as an HTTP date."""
    LOGIN_PAGE = "login_page"
    """200 with an HTML page; the token is dead from then on."""
    TOKEN_EXPIRED = "token_expired"  # noqa: S105
    BUSY = "busy"
    """The business error "busy" inside HTTP 200."""
    INTERNAL = "internal"

    HANG = "hang"
    """No answer for `hang_s`, then the connection ends."""
    RESET = "reset"
    """Half a body, then a reset."""
    LOST = "lost"
    """A reset without a byte of answer."""
    TRUNCATED = "truncated"
    """Well-formed HTTP, JSON cut in half."""
    GBK = "gbk"
    """Bytes in GBK under a header that says UTF-8."""

    DUPLICATE_PAGE = "duplicate_page"
    """The page before once more."""
    SHIFTING_PAGE = "shifting_page"
    """A row of this page gets a new update time as soon as it is served: later pages move up by one."""


BEFORE = frozenset(
    {
        Fault.HTTP_500, Fault.HTTP_502, Fault.TOO_MANY_SECONDS, Fault.TOO_MANY_DATE, Fault.LOGIN_PAGE,
        Fault.TOKEN_EXPIRED, Fault.BUSY, Fault.INTERNAL,
    }
)  # fmt: skip
PAGES = frozenset({Fault.DUPLICATE_PAGE, Fault.SHIFTING_PAGE})


@dataclass(slots=True)
class Switch:
    """One fault that is on: `count` times more, or with probability `p` each call (count None)."""

    fault: Fault
    count: int | None = None
    p: float = 1.0
    calls: frozenset[Call] = frozenset()
    """Empty: every call it makes sense for."""


class Faults:
    """The switches, and what each call draws from them. Safe for threads."""

    def __init__(self, seed: int = 0) -> None:
        self._draw = Random(seed)  # noqa: S311
        self._lock = threading.Lock()
        self._switches: list[Switch] = []
        self.struck: dict[Fault, int] = dict.fromkeys(Fault, 0)

    def on(
        self, fault: Fault, *, count: int | None = None, p: float = 1.0, calls: frozenset[Call] = frozenset()
    ) -> None:
        """Switches a fault on, beside those that are."""
        with self._lock:
            self._switches.append(Switch(fault, count, p, calls))

    def off(self, fault: Fault | None = None) -> None:
        """Switches one fault off, or all."""
        with self._lock:
            self._switches = [switch for switch in self._switches if fault is not None and switch.fault is not fault]

    def draw(self, call: Call) -> Fault | None:
        """What strikes this call, at most one."""
        with self._lock:
            for switch in self._switches:
                if not _fits(switch, call) or self._draw.random() >= switch.p:
                    continue
                if switch.count is not None:
                    switch.count -= 1
                    if switch.count <= 0:
                        self._switches.remove(switch)
                self.struck[switch.fault] += 1
                return switch.fault
        return None


def _fits(switch: Switch, call: Call) -> bool:
    if switch.fault in PAGES:
        return call is Call.LIST
    return call in switch.calls if switch.calls else True
