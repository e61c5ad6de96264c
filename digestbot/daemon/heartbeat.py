"""The heartbeat: a URL fetched after each good tick, so that somebody else notices when there are none."""

from __future__ import annotations

import http.client
import urllib.request

from digestbot.core.secret import Secret

_TIMEOUT = 10.0


def beat(url: Secret) -> str | None:
    """Fetch the URL; why that failed, in words without the URL, or None."""
    # Neither proxies nor a library that logs URLs: whoever knows this one can feign our health.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url.reveal(), timeout=_TIMEOUT) as answer:
            answer.read(1024)
    except (OSError, http.client.HTTPException, ValueError) as error:
        status = getattr(error, "code", None)
        return f"answered {status}" if status else f"not reached ({type(error).__name__})"
    return None
