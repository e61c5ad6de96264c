"""A visit: one request to one page, what it may ask of the site, and the ways to answer it."""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from digestbot.platform.links import Purpose
from digestbot.web.pools import RETRY_AFTER, Pool, noticed
from digestbot.web.site import Site
from digestbot.web.throttle import network

log = logging.getLogger(__name__)

FORM_FOR = timedelta(hours=12)
"""So long after it was shown a form can be sent."""
MOST_FIELDS = 400
LARGEST_FORM = 64 * 1024  # bytes of a request; a form with every topic and fifty rules has a tenth
LARGEST_UPLOAD = 16 * 1024 * 1024  # bytes of a form with a file
UPLOAD = "upload"
"""What the names of routes begin with that take a file."""
_COOKIE = "digestbot_form"
_KEPT = 64  # pages that say there is too much going on


@dataclass(slots=True)
class RequestContext:
    """One request. ``form`` has what a POST brought: the first value of each field; `many` gives all of one. ``file``
    is the file it brought, and what that is called, until it was received.

    ``gone`` is set when nobody waits for the answer any more. The answer leaves at ``not_before`` (of
    `time.monotonic`) at the earliest: set it instead of sleeping, which would hold a thread.
    """

    site: Site
    request: Request
    fields: list[tuple[str, str]] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)
    not_before: float = 0.0
    file: tuple[str, BinaryIO] | None = None
    _cookie: str | None = None

    @property
    def form(self) -> Mapping[str, str]:
        """The form's fields, each with its first value."""
        return dict(reversed(self.fields))

    def many(self, name: str) -> list[str]:
        """All values of a field."""
        return [value for key, value in self.fields if key == name]

    def words(self, purpose: Purpose) -> tuple[str, ...]:
        """The words of the token in the path (``{token}``). Raises the answer to a link that does not work."""
        words = self.site.tokens.read(purpose, self.request.path_params["token"], self.site.app.clock())
        if words is None:
            raise no_link()
        return words

    @property
    def wants_preview(self) -> bool:
        """Whether the button of a form was the one that only shows what it would bring."""
        return self.form.get("do") == "preview"

    @property
    def client(self) -> str:
        """Where the request came from, as trusted proxies say."""
        return self.request.client.host if self.request.client else ""

    @property
    def network(self) -> str:
        """The client's network, by which what somebody asks too often is counted."""
        return network(self.client)

    def show(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page of `pages/`, its values escaped."""
        page = self.site.templates.get_template(template)
        text = page.render(context=self, path=self.request.url.path.removeprefix(self.site.base), **values)
        response = HTMLResponse(text, status)
        if self._cookie is not None:
            response.set_cookie(
                _COOKIE,
                self._cookie,
                max_age=int(FORM_FOR.total_seconds()),
                path=self.site.base or "/",
                secure=self.request.url.scheme == "https",
                httponly=True,
                samesite="lax",
            )
        return response

    def go(self, path: str) -> Response:
        """On to another page of this site, after a form that was taken. No path ever comes out of a request."""
        return RedirectResponse(f"{self.site.base}{path}", 303)

    @property
    def browser(self) -> str:
        """A word that this browser alone has; the page that is shown gives it to one that has none."""
        if self._cookie is None:
            known = self.request.cookies.get(_COOKIE, "")
            self._cookie = known if len(known) == 43 else secrets.token_urlsafe(32)
        return self._cookie

    @property
    def form_token(self) -> str:
        """What each form carries (``{{ csrf() }}`` in a template): signed, and good in this browser alone."""
        until = self.site.app.clock() + FORM_FOR
        return self.site.tokens.sign(Purpose.FORM, self.browser, until=until)

    def is_ours(self) -> bool:
        """Whether the form is one that this site gave to this browser (no other site can make it send one)."""
        words = self.site.tokens.read(Purpose.FORM, self.form.get("form_token", ""), self.site.app.clock())
        cookie = self.request.cookies.get(_COOKIE, "")
        return words is not None and hmac.compare_digest(words[0].encode(), cookie.encode()) and self._same_site()

    def _same_site(self) -> bool:
        headers = self.request.headers
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return False
        origin = headers.get("origin")
        hosts = (headers.get("host"), urlsplit(self.site.public_url).netloc)
        return origin is None or urlsplit(origin).netloc in hosts


Page = Callable[[RequestContext], Response]


def page(site: Site, path: str, show: Page, *, options: bool = False, pool: Pool | None = None) -> Route:
    """GET and HEAD of a path (and OPTIONS): `show` runs in a thread, may ask the store, and changes nothing.

    The thread is one of `pool`; where that is the costly one, what asks nothing takes a usual one.
    """

    async def endpoint(request: Request) -> Response:
        context, pools = RequestContext(site, request), site.pools
        if pool is pools.costly and request.url.query:
            async with noticed(request, context.gone):
                return await _answered(context, show, pool)
        return await _answered(context, show, pools.leaving if pool is pools.leaving else pools.usual)

    return Route(path, endpoint, methods=["GET", "OPTIONS"] if options else ["GET"], name=f"get {path}")


async def _answered(context: RequestContext, work: Page, pool: Pool) -> Response:
    """What the work answers; for nobody nothing is done."""
    answer = await pool.run(lambda: Response() if context.gone.is_set() else work(context))
    await asyncio.sleep(max(0.0, context.not_before - time.monotonic()))
    return answer


def form(
    site: Site,
    path: str,
    act: Page,
    *,
    from_anywhere: bool = False,
    pool: Pool | None = None,
    receive: Callable[[RequestContext], None] | None = None,
) -> Route:
    """POST to a path: `act` runs in a thread, of `pool` or a usual one, with the form's fields.

    A form that this site did not give to this browser is refused before, unless it may come `from_anywhere`. With
    `receive` a file may come with it, and is received first, among the libraries. What only asks for a preview is as
    costly as a search; it is not made for nobody.
    """

    async def endpoint(request: Request) -> Response:
        context, pools = RequestContext(site, request), site.pools
        async with _filled(context, files=receive is not None):
            if not from_anywhere and not context.is_ours():
                raise HTTPException(403, "form")
            if receive is None:
                return await _answered(context, act, pool or pools.usual)
            async with noticed(request, context.gone):
                if context.file is not None:
                    await pools.libraries.run(lambda: receive(context))
                return await _answered(context, act, pools.costly if context.wants_preview else pools.usual)

    return Route(path, endpoint, methods=["POST"], name=f"{UPLOAD if receive else 'post'} {path}")


@asynccontextmanager
async def _filled(context: RequestContext, *, files: bool) -> AsyncIterator[None]:
    """Within, the context has the fields of a form in either encoding; none of what is no form. Raises HTTPException.

    Whoever sends a file has a place of its own for that. Raises Busy.
    """
    request = context.request
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        yield
        return
    large = files and int(request.headers.get("content-length", LARGEST_UPLOAD)) > LARGEST_FORM
    place = context.site.pools.uploads.taken(context.network) if large else nullcontext()
    with place:
        data = await request.form(max_files=int(files), max_fields=MOST_FIELDS, max_part_size=LARGEST_FORM)
    try:
        items = data.multi_items()
        context.fields = [(key, value) for key, value in items if not isinstance(value, UploadFile)]
        for _, value in items:
            if isinstance(value, UploadFile) and value.filename:
                context.file = value.filename, value.file
        yield
    finally:
        await data.close()


def too_often() -> HTTPException:
    """The answer to who asks more than we answer at a time."""
    return HTTPException(429, headers={"Retry-After": "60"})


def no_link() -> HTTPException:
    """The one answer to every link that does not work, whatever is wrong with it."""
    return HTTPException(404, "link")


Handler = Callable[[Request, Exception], Response]


def refused(site: Site) -> Handler:
    """Answers what is no page, no link or no good request."""

    def answer(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 400
        detail = error.detail if isinstance(error, HTTPException) else ""
        response = RequestContext(site, request).show("refused.html", status, code=status, detail=detail)
        response.headers.update(getattr(error, "headers", None) or {})
        return response

    return answer


def unavailable(site: Site) -> Handler:
    """Answers when the store failed, or what the operator wrote: nothing was done, and later it may be."""

    def answer(request: Request, error: Exception) -> Response:
        log.error("a %s was answered with 503: %s", request.method, error)
        response = RequestContext(site, request).show("unavailable.html", 503)
        response.headers["Retry-After"] = "120"
        return response

    return answer


def crowded(site: Site) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Answers when too much is going on: in the event's own loop, since there may be no thread for it, and so with
    pages that are written once.
    """

    written: dict[tuple[str, ...], bytes] = {}

    async def answer(request: Request, error: Exception) -> Response:
        of = request.url.path, site.name, site.base
        if of not in written:
            if len(written) >= _KEPT:
                written.clear()
            written[of] = bytes(RequestContext(site, request).show("crowded.html", 503).body)
        return HTMLResponse(written[of], 503, headers={"Retry-After": str(RETRY_AFTER)})

    return answer


def broken(site: Site) -> Handler:
    """Answers a fault of ours; the log has it."""
    return lambda request, error: RequestContext(site, request).show("broken.html", 500)
