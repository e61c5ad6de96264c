"""A real HTTP server on a real socket that answers each path as a script says, and keeps what it was sent.

with HttpServer() as server:
    server.script("/hook", Reply(429, {"Retry-After": "3"}), Reply(200, body=b"ok"))
    post_to(server.url("/hook"))
    server.requests[0].body
"""

from __future__ import annotations

import contextlib
import http.server
import socket
import ssl
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

from tests.servers.certificates import Certificate


@dataclass(frozen=True)
class Reply:
    """One answer. ``delay`` seconds before it; ``drip_head`` and ``drip`` seconds after each byte of its
    head and of its body.

    ``close``: the connection is reset, "before" the request's body is read or "after" it, with no answer.
    ``endless``: the body is sent again and again until the client goes. ``length``: what Content-Length says
    when it should not be the truth.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    delay: float = 0.0
    drip_head: float = 0.0
    drip: float = 0.0
    close: Literal["before", "after"] | None = None
    endless: bool = False
    length: int | None = None


@dataclass(frozen=True)
class Request:
    """One request as it came; names in ``headers`` in lower case; ``connection`` numbers the connections."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int


class HttpServer(http.server.ThreadingHTTPServer):
    """The server; use it as a context manager. A path without a script answers 200 ``ok``."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, certificate: Certificate | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.context: ssl.SSLContext | None = None
        if certificate is not None:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate.cert, certificate.key)
        self.requests: list[Request] = []
        self.connections = 0
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.open: set[socket.socket] = set()
        self._scripts: dict[str, list[Reply]] = {}
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})

    def script(self, path: str, *replies: Reply) -> None:
        """Answer requests to `path` (without its query) with these, one after another; the last one stays."""
        self._scripts[path] = list(replies)

    def url(self, path: str = "/", *, host: str = "localhost") -> str:
        """The URL of a path."""
        return f"{'https' if self.context else 'http'}://{host}:{self.server_address[1]}{path}"

    def reply(self, path: str) -> Reply:
        """What the script says now for this path."""
        with self.lock:
            replies = self._scripts.get(path.partition("?")[0], [Reply()])
            return replies.pop(0) if len(replies) > 1 else replies[0]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self.shutdown()
        self._thread.join()
        with self.lock:
            for kept in self.open:  # a connection that the client still keeps
                with contextlib.suppress(OSError):
                    kept.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is what these tests are about."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: HttpServer
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        with self.server.lock:
            self.number = self.server.connections
            self.server.connections += 1
        if self.server.context is not None:
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()
        with self.server.lock:
            self.server.open.add(self.request)

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            super().handle()

    def finish(self) -> None:
        with self.server.lock:
            self.server.open.discard(self.request)
        with contextlib.suppress(OSError):
            super().finish()
        self.request.close()

    def do_POST(self) -> None:  # http.server calls it by this name
        reply = self.server.reply(self.path)
        if reply.close == "before":
            return self._reset()
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body, self.number)
        with self.server.lock:
            self.server.requests.append(request)
        if reply.close == "after":
            return self._reset()
        if not self.server.stopping.wait(reply.delay):
            self._answer(reply)
        return None

    do_GET = do_PUT = do_HEAD = do_POST  # noqa: N815  # http.server calls them by these names

    def _answer(self, reply: Reply) -> None:
        lines = [f"HTTP/1.1 {reply.status} {self.responses.get(reply.status, ('Odd', ''))[0]}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        if reply.endless:
            lines.append("Connection: close")
            self.close_connection = True
        elif reply.status != 204:
            lines.append(f"Content-Length: {len(reply.body) if reply.length is None else reply.length}")
            self.close_connection = self.close_connection or reply.length is not None
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        self._write(head, reply.drip_head)
        self._write(reply.body, reply.drip)
        while reply.endless and not self.server.stopping.is_set():
            self._write(reply.body, reply.drip)

    def _write(self, data: bytes, drip: float) -> None:
        if not drip:
            self.wfile.write(data)
            return
        for byte in data:
            self.wfile.write(bytes([byte]))
            if self.server.stopping.wait(drip):
                raise ConnectionAbortedError

    def _reset(self) -> None:
        """Close with a reset, as a crashed process does."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Tests read ``requests``, not standard error."""
