"""A listener: one address, served by uvicorn in a thread of its own; so many connections, none rests for ever."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from digestbot.model.errors import Problem, UsageError
from digestbot.platform.system import exclusively, open_files
from digestbot.web.throttle import network

REQUEST_WITHIN = 10.0  # seconds for a whole request from its first byte, and between two requests
SLOWEST = 32 * 1024  # bytes; for each so many that came a request has a second more: a library takes its time
UPLOAD_WITHIN = 300.0  # seconds for any request
ANSWER_WITHIN = 60.0  # seconds until its answer has been made and taken
MOST = 200  # connections of a listener, so that a flood leaves the daemon its memory
MOST_OF_A_NETWORK = 40
_SHARE_CONNECTED = 4  # a listener takes one in so many of the files that the process may have open


class ConnectionLimit:
    """Who may be connected. Whoever is too many takes the place of the connection that has kept us waiting longest.

    The networks of trusted proxies are many visitors': they are bounded by what all together may have.
    """

    def __init__(self, proxies: Sequence[str] = (), *, most: int | None = None) -> None:
        self.most = most or min(MOST, max(open_files() // _SHARE_CONNECTED, 1))
        self._proxies = [ipaddress.ip_network(each, strict=False) for each in proxies]
        self._open: dict[BoundedConnection, str] = {}  # to the network; who has been in its state longest comes first
        self._of_network: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, connection: BoundedConnection) -> None:
        """Take it in, and let another go where it is one too many; itself, where none only rests."""
        here = self._network(connection)
        self._open[connection] = here
        self._of_network[here] += 1
        if here and self._of_network[here] > MOST_OF_A_NETWORK:
            self._let_go([each for each, of in self._open.items() if of == here])
        elif len(self._open) > self.most:
            self._let_go(list(self._open))

    def changed(self, connection: BoundedConnection) -> None:
        """Its state is another one from now on."""
        if connection in self._open:
            self._open[connection] = self._open.pop(connection)

    def forget(self, connection: BoundedConnection) -> None:
        """It is over."""
        here = self._open.pop(connection, None)
        if here is not None:
            self._of_network -= Counter({here: 1})

    def _let_go(self, among: Sequence[BoundedConnection]) -> None:
        gone = next((each for each in among[:-1] if each.rests), among[-1])
        self.forget(gone)
        gone.transport.abort()

    def _network(self, connection: BoundedConnection) -> str:
        """Empty for a proxy."""
        client = connection.client[0] if connection.client else ""
        try:
            at = ipaddress.ip_address(client)
        except ValueError:
            return client
        return "" if any(at in each for each in self._proxies) else network(client)


class BoundedConnection(H11Protocol):
    """uvicorn's, under a limit and with deadlines: a request that does not come to its end is not waited for."""

    def __init__(self, limit: ConnectionLimit, **given: Any) -> None:
        super().__init__(**given)
        self._limit = limit
        self._deadline: asyncio.TimerHandle | None = None
        self._began, self._came = 0.0, 0

    @property
    def rests(self) -> bool:
        """Whether nothing is being done for it: it has not sent a whole request, or does not take the answer."""
        return self.flow.write_paused or self.conn.their_state in (h11.IDLE, h11.SEND_BODY)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """It begins."""
        super().connection_made(transport)
        self._limit.admit(self)
        self._begin()

    def data_received(self, data: bytes) -> None:
        """A piece of a request; its last one begins the time of the answer."""
        rested = self.rests
        super().data_received(data)
        self._came += len(data)
        if self.rests != rested:
            self._begin()

    def on_response_complete(self) -> None:
        """The next request has its own time."""
        super().on_response_complete()
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        super().connection_lost(exc)
        self._limit.forget(self)
        if self._deadline is not None:
            self._deadline.cancel()

    def _begin(self) -> None:
        """Another state, with a deadline of its own."""
        if self._deadline is not None:
            self._deadline.cancel()
        if not self.transport.is_closing():
            self._limit.changed(self)
            self._began, self._came = self.loop.time(), 0
            within = REQUEST_WITHIN if self.rests else ANSWER_WITHIN
            self._deadline = self.loop.call_later(within, self._overdue)

    def _overdue(self) -> None:
        if self.rests and not self.flow.write_paused:
            until = self._began + min(REQUEST_WITHIN + self._came / SLOWEST, UPLOAD_WITHIN)
            if until > self.loop.time():
                self._deadline = self.loop.call_at(until, self._overdue)
            else:
                self.transport.close()
        else:
            self.transport.abort()  # closing would wait until what is written has been taken


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
        exclusively(listening)
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        hint = "stop what listens there, or choose another: DIGESTBOT_LISTEN=127.0.0.1:8081"
        raise UsageError(Problem(f"cannot listen at {host}:{port}: {error.strerror}", way_out=hint)) from None
    return listening
