"""A listener: one address, served by uvicorn in a thread of its own, under the limits of its connections."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.types import ASGIApp

from digestbot.model.errors import Problem, UsageError
from digestbot.web.connections import REQUEST_WITHIN, BoundedConnection, ConnectionLimit, open_files

_GRACE = 10  # seconds for requests in flight when the server is told to stop
_AT_ONCE = 64  # connections that asyncio accepts before it looks at the first of them
_SHARE_OF_FILES = 16  # of the files that the process may have open, so many at once at most
_QUEUE = 1024  # connections that the system keeps until then: one that is turned away comes again a second later


def listening_at(written: str, setting: str = "DIGESTBOT_LISTEN") -> tuple[str, int]:
    """Host and port of ``host:port``, or of a port alone on this machine. Raises UsageError."""
    host, _, port = written.rpartition(":")
    if not port.isdigit() or int(port) > 65535:
        raise UsageError(Problem(f"{written!r} is no host:port", setting, way_out="write 127.0.0.1:8080"))
    return host.strip("[]") or "127.0.0.1", int(port)


class Listener:
    """Serves `app` while it is entered. Raises UsageError when it cannot listen there."""

    def __init__(self, app: ASGIApp, host: str, port: int, *, proxies: Sequence[str] = (), base: str = "") -> None:
        self._socket = _bound(host, port)
        self.limit = ConnectionLimit(proxies)
        served: Any = app  # starlette's and uvicorn's types differ, and a protocol may be any that can be called
        protocol: Any = partial(BoundedConnection, self.limit)
        config = uvicorn.Config(
            served,
            http=protocol,
            ws="none",
            loop="asyncio",
            lifespan="off",
            interface="asgi3",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=True,
            forwarded_allow_ips=list(proxies),
            root_path=base,
            timeout_keep_alive=int(REQUEST_WITHIN),
            timeout_graceful_shutdown=_GRACE,
            backlog=min(_AT_ONCE, max(open_files() // _SHARE_OF_FILES, 1)),
        )
        # Its lines would hold the signed addresses; whoever wants to hear libraries must not hear these.
        logging.getLogger("uvicorn.access").disabled = True
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, name="web")

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.01)
        self._socket.listen(_QUEUE)  # asyncio has made its queue as long as what it accepts at once
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        hint = "stop what listens there, or choose another: DIGESTBOT_LISTEN=127.0.0.1:8081"
        raise UsageError(Problem(f"cannot listen at {host}:{port}: {error.strerror}", way_out=hint)) from None
    return listening
