"""What `paidan connectors check` tries at the city: name, TLS, login, one page, clock, mapping."""

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from urllib.parse import urlsplit

from connectors.runtime.ports import Ask, Failed, Finding, Page, Priority, Refused, SourceClock, Window
from connectors.runtime.window import floor
from connectors.systems.city_rest.auth import Auth, Outgoing
from connectors.systems.city_rest.source import CitySource
from schemas.dispatch import Dispatch

SKEW_MOST = timedelta(seconds=60)
TIMEOUT_S = 5.0
LOOK_BACK = timedelta(days=1)


class Prober:
    """See `ports.Probe`."""

    def __init__(
        self, url: str, tls: Callable[[], ssl.SSLContext], auth: Auth, source: CitySource, clock: SourceClock
    ) -> None:
        self._url = urlsplit(url)
        self._tls = tls
        self._auth = auth
        self._source = source
        self._clock = clock

    def __call__(self) -> Iterator[Finding]:
        """One finding each, cheapest first; stops where going on makes no sense."""
        host, port = self._url.hostname or "", self._url.port or (443 if self._url.scheme == "https" else 80)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as problem:
            yield Finding("name", False, f"{host}: {problem.strerror or problem}")
            return
        yield Finding("name", True, f"{host} -> {found[0][4][0]}")
        connection = self._connect(host, port)
        yield connection
        if not connection.ok:
            return
        dressed = self._auth.put_on(Outgoing("GET", "/"), Priority.DETAIL)
        if isinstance(dressed, Failed):
            yield Finding("login", False, _words(dressed))
            return
        yield Finding("login", True)
        yield from self._page()

    def _connect(self, host: str, port: int) -> Finding:
        try:
            with socket.create_connection((host, port), TIMEOUT_S) as plain:
                if self._url.scheme != "https":
                    return Finding("connection", True, "no TLS")
                with self._tls().wrap_socket(plain, server_hostname=host) as secured:
                    return Finding("connection", True, f"{secured.version()}")
        except (OSError, ssl.SSLError) as problem:
            return Finding("connection", False, str(problem))

    def _page(self) -> Iterator[Finding]:
        end = floor(self._clock.now(), self._source.rules.grain)
        page = self._source.fetch(Ask(Window(end - LOOK_BACK, end)), Priority.DETAIL)
        if isinstance(page, Failed):
            yield Finding("page", False, _words(page))
            return
        yield Finding("page", True, f"{len(page.records)} of {'?' if page.total is None else page.total}")
        yield _order(page, sorts=self._source.rules.ascending)
        ours = getattr(self._clock, "skew", timedelta(0))
        yield Finding("clock", abs(ours) <= SKEW_MOST, f"{ours.total_seconds():+.0f} s")
        yield _mapping(page)


def _order(page: Page, *, sorts: bool) -> Finding:
    """Whether the rows stand as the settings say: a source that is wrongly taken for sorted would be read in part."""
    times = [record.updated_at for record in page.records if isinstance(record, Dispatch)]
    is_sorted = all(earlier <= later for earlier, later in pairwise(times))
    return Finding("order", is_sorted or not sorts, "by update time" if is_sorted else "not by update time")


def _mapping(page: Page) -> Finding:
    refused = [record for record in page.records if isinstance(record, Refused)]
    flagged = {field.value for record in page.records if isinstance(record, Dispatch) for field in record.unknown}
    reasons = sorted({f"{record.reason}: {record.detail}".rstrip(": ") for record in refused})
    words = [f"{len(refused)} refused ({', '.join(reasons)})"] if refused else []
    words += [f"unknown codes in {', '.join(sorted(flagged))}"] if flagged else []
    return Finding("mapping", not refused, "; ".join(words))


def _words(failed: Failed) -> str:
    said = " ".join(filter(None, (failed.city_code, failed.city_message)))
    return f"{failed.failure}: {said or failed.detail}".rstrip(": ")
