"""The guard before all pages: bounds what comes in, and puts the headers that bound what a page may do."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digestbot.web.request_context import LARGEST_FORM, LARGEST_UPLOAD, UPLOAD, refused
from digestbot.web.site import Site

_DRAINED = 4 * LARGEST_UPLOAD  # bytes of what is too large are let in, so that a browser gets to read the answer
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Signed addresses go to no other site. Under no-referrer browsers would send forms with Origin: null.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
_YEAR = 365 * 24 * 3600


class Guard:
    """Refuses what is too large; a page may set any of the headers otherwise."""

    def __init__(self, app: ASGIApp, site: Site, routes: Sequence[Route] = ()) -> None:
        self._app = app
        self._site = site
        self._uploads = [each for each in routes if each.name.startswith(UPLOAD)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if self._site.secure:
                    headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR}")
            await send(message)

        most = self._most(scope)
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or int(length) > most:
            if most == LARGEST_UPLOAD and length.isdecimal() and int(length) <= _DRAINED:
                await _drained(receive)
            await self._too_large(Request(scope), receive, guarded)
            return
        await self._app(scope, _bounded(receive, most), guarded)

    def _most(self, scope: Scope) -> int:
        """How many bytes a request may have: one that may bring a file has more."""
        if not Headers(scope=scope).get("content-type", "").lower().startswith("multipart/form-data"):
            return LARGEST_FORM
        takes = any(each.matches(scope)[0] is Match.FULL for each in self._uploads)
        return LARGEST_UPLOAD if takes else LARGEST_FORM

    async def _too_large(self, request: Request, receive: Receive, send: Send) -> None:
        await refused(self._site)(request, HTTPException(413))(request.scope, receive, send)


async def _drained(receive: Receive) -> None:
    """What comes is let go; a browser that is not heard to its end shows no answer."""
    while (await receive()).get("more_body", False):
        pass


def _bounded(receive: Receive, most: int) -> Receive:
    """What is received, as long as it is not too much: a length may not be told, or be told wrong."""
    left = most

    async def bounded() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413)
        return message

    return bounded
