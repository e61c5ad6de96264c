"""The heartbeat: a URL fetched after each good tick, so that somebody else notices when there are none."""

from __future__ import annotations

import httpx

from digestbot.model.secret import Secret
from digestbot.platform.net.fence import Fence, Forbidden
from digestbot.platform.net.hush import unlogged
from digestbot.platform.net.transport import GuardedBackend, guarded_transport

_TIMEOUT = 10.0


def beat(url: Secret, fence: Fence) -> str | None:
    """Fetch the URL; why that failed, in words without the URL, or None."""
    transport = guarded_transport(GuardedBackend(fence), kept=0)
    try:
        with (
            unlogged(),
            # No proxies: whoever knows this URL can feign our health.
            httpx.Client(transport=transport, trust_env=False, timeout=_TIMEOUT, follow_redirects=True) as client,
            client.stream("GET", url.reveal()) as answer,
        ):
            status = answer.status_code
    except Forbidden as error:
        return str(error)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return f"not reached ({type(error).__name__})"
    return None if status < 400 else f"answered {status}"
