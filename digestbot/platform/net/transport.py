"""The transport of every HTTP client here: a name is looked up, judged, and exactly that address connected to."""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import httpcore
import httpx

from digestbot.model.secret import Secret
from digestbot.platform.net.fence import EVERYWHERE, Fence, Forbidden
from digestbot.platform.net.network import Network

_TIMEOUT = 30.0
# https://www.iana.org/assignments/special-use-domain-names, and what houses use in their place
_OF_THE_HOUSE = (".localhost", ".local", ".internal", ".home.arpa", ".lan", ".intranet", ".test", ".invalid")

Bound: TypeAlias = Callable[[httpcore.NetworkBackend], httpcore.NetworkBackend]


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


class _ProxyBackend(httpcore.NetworkBackend):
    """Opens connections to the proxy, wherever it is: the operator named it."""

    def __init__(self) -> None:
        self._inner = GuardedBackend(EVERYWHERE)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect."""
        try:
            return self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            raise httpcore.ProxyError(f"it is not reached ({error})") from error


class _ThroughProxies(httpx.BaseTransport):
    """Leads each request through the proxy for its host, or past it.

    The proxy connects in our place, so what it is to connect to is judged here first, as far as names can be looked
    up here; one that cannot is the proxy's to judge, unless it is a name of this house by its form.
    """

    def __init__(self, network: Network, direct: httpx.BaseTransport, kept: int, bound: Bound) -> None:
        self._network, self._direct = network, direct
        trusted = _trusted(network)
        self._through: dict[Secret, httpx.BaseTransport] = {}
        for proxy in network.proxies.of_scheme.values():
            url = httpx.URL(proxy.reveal())
            pool = httpcore.HTTPProxy(
                str(url.copy_with(userinfo=b"")),
                proxy_auth=(url.username, url.password) if url.userinfo else None,
                ssl_context=trusted,
                proxy_ssl_context=trusted if url.scheme == "https" else None,
                max_keepalive_connections=kept,
                keepalive_expiry=30,
                network_backend=bound(_ProxyBackend()),
            )
            self._through[proxy] = _pooled(pool, trusted)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises Forbidden, or httpx's ProxyError when the proxy refuses."""
        host = request.url.host
        proxy = self._network.proxies.for_url(request.url.scheme, host)
        if proxy is None:
            return self._direct.handle_request(request)
        judge_name(self._network.fence, host)
        answer = self._through[proxy].handle_request(request)
        if answer.status_code == 407:
            answer.close()
            raise httpx.ProxyError("407 Proxy Authentication Required", request=request)
        return answer

    def close(self) -> None:
        """Let all connections go."""
        for each in (self._direct, *self._through.values()):
            each.close()


def judge_name(fence: Fence, host: str) -> None:
    """Raises Forbidden for a host that a proxy may not be sent to, as far as can be told here."""
    if fence == EVERYWHERE:
        return
    try:
        addresses = _addresses(host, 0)
    except httpcore.ConnectError:
        if "." not in host.rstrip(".") or host.rstrip(".").lower().endswith(_OF_THE_HOUSE):
            raise Forbidden(f"{host} is a name of this network (to allow it, set DIGESTBOT_NO_PROXY={host})") from None
        return
    fence.check(host, addresses)


def guarded_transport(
    network: Network, *, kept: int = 20, bound: Bound = lambda backend: backend
) -> httpx.BaseTransport:
    """A transport within the network's fence, through its proxies, that trusts its authority.

    Up to `kept` connections are left open between requests; `bound` puts its own bounds around what opens them. Use
    it with ``trust_env=False``: httpx would take the environment's proxies, and ask no fence.
    """
    trusted = _trusted(network)
    pool = httpcore.ConnectionPool(
        ssl_context=trusted,
        max_keepalive_connections=kept,
        keepalive_expiry=30,
        network_backend=bound(GuardedBackend(network.fence)),
    )
    direct = _pooled(pool, trusted)
    return _ThroughProxies(network, direct, kept, bound) if network.proxies.of_scheme else direct


def _pooled(pool: httpcore.ConnectionPool, trusted: ssl.SSLContext) -> httpx.HTTPTransport:
    """httpcore has the place to hand in what opens connections, but httpx hands it on in no public way."""
    transport = httpx.HTTPTransport(verify=trusted)
    transport._pool = pool
    return transport


def _addresses(host: str, port: int) -> list[str]:
    """Where a host is, as the system knows it: 127.1, 0x7f000001 and 2130706433 are spellings of one address."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(str(error)) from error
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _trusted(network: Network) -> ssl.SSLContext:
    changed = network.authority.stat().st_mtime_ns if network.authority is not None else 0
    return _context(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"), network.authority, changed)


@lru_cache(maxsize=4)
def _context(file: str | None, folder: str | None, authority: Path | None, changed: int) -> ssl.SSLContext:
    """Whom httpx trusts under these variables, and the house does, read once: that takes a tenth of a second."""
    context = httpx.create_ssl_context()
    if authority is not None:
        context.load_verify_locations(authority)
    return context
