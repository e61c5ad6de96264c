"""How what Apprise posts leaves: through the proxy that is set, within the fence, trusting the house's authority."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from digestbot.platform.net.confined import confined
from digestbot.platform.net.fence import EVERYWHERE, Forbidden
from digestbot.platform.net.network import Network
from digestbot.platform.net.proxies import refused_by_proxy
from digestbot.platform.net.transport import judge_name

# The proxy's own words; beside them the error has the whole URL, which is a password.
_SAID = re.compile(r"Tunnel connection failed: (\d{3}[^'\")]*)")


@dataclass(slots=True)
class WayOut:
    """What posts leave by. ``refused`` is why one did not, in words without its URL, and whether that lasts."""

    network: Network
    refused: tuple[str, bool] | None = None


_current: ContextVar[WayOut] = ContextVar("way out")


@contextmanager
def way_out(network: Network) -> Iterator[WayOut]:
    """Within, what this context posts by requests leaves by this network; of the environment's proxies none is asked.

    Connections that are no HTTP stay inside the fence all the same, and by no proxy.
    """
    requests.sessions.HTTPAdapter = _Adapter  # type: ignore[attr-defined]  # Apprise makes sessions of its own
    way = WayOut(network)
    token = _current.set(way)
    try:
        with confined(network.fence) as outside:
            yield way
        if outside:
            way.refused = outside[0], True
    finally:
        _current.reset(token)


class _Adapter(HTTPAdapter):
    """Sends each request the way that is set; a redirect is a request, too."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        """That of direct connections."""
        super().init_poolmanager(connections, maxsize, block, **{**options, **_tls("ssl_context")})

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """That of one proxy, which may have a certificate of the house itself."""
        return super().proxy_manager_for(proxy, **options, **_tls("ssl_context", "proxy_ssl_context"))

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        """Raises what requests does; what is refused on this side, or by the proxy, is kept for who asked."""
        way, url = _current.get(), urlsplit(request.url or "")
        proxy = way.network.proxies.for_url(url.scheme, url.hostname or "")
        if proxy is None:
            return super().send(request, *arguments, **{**options, "proxies": {}})
        try:
            judge_name(way.network.fence, url.hostname or "")
            with confined(EVERYWHERE):  # the operator named the proxy
                answer = super().send(request, *arguments, **{**options, "proxies": {url.scheme: proxy.reveal()}})
        except Forbidden as error:
            way.refused = str(error), True
            raise requests.ConnectionError(request=request) from error
        except requests.exceptions.ProxyError as error:
            said = _SAID.search(str(error))
            way.refused = refused_by_proxy(said[1] if said else "it is not reached")
            raise
        if answer.status_code == 407:
            way.refused = refused_by_proxy("407 Proxy Authentication Required")
            raise requests.exceptions.ProxyError(request=request)
        return answer


def _tls(*names: str) -> dict[str, ssl.SSLContext]:
    """Whom to trust beside those whom requests does."""
    network = _current.get().network
    return dict.fromkeys(names, network.trusted()) if network.authority is not None else {}
