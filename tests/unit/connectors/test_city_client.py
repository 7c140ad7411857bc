"""What a city's web server may answer that no simulated city does: other character sets, endless bodies, bad bytes."""

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from connectors.runtime.budget import Budget
from connectors.runtime.meter import Meter
from connectors.runtime.metrics import Metrics
from connectors.runtime.ports import Ask, Failed, Failure, Fittings, Page, Priority, Refused, Window
from connectors.runtime.settings import BudgetRules
from connectors.runtime.source_clock import LearnedClock
from connectors.systems.city_rest import CityRestSettings, build_city_rest, client
from schemas.dead_letter import DeadReason
from schemas.dispatch import Dispatch

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ROW = '{{"no":"{}","at":"2026-03-02 20:00:00","title":"路灯不亮"}}'
CITY: dict[str, Any] = {
    "source": "c",
    "times": {"zone": "Asia/Shanghai"},
    "envelope": {"code": "code", "message": "msg", "rules": [{"path": "code", "values": ["0"], "means": "success"}]},
    "list": {"path": "/list", "rows": "rows", "paging": {"kind": "whole"}},
    "fields": {"number": "no", "updated_at": "at", "issued_at": "at", "title": "title"},
    "codes": {},
}
Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def city(answer: Answer, **settings: Any) -> Iterator[Callable[..., Page | Failed]]:
    """A server that answers each request so; yields what fetches a page from it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, format: str, *args: Any) -> None:
            """Not here."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    made = CityRestSettings.model_validate({**CITY, "url": url, **settings})
    meter = Meter("c", Budget(BudgetRules(per_second=1000)), Metrics(CollectorRegistry(), ["c"]))
    parts = build_city_rest(made, Fittings("c", meter, LearnedClock(lambda: NOON)))
    try:
        assert parts.source is not None
        source = parts.source
        yield lambda *, salvage=False: source.fetch(Ask(Window(NOON, NOON), salvage=salvage), Priority.LIVE)
    finally:
        assert parts.close is not None
        parts.close()
        server.shutdown()
        server.server_close()
        thread.join()


def says(body: bytes, type: str = "application/json", status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", type)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def page(*rows: str) -> str:
    return f'{{"code":0,"rows":[{",".join(rows)}]}}'


TWO = page(ROW.format(1), ROW.format(2))


def titles(found: Page | Failed) -> list[str]:
    assert isinstance(found, Page), found
    return [record.title if isinstance(record, Dispatch) else f"refused: {record.reason}" for record in found.records]


@pytest.mark.parametrize(
    ("body", "type", "settings"),
    [
        (TWO.encode(), "application/json", {}),
        (TWO.encode("utf-8-sig"), "application/json; charset=utf-8", {}),
        (TWO.encode("gbk"), "application/json;charset=GBK", {}),
        (TWO.encode("gb18030"), 'application/json; charset="gb18030"', {}),
        (TWO.encode("gbk"), "application/json", {"charset": "gbk"}),
        (TWO.encode(), "text/plain; charset=iso-8859-1", {}),
    ],
)
def test_a_character_set_that_is_declared_is_read(body: bytes, type: str, settings: dict[str, Any]) -> None:
    with city(says(body, type), **settings) as fetch:
        assert titles(fetch()) == ["路灯不亮", "路灯不亮"]


def test_bytes_of_another_character_set_than_declared_are_no_page() -> None:
    with city(says(TWO.encode("gbk"), "application/json; charset=utf-8")) as fetch:
        failed = fetch()
    assert isinstance(failed, Failed)
    assert failed.failure is Failure.UNREADABLE


def test_one_row_of_bad_bytes_is_taken_out_of_a_page_that_stays_bad() -> None:
    bad = ROW.format(2).encode("gbk")
    body = page(ROW.format(1), "@", ROW.format(3)).encode().replace(b"@", bad)
    with city(says(body)) as fetch:
        assert isinstance(fetch(), Failed)
        found = fetch(salvage=True)
    assert titles(found) == ["路灯不亮", f"refused: {DeadReason.NOT_UTF8}", "路灯不亮"]
    assert isinstance(found, Page)
    refused = found.records[1]
    assert isinstance(refused, Refused)
    assert refused.raw == bad


def test_a_body_is_counted_while_it_is_read_and_after_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "BODY_MOST", 100_000)
    packed = gzip.compress(b'{"code":0,"rows":[' + b" " * 50_000_000 + b"]}")
    assert len(packed) < 100_000
    with city(says(packed, Content_Encoding="gzip")) as fetch:
        failed = fetch()
    assert isinstance(failed, Failed)
    assert failed.failure is Failure.TOO_LARGE


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (says(b"", status=302, Location="/login"), Failure.SESSION),
        (says(b"no", status=401), Failure.SESSION),
        (says(b"no", status=403), Failure.SESSION),
        (says(b"no", status=404), Failure.REJECTED),
        (says(b"no", status=503, Retry_After="7"), Failure.SERVER_ERROR),
        (says(b"null"), Failure.SHAPE),
        (says(b"[]"), Failure.SHAPE),
        (says(b'{"code":0}'), Failure.SHAPE),
        (says(b'{"code":0,"rows":null}'), Failure.SHAPE),
        (says(b'{"code":0,"rows":{}}'), Failure.SHAPE),
        (says(b'{"code":77,"rows":[]}'), Failure.SHAPE),
        (says(b""), Failure.UNREADABLE),
        (says(b"not packed", Content_Encoding="gzip"), Failure.UNREADABLE),
        (says(b"[" * 100_000), Failure.UNREADABLE),
    ],
)
def test_an_answer_that_means_nothing_is_a_value_with_its_reason(answer: Answer, failure: Failure) -> None:
    with city(answer) as fetch:
        failed = fetch()
    assert isinstance(failed, Failed)
    assert failed.failure is failure
    assert failed.retry_after == (7.0 if failure is Failure.SERVER_ERROR else None)


def test_a_summary_is_completed_with_its_details() -> None:
    """A city whose list shows numbers and times, and the rest only on asking for each."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.path.startswith("/list"):
            says(page('{"no":"1","at":"2026-03-02 20:00:00"}', '{"no":"2","at":"2026-03-02 20:00:00"}').encode())(
                handler
            )
        else:
            number = handler.path.rpartition("=")[2]
            says(f'{{"code":0,"data":{{"title":"第{number}件"}}}}'.encode())(handler)

    with city(answer, detail={"path": "/detail", "params": {"no": "{number}"}, "data": "data"}) as fetch:
        assert titles(fetch()) == ["第1件", "第2件"]
