"""The server: uvicorn in a thread beside the daemon, or by itself, and the mailer with it."""

from __future__ import annotations

import logging
import socket
import threading
import time
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import uvicorn

from digestbot.model.errors import Problem, UsageError
from digestbot.runtime.reloader import Reloader
from digestbot.web.mailer import Mailer
from digestbot.web.probes import watched
from digestbot.web.routes import build
from digestbot.web.site import Site

if TYPE_CHECKING:
    from digestbot.runtime.health.metrics import Metrics

_GRACE = 10  # seconds for requests in flight when the server is told to stop
_IDLE = 10  # seconds that a connection may rest between two requests
_AT_ONCE = 200  # connections; more are answered 503, so that a flood leaves the daemon its memory


def listening_at(written: str) -> tuple[str, int]:
    """Host and port of ``host:port``, or of a port alone on this machine. Raises UsageError."""
    host, _, port = written.rpartition(":")
    if not port.isdigit() or int(port) > 65535:
        raise UsageError(Problem(f"{written!r} is no host:port", "DIGESTBOT_LISTEN", way_out="write 127.0.0.1:8080"))
    return host.strip("[]") or "127.0.0.1", int(port)


class WebServer:
    """The pages, served while it is entered. ``url`` is where; port 0 takes one that is free.

    ``current`` is shared: with the daemon's, the pages use the store that it has open. With a ``watch`` the pages
    for machines are there too, and alone where the settings name no pages. Raises UsageError when the pages lack
    a setting, or cannot listen there.
    """

    def __init__(self, current: Reloader, host: str, port: int, watch: Metrics | None = None) -> None:
        alone = watch is not None and current.app.settings.public_url is None
        self._site = None if alone else Site(current)
        self._socket = _bound(host, port)
        served: Any = None if self._site is None else build(self._site)  # starlette's and uvicorn's types differ
        config = uvicorn.Config(
            served if watch is None else watched(served, current, watch),
            http="h11",
            ws="none",
            loop="asyncio",
            lifespan="off",
            interface="asgi3",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=True,
            forwarded_allow_ips=list(current.app.settings.trusted_proxies),
            root_path="" if self._site is None else self._site.base,
            timeout_keep_alive=_IDLE,
            timeout_graceful_shutdown=_GRACE,
            limit_concurrency=_AT_ONCE,
        )
        # Its lines would hold the signed addresses; whoever wants to hear libraries must not hear these.
        logging.getLogger("uvicorn.access").disabled = True
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, name="web")
        self._open = ExitStack()

    @property
    def site(self) -> Site:
        """What the pages share."""
        assert self._site is not None, "there are no pages"
        return self._site

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def __enter__(self) -> Self:
        if self._site is not None:
            self._open.enter_context(Mailer(self._site))
            warming = threading.Thread(target=self._site.papers.warm, name="warming")
            warming.start()
            self._open.callback(warming.join)
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.01)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()
        self._open.close()


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
