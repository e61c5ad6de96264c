"""The operator's login: one password, a signed cookie for some hours, and few tries."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from digestbot.platform.links import Purpose
from digestbot.web.request_context import Page, RequestContext, form, page
from digestbot.web.site import Site

FOR = timedelta(hours=8)
"""So long a login holds."""
COOKIE = "digestbot_operator"
KNOWN_FOR = timedelta(days=180)
"""So long a browser is known in which the operator has logged in: others' tries do not slow it."""
KNOWN_COOKIE = "digestbot_browser"


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    logins = site.logins

    def enter(context: RequestContext) -> Response:
        """Look at the password."""
        _password(site)
        now, browser = site.app.clock(), _word(context, KNOWN_COOKIE, Purpose.BROWSER)
        if not logins.allowed(context.network, browser, now):
            return context.show("login.html", 429, wrong="Too many tries: wait a quarter of an hour.")
        context.not_before = time.monotonic() + logins.wait(context.network, browser, now)
        if not _matches(site, context.form.get("password", "")):
            return context.show("login.html", 403, wrong="That is not the password.")
        logins.succeeded(context.network, browser)
        response = context.go("/operator")
        _set_cookie(context, response, COOKIE, Purpose.OPERATOR, FOR)
        _set_cookie(context, response, KNOWN_COOKIE, Purpose.BROWSER, KNOWN_FOR)
        return response

    def leave(context: RequestContext) -> Response:
        """End the login, also for whoever has a copy of the cookie."""
        word = _login(context)
        if word is not None:
            logins.end(word)
        response = context.go("/operator/login")
        response.delete_cookie(COOKIE, path=f"{site.base}/operator")
        return response

    return [
        page(site, "/operator/login", show),
        form(site, "/operator/login", enter),
        form(site, "/operator/logout", leave),
    ]


def show(context: RequestContext) -> Response:
    """The form."""
    _password(context.site)
    return context.show("login.html", wrong="")


def only(act: Page) -> Page:
    """For who is logged in; everybody else is led to the login."""

    def guarded(context: RequestContext) -> Response:
        _password(context.site)
        return act(context) if _login(context) is not None else context.go("/operator/login")

    return guarded


def _password(site: Site) -> bytes:
    """The password; without one there are no such pages."""
    password = site.app.settings.operator_password
    if password is None:
        raise HTTPException(404)
    return password.reveal().encode("utf-8", "surrogatepass")


def _matches(site: Site, given: str) -> bool:
    """Compared in constant time, whatever the lengths."""
    known, tried = (hashlib.sha256(each).digest() for each in (_password(site), given.encode("utf-8", "replace")))
    return hmac.compare_digest(known, tried)


def _mark(site: Site) -> str:
    """Which password it was: a new one ends all logins. Nobody tells it from the cookie."""
    key = site.app.settings.secrets[0].reveal().encode("utf-8", "surrogatepass")
    return hmac.new(key, _password(site), hashlib.sha256).hexdigest()[:32]


def _set_cookie(context: RequestContext, response: Response, name: str, purpose: Purpose, lasts: timedelta) -> None:
    site = context.site
    token = site.tokens.sign(purpose, secrets.token_urlsafe(16), _mark(site), until=site.app.clock() + lasts)
    response.set_cookie(
        name,
        token,
        max_age=int(lasts.total_seconds()),
        path=f"{site.base}/operator",
        secure=context.request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def _login(context: RequestContext) -> str | None:
    """The random word of the visitor's login; None without one that holds."""
    word = _word(context, COOKIE, Purpose.OPERATOR)
    return None if word is None or context.site.logins.is_over(word) else word


def _word(context: RequestContext, cookie: str, purpose: Purpose) -> str | None:
    """The random word of a cookie that we have set under the present password; None without."""
    site = context.site
    words = site.tokens.read(purpose, context.request.cookies.get(cookie, ""), site.app.clock())
    if words is None:
        return None
    word, mark = words
    return word if hmac.compare_digest(mark, _mark(site)) else None
