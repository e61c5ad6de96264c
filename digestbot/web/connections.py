"""The connections of one listener: so many in all and from one network, and none that rests for ever."""

from __future__ import annotations

import asyncio
import ipaddress
import resource
from collections import Counter
from collections.abc import Sequence
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from digestbot.web.throttle import network

REQUEST_WITHIN = 10.0  # seconds for a whole request from its first byte, and between two requests
ANSWER_WITHIN = 60.0  # seconds until its answer has been made and taken
MOST = 200  # connections of a listener, so that a flood leaves the daemon its memory
MOST_OF_A_NETWORK = 40
_SHARE_OF_FILES = 4  # a listener takes one in so many of the files that the process may have open


class ConnectionLimit:
    """Who may be connected. Whoever is too many takes the place of the connection that has kept us waiting longest.

    The networks of trusted proxies are many visitors': they are bounded by what all together may have.
    """

    def __init__(self, proxies: Sequence[str] = (), *, most: int | None = None) -> None:
        self.most = most or min(MOST, max(open_files() // _SHARE_OF_FILES, 1))
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


def open_files() -> int:
    """How many files this process may have open."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


class BoundedConnection(H11Protocol):
    """uvicorn's, under a limit and with deadlines: a request that does not come to its end is not waited for."""

    def __init__(self, limit: ConnectionLimit, **given: Any) -> None:
        super().__init__(**given)
        self._limit = limit
        self._deadline: asyncio.TimerHandle | None = None

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
            within = REQUEST_WITHIN if self.rests else ANSWER_WITHIN
            self._deadline = self.loop.call_later(within, self._overdue)

    def _overdue(self) -> None:
        if self.rests and not self.flow.write_paused:
            self.transport.close()
        else:
            self.transport.abort()  # closing would wait until what is written has been taken
