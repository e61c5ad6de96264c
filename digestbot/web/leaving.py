"""Leaving: one POST from a mail program (RFC 8058), or a page with a button; looking at it changes nothing."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from digestbot.model.subscribers import UNSUBSCRIBED
from digestbot.platform.links import Purpose
from digestbot.subscribers import leaving
from digestbot.web import subscriber_access
from digestbot.web.request_context import RequestContext, form, page
from digestbot.web.site import Site

ONE_CLICK = ("List-Unsubscribe", "One-Click")
"""The whole body of the one-click request: https://www.rfc-editor.org/rfc/rfc8058#section-3.1"""


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    pool = site.pools.leaving
    return [
        page(site, "/leave/{token}", show, options=True, pool=pool),
        form(site, "/leave/{token}", leave, from_anywhere=True, pool=pool),
    ]


def show(context: RequestContext) -> Response:
    """The button; and for those who pressed it before, the way back."""
    address = _address(context, context.words(Purpose.LEAVE))
    token = context.request.path_params["token"]
    gone = subscriber_access.suppression(context.site.app.store, address) if address else None
    if gone is None:
        return context.show("leave.html", address=address, token=token)
    since = subscriber_access.since(gone.since)
    return context.show("gone.html", token=token, since=since, own=subscriber_access.own_will(gone), address=address)


def leave(context: RequestContext) -> Response:
    """What a mail provider sends, or our own button; anything else changes nothing."""
    site, token = context.site, context.request.path_params["token"]
    if [(name, value.strip()) for name, value in context.fields] == [ONE_CLICK]:  # some end it with a line break
        words = site.tokens.read(Purpose.LEAVE, token, site.app.clock())
        if words is not None:
            _leave(context, _address(context, words), "one-click (RFC 8058)")
        # Done, done before, or nobody's: nobody learns who is subscribed.
        return PlainTextResponse("You are unsubscribed.\n")
    if not context.is_ours():
        raise HTTPException(403, "form")
    address = _address(context, context.words(Purpose.LEAVE))
    do = context.form.get("do")
    if do == "leave":
        _leave(context, address, "the page's button")
        return context.show("left.html", address=address, token=token)
    if do == "return" and address is not None and _come_back(context, address):
        return context.show("back.html", address=address)
    raise HTTPException(400, "form")


def _address(context: RequestContext, words: tuple[str, ...]) -> str | None:
    """Whom the link is for; None where nothing would go to them."""
    name, mark = words
    app = context.site.app
    subscription = app.directory.of_files.get(name)
    to = subscription.to if subscription is not None else ()
    return leaving.named_by(app.store, name, mark, [each.options["address"] for each in to if each.channel == "email"])


def _leave(context: RequestContext, address: str | None, how: str) -> None:
    if address is None:
        return
    site, token = context.site, context.request.path_params["token"]
    evidence = f"{UNSUBSCRIBED} by {how}, link …{token[-8:]}"
    with site.changing:
        leaving.leave(site.app.store, address, now=site.app.clock(), evidence=evidence)


def _come_back(context: RequestContext, address: str) -> bool:
    site = context.site
    with site.changing:
        return leaving.come_back(site.app.store, address, now=site.app.clock())
