"""Speaks HTTP to the city: one call in, its JSON or a Failure out. The only file that knows httpx2."""

import codecs
import json
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import httpx2

from connectors.runtime.ports import Calls, Failed, Failure, Operation, Priority, SourceClock
from connectors.runtime.retry_after import http_date, seconds
from connectors.systems.city_rest.auth import Auth, Outgoing
from connectors.systems.city_rest.envelope import FAILURES, is_page_for_people, text_at, verdict
from connectors.systems.city_rest.rows import NotJsonError, Row, split
from connectors.systems.city_rest.settings import CityRestSettings

BODY_MOST: Final = 20 * 1024 * 1024
"""Counted while reading, after decompression."""
_CHARSETS: Final = frozenset({"utf-8", "gb18030", "gbk", "gb2312"})


@dataclass(frozen=True, slots=True)
class Answer:
    """A call that worked. `rows` only where they were asked for; `json` is the rest of the answer."""

    json: Any
    rows: tuple[Row, ...] = ()
    city_code: str | None = None
    city_message: str | None = None


@dataclass(frozen=True, slots=True)
class _Heard:
    status: int
    headers: httpx2.Headers
    body: bytes


class Client:
    """Safe for threads. `url` is the resolved base."""

    def __init__(self, settings: CityRestSettings, url: str, calls: Calls, clock: SourceClock) -> None:
        self._settings = settings
        self._calls = calls
        self._clock = clock
        self._http = httpx2.Client(
            base_url=url,
            verify=tls(settings),
            follow_redirects=False,
            timeout=httpx2.Timeout(
                settings.read_timeout.total_seconds(), connect=settings.connect_timeout.total_seconds()
            ),
            limits=httpx2.Limits(max_connections=None, keepalive_expiry=20),
            headers={"Accept": "application/json", "Accept-Encoding": "gzip, identity", "User-Agent": "paidan"},
            trust_env=False,
        )

    def close(self) -> None:
        """Lets go of the connections."""
        self._http.close()

    def call(
        self,
        operation: Operation,
        request: Outgoing,
        auth: Auth,
        priority: Priority,
        *,
        rows: str | None = None,
        salvage: bool = False,
    ) -> Answer | Failed:
        """One call with what proves who we are; logged in afresh and repeated once when the city says expired."""
        for attempt in (1, 2):
            dressed = auth.put_on(request, priority)
            if isinstance(dressed, Failed):
                return dressed
            answer = self.send(operation, dressed, priority, rows=rows, salvage=salvage)
            if not isinstance(answer, Failed) or answer.failure is not Failure.SESSION:
                return answer
            if not auth.expired(dressed) or attempt == 2:
                return answer
        raise AssertionError("two attempts, and both return")

    def send(
        self,
        operation: Operation,
        request: Outgoing,
        priority: Priority,
        *,
        rows: str | None = None,
        salvage: bool = False,
    ) -> Answer | Failed:
        """One call, as it is."""
        with self._calls.turn(priority):
            began = time.monotonic()
            heard = self._send(request)
            answer = heard if isinstance(heard, Failed) else self._understand(heard, rows, salvage=salvage)
            outcome = answer.failure if isinstance(answer, Failed) else "ok"
            self._calls.made(operation, outcome, time.monotonic() - began)
        return answer

    def _send(self, request: Outgoing) -> _Heard | Failed:
        sent: dict[str, Any] = {"params": request.params or None, "headers": request.headers}
        if request.body is not None:
            sent["data" if request.form else "json"] = request.body
        try:
            with self._http.stream(request.method, request.path, **sent) as response:
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > BODY_MOST:
                        return Failed(failure=Failure.TOO_LARGE)
                return _Heard(response.status_code, response.headers, bytes(body))
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as problem:
            return Failed(failure=Failure.UNREACHABLE, detail=type(problem).__name__)
        except httpx2.TimeoutException as problem:
            return Failed(failure=Failure.TIMEOUT, detail=type(problem).__name__)
        except httpx2.DecodingError as problem:
            return Failed(failure=Failure.UNREADABLE, detail=type(problem).__name__)
        except httpx2.TransportError as problem:
            return Failed(failure=Failure.CUT_OFF, detail=type(problem).__name__)

    def _understand(self, heard: _Heard, rows: str | None, *, salvage: bool) -> Answer | Failed:
        theirs = http_date(heard.headers.get("date"))
        if theirs is not None:
            self._clock.observe(theirs)
        wait = seconds(heard.headers.get("retry-after"), theirs or datetime.now(UTC))
        if heard.status < 300 and is_page_for_people(heard.headers.get("content-type", ""), heard.body):
            return Failed(failure=Failure.SESSION, detail="a page for people")
        try:
            rest, found = self._parsed(heard, rows, salvage=salvage)
        except ValueError as problem:
            if heard.status < 300:
                return Failed(failure=Failure.UNREADABLE, detail=type(problem).__name__)
            rest, found = None, None
        return self._judged(heard.status, rest, found, wait, wants_rows=rows is not None)

    def _parsed(self, heard: _Heard, rows: str | None, *, salvage: bool) -> tuple[Any, list[Row] | None]:
        text = heard.body.decode(self._charset(heard), "surrogateescape" if salvage else "strict")
        text = text.removeprefix("\ufeff")
        if rows is None:
            return _loads(text), None
        rest, found = split(text, tuple(rows.split(".")))
        return _loads(rest), found

    def _charset(self, heard: _Heard) -> str:
        """What the answer says it is written in, if it is one that we read; else what the settings say."""
        said = heard.headers.get("content-type", "").lower().partition("charset=")[2].strip(' "').split(";")[0]
        if said not in _CHARSETS:
            said = self._settings.charset
        return "gb18030" if said in ("gbk", "gb2312") else codecs.lookup(said).name

    def _judged(
        self, status: int, rest: Any, found: list[Row] | None, wait: float | None, *, wants_rows: bool
    ) -> Answer | Failed:
        envelope = self._settings.envelope
        code, message = text_at(rest, envelope.code), text_at(rest, envelope.message)
        means = verdict(envelope, status, rest)
        if means is None:
            return Failed(failure=Failure.SHAPE, detail="no verdict", city_code=code, city_message=message)
        if means != "success":
            return Failed(
                failure=FAILURES[means],
                detail=f"http {status}",
                retry_after=wait,
                city_code=code or str(status),
                city_message=message,
            )
        if wants_rows and found is None:
            return Failed(failure=Failure.SHAPE, detail="no rows", city_code=code, city_message=message)
        return Answer(rest, tuple(found or ()), code, message)


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise NotJsonError from None


def tls(settings: CityRestSettings) -> ssl.SSLContext:
    """Verifying, with the city's own CA and our certificate where there are such."""
    context = ssl.create_default_context(cafile=settings.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.client_certificate:
        context.load_cert_chain(settings.client_certificate)
    return context
