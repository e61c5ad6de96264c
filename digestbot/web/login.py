"""The operator's login: one password, a signed cookie for some hours, and few tries."""

from __future__ import annotations

import hashlib
import hmac
import secrets
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


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    logins = site.logins

    def enter(context: RequestContext) -> Response:
        """Look at the password."""
        _password(site)
        if not logins.allowed(context.network, site.app.clock()):
            return context.show("login.html", 429, wrong="Too many tries: wait a quarter of an hour.")
        if not _matches(site, context.form.get("password", "")):
            return context.show("login.html", 403, wrong="That is not the password.")
        logins.succeeded(context.network)
        response = context.go("/operator")
        until = site.app.clock() + FOR
        token = site.tokens.sign(Purpose.OPERATOR, secrets.token_urlsafe(16), _mark(site), until=until)
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(FOR.total_seconds()),
            path=f"{site.base}/operator",
            secure=context.request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return response

    def leave(context: RequestContext) -> Response:
        """End the login, also for whoever has a copy of the cookie."""
        word = _word(context)
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
        return act(context) if _word(context) is not None else context.go("/operator/login")

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


def _word(context: RequestContext) -> str | None:
    """The random word of the visitor's login; None without one that holds."""
    site = context.site
    words = site.tokens.read(Purpose.OPERATOR, context.request.cookies.get(COOKIE, ""), site.app.clock())
    if words is None:
        return None
    word, mark = words
    holds = hmac.compare_digest(mark, _mark(site)) and not site.logins.is_over(word)
    return word if holds else None
