"""The heartbeat: a URL fetched after each good tick, so that somebody else notices when there are none."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

import httpx

from digestbot.model.secret import Secret
from digestbot.platform.net.fence import Forbidden
from digestbot.platform.net.hush import unlogged
from digestbot.platform.net.network import Network
from digestbot.platform.net.proxies import refused_by_proxy
from digestbot.platform.net.transport import guarded_transport

_TIMEOUT = 10.0


class Heartbeat:
    """Beats after each round, and tells once of what keeps it from being heard."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._failed = False

    def after_round(self, url: Secret | None, network: Network, *, good: bool) -> None:
        """A round is over."""
        failed = beat(url, network, good=good) if url is not None else None
        if failed and not self._failed:
            self._tell(f"DIGESTBOT_HEARTBEAT_URL: {failed}")
        self._failed = failed is not None


def beat(url: Secret, network: Network, *, good: bool = True) -> str | None:
    """Fetch the URL, or the one that says that it is not well; why that failed, in words without it, or None."""
    try:
        transport = guarded_transport(network, kept=0)
        with (
            unlogged(),
            httpx.Client(transport=transport, trust_env=False, timeout=_TIMEOUT, follow_redirects=True) as client,
            client.stream("GET", url.reveal() if good else fail_url(url.reveal())) as answer,
        ):
            status = answer.status_code
    except Forbidden as error:
        return str(error)
    except httpx.ProxyError as error:
        return refused_by_proxy(str(error))[0]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return f"not reached ({type(error).__name__})"
    except OSError as error:  # of our own side: no more files, no certificates to be read
        return f"not sent: {error.strerror or type(error).__name__}"
    return None if status < 400 else f"answered {status}"


def fail_url(url: str) -> str:
    """Where healthchecks.io and its likes are told of a failure: the same address with /fail behind its path."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/fail"))
