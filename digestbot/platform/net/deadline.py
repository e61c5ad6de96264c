"""A bound on a whole exchange: when the time is up the connection is cut, however busily it drips."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

_CONNECTED = ("connection.connect_tcp.complete", "connection.start_tls.complete", "proxy.start_tls.complete")


class Deadline:
    """Within `seconds`, or the connection is shut and ``passed`` is set.

    Timeouts on single reads leave a far side that sends a byte now and then all the time in the world.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def watch(self, connection: socket.socket | None) -> None:
        """The connection to be cut."""
        with self._lock:
            self._socket = connection
        if self.passed:
            self._cut()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """What httpx calls at each step of a request (its extension ``trace``)."""
        if event in _CONNECTED:
            self.watch(info["return_value"].get_extra_info("socket"))

    def _cut(self) -> None:
        self.passed = True
        with self._lock, suppress(OSError):
            if self._socket is not None:
                # Past TLS's own shutdown, which takes the connection apart under the thread that reads it.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._socket = None
