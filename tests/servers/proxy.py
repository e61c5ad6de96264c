"""A real HTTP proxy on a real socket: CONNECT for https, whole addresses for http; it keeps where it was asked to.

with ProxyServer(login="ada:secret", leads={"hooks.example:443": ("127.0.0.1", 8443)}) as proxy:
    post_through(proxy.url())
    proxy.asked
"""

from __future__ import annotations

import base64
import contextlib
import select
import socket
import socketserver
import ssl
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tests.servers.certificates import Certificate


class ProxyServer(socketserver.ThreadingTCPServer):
    """The proxy; use it as a context manager. ``leads`` is its own name server: host:port to an address.

    ``refusal`` is what it answers instead of connecting; ``login`` is user:password, wanted when given.
    """

    allow_reuse_address = True
    daemon_threads = False
    request_queue_size = 128

    def __init__(
        self,
        *,
        login: str | None = None,
        leads: Mapping[str, tuple[str, int]] | None = None,
        refusal: str | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.login, self.leads, self.refusal = login, dict(leads or {}), refusal
        self.context: ssl.SSLContext | None = None
        if certificate is not None:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate.cert, certificate.key)
        self.asked: list[str] = []
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})

    def url(self, login: str = "", *, host: str = "127.0.0.1") -> str:
        """What DIGESTBOT_PROXY would say."""
        return f"http{'s' if self.context else ''}://{f'{login}@' if login else ''}{host}:{self.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is none of its concern."""


class _Handler(socketserver.BaseRequestHandler):
    server: ProxyServer
    request: socket.socket

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            if self.server.context is not None:
                self.request = self.server.context.wrap_socket(self.request, server_side=True)
            head = b""
            while b"\r\n\r\n" not in head:
                if not (piece := self.request.recv(65_536)):
                    return
                head += piece
            self._lead(*head.partition(b"\r\n\r\n")[::2])

    def finish(self) -> None:
        self.request.close()

    def _lead(self, head: bytes, rest: bytes) -> None:
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        self.server.asked.append(f"{method} {target}")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if self.server.login is not None:
            wanted = f"Basic {base64.b64encode(self.server.login.encode()).decode()}"
            if headers.get("proxy-authorization") != wanted:
                self._say("407 Proxy Authentication Required")
                return
        if self.server.refusal is not None:
            self._say(self.server.refusal)
            return
        parts = urlsplit(target if "://" in target else f"//{target}")
        place = f"{parts.hostname}:{parts.port or 80}"
        try:
            far = socket.create_connection(self.server.leads.get(place, (parts.hostname or "", parts.port or 80)), 5)
        except OSError:
            self._say("502 Bad Gateway")
            return
        with far:
            if method == "CONNECT":
                self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = target.partition(parts.netloc)[2] or "/"
                kept = [line for line in lines if not line.lower().startswith("proxy-")]
                again = "\r\n".join([f"{method} {path} HTTP/1.1", *kept, "Connection: close", "", ""])
                far.sendall(again.encode("latin-1"))
            far.sendall(rest)
            self._pass_on(far)

    def _say(self, status: str) -> None:
        self.request.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())

    def _pass_on(self, far: socket.socket) -> None:
        """Bytes both ways until one side is done."""
        while not self.server.stopping.is_set():
            pending = isinstance(self.request, ssl.SSLSocket) and self.request.pending() > 0
            ready = [self.request] if pending else select.select([self.request, far], [], [], 0.05)[0]
            for here in ready:
                data = here.recv(65_536)
                if not data:
                    return
                (far if here is self.request else self.request).sendall(data)
