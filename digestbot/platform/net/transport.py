"""The transport of every HTTP client here: a name is looked up, judged, and exactly that address connected to."""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Iterable
from functools import lru_cache

import httpcore
import httpx

from digestbot.platform.net.fence import Fence

_TIMEOUT = 30.0


class GuardedBackend(httpcore.NetworkBackend):
    """Opens connections where the fence lets it; raises Forbidden elsewhere, before a packet leaves.

    Every connection passes here, one after a redirect or a kept client's new one too, so that a name that
    answers differently the second time is judged by that second answer. TLS is still to the host's name.
    """

    def __init__(self, fence: Fence) -> None:
        self._fence = fence
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of the host's addresses that answers. `timeout` is for all of them together."""
        until = time.monotonic() + (_TIMEOUT if timeout is None else timeout)
        failed: Exception = httpcore.ConnectError(f"{host} has no address")
        addresses = _addresses(host, port)
        self._fence.check(host, addresses)
        for address in addresses:
            left = until - time.monotonic()
            if left <= 0:
                raise httpcore.ConnectTimeout("timed out")
            try:
                return self._inner.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed


def guarded_transport(backend: httpcore.NetworkBackend, *, kept: int = 20) -> httpx.HTTPTransport:
    """A transport whose connections `backend` opens, up to `kept` of them left open between requests.

    Use it with ``trust_env=False``: a proxy would connect in our place, wherever the URL leads.
    """
    trusted = _trusted(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    transport = httpx.HTTPTransport(verify=trusted)
    # httpcore has the place to hand in what opens connections, but httpx hands it on in no public way.
    transport._pool = httpcore.ConnectionPool(
        ssl_context=trusted, max_keepalive_connections=kept, keepalive_expiry=30, network_backend=backend
    )
    return transport


def _addresses(host: str, port: int) -> list[str]:
    """Where a host is, as the system knows it: 127.1, 0x7f000001 and 2130706433 are spellings of one address."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(str(error)) from error
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@lru_cache(maxsize=4)
def _trusted(file: str | None, folder: str | None) -> ssl.SSLContext:
    """The certificates httpx trusts under these variables, read once: that takes a tenth of a second."""
    return httpx.create_ssl_context()
