"""/metrics, /healthz and /readyz of one process, on loopback."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from typing_extensions import override

from deploy.console import UserError, t


class Health(Protocol):
    """How a process is. `alive` False asks for a restart, `ready` False for patience; `why` says so in one sentence."""

    @property
    def alive(self) -> bool:
        """Whether a restart would not help."""
        ...

    @property
    def ready(self) -> bool:
        """Whether it does its work now."""
        ...

    @property
    def why(self) -> str:
        """What is missing; empty when nothing is."""
        ...


@contextmanager
def serve(port: int, registry: CollectorRegistry, health: Callable[[], Health]) -> Iterator[int]:
    """Serves on 127.0.0.1:`port` from a thread of its own; yields the port (0 asks for a free one).

    /metrics is the registry in the format that is asked for; /healthz answers 200 or 503 by `alive`, /readyz by
    `ready`, each with `why` as text. Raises UserError when the port is taken.
    """
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), _handler(registry, health))
    except OSError as error:
        raise UserError(t(f"127.0.0.1:{port} 已被占用", f"127.0.0.1:{port} is taken")) from error
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="http", daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(registry: CollectorRegistry, health: Callable[[], Health]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/metrics":
                encode, kind = choose_encoder(self.headers.get("Accept", ""))
                self._answer(200, kind, encode(registry))
            elif path in ("/healthz", "/readyz"):
                now = health()
                good = now.alive if path == "/healthz" else now.ready
                self._answer(200 if good else 503, "text/plain; charset=utf-8", f"{now.why or 'ok'}\n".encode())
            else:
                self._answer(404, "text/plain; charset=utf-8", b"/metrics /healthz /readyz\n")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, format: str, *args: Any) -> None:
            """Scrapes are not news."""

    return Handler
