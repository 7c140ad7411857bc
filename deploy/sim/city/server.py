"""The HTTP server: sockets, keep-alive, and the faults that strike below JSON."""

import contextlib
import json
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from typing_extensions import override

from deploy.sim.city import control
from deploy.sim.city.city import City
from deploy.sim.city.dialect import Dialect, Reply, Request
from deploy.sim.city.faults import BEFORE, Call, Fault, Faults

LOGIN_PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>用户登录</title></head>
<body><form action="/login" method="post"><input name="username"><input name="password" type="password">
<button>登录</button></form></body></html>"""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, city: City, dialect: Dialect, faults: Faults) -> None:
        self.city = city
        self.dialect = dialect
        self.faults = faults
        self.closing = threading.Event()
        super().__init__(("127.0.0.1", port), _Handler)

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is not news; anything else is a fault of this server and is shown."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


@contextmanager
def serve(city: City, dialect: Dialect, faults: Faults | None = None, port: int = 0) -> Iterator[str]:
    """Serves on 127.0.0.1:`port` from a thread of its own; yields the base url."""
    server = _Server(port, city, dialect, faults or Faults(city.settings.seed))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="city", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120
    server: _Server

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def _answer(self, method: str) -> None:
        url = urlsplit(self.path)
        request = Request(
            method,
            url.path,
            dict(parse_qsl(url.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )
        if url.path.startswith("/_sim/"):
            self._send(control.answer(self.server.city, self.server.faults, request))
            return
        call = self.server.dialect.call(request)
        if call is None:
            self._send(Reply(b"not found", 404, "text/plain"))
            return
        if self.server.city.settings.latency_s:
            self.server.closing.wait(self.server.city.settings.latency_s)
        self._with_fault(call, request, self.server.faults.draw(call))

    def _with_fault(self, call: Call, request: Request, fault: Fault | None) -> None:
        before = _before(fault, self.server.city)
        if before is not None and fault is not Fault.LOGIN_PAGE:
            self._send(before)
            return
        reply = self.server.dialect.answer(call, request, fault)
        match fault:
            case Fault.LOGIN_PAGE if before is not None:
                self._send(before)
            case Fault.HANG:
                self.server.closing.wait(self.server.city.settings.hang_s)
                self.close_connection = True
            case Fault.LOST:
                self._reset(b"")
            case Fault.RESET:
                whole = self._head(reply, len(reply.body)) + reply.body
                self._reset(whole[: len(whole) - len(reply.body) // 2 - 1])
            case Fault.TRUNCATED:
                self._send(Reply(reply.body[: len(reply.body) // 2], reply.status, reply.type, reply.headers))
            case Fault.GBK:
                garbled = reply.body.decode().encode("gb18030")
                self._send(Reply(garbled, reply.status, reply.type, reply.headers))
            case _:
                self._send(reply)

    def _send(self, reply: Reply) -> None:
        self.wfile.write(self._head(reply, len(reply.body)) + reply.body)

    def _head(self, reply: Reply, length: int) -> bytes:
        date = formatdate(self.server.city.clock(), usegmt=True)
        lines = [
            f"HTTP/1.1 {reply.status} {self.responses.get(reply.status, ('', ''))[0]}",
            f"Date: {date}",
            f"Content-Type: {reply.type}",
            f"Content-Length: {length}",
            *(f"{name}: {value}" for name, value in reply.headers),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")

    def _reset(self, part: bytes) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.write(part)
            # closing with zero linger sends RST, so the client sees a reset and not an early end
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """The journal tells what was served."""


def _before(fault: Fault | None, city: City) -> Reply | None:
    if fault not in BEFORE:
        return None
    match fault:
        case Fault.HTTP_500:
            return Reply(json.dumps({"error": "Internal Server Error"}).encode(), 500)
        case Fault.HTTP_502:
            return Reply(b"<html><h1>502 Bad Gateway</h1></html>", 502, "text/html")
        case Fault.TOO_MANY_SECONDS:
            return Reply(b"", 429, headers=(("Retry-After", "1"),))
        case Fault.TOO_MANY_DATE:
            return Reply(b"", 429, headers=(("Retry-After", formatdate(city.clock() + 1, usegmt=True)),))
        case Fault.LOGIN_PAGE:
            return Reply(LOGIN_PAGE.encode(), 200, "text/html; charset=utf-8")
        case _:
            return None
