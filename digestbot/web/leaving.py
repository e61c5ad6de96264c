"""Leaving: one POST from a mail program (RFC 8058), or a page with a button; looking at it changes nothing."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from digestbot.core.subscribers import UNSUBSCRIBED
from digestbot.links import Purpose
from digestbot.people import leaving
from digestbot.web import members
from digestbot.web.site import Site
from digestbot.web.visits import Visit, form, page

ONE_CLICK = ("List-Unsubscribe", "One-Click")
"""The whole body of the one-click request: https://www.rfc-editor.org/rfc/rfc8058#section-3.1"""


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    return [page(site, "/leave/{token}", show, options=True), form(site, "/leave/{token}", leave, from_anywhere=True)]


def show(visit: Visit) -> Response:
    """The button; and for those who pressed it before, the way back."""
    address = _address(visit, visit.words(Purpose.LEAVE))
    token = visit.request.path_params["token"]
    gone = members.suppression(visit.site.app.store, address) if address else None
    if gone is None:
        return visit.show("leave.html", address=address, token=token)
    since = members.since(gone.since)
    return visit.show("gone.html", token=token, since=since, own=members.own_will(gone), address=address)


def leave(visit: Visit) -> Response:
    """What a mail provider sends, or our own button; anything else changes nothing."""
    if [(name, value.strip()) for name, value in visit.fields] == [ONE_CLICK]:  # some end it with a line break
        return _one_click(visit)
    if not visit.is_ours():
        raise HTTPException(403, "form")
    words = visit.words(Purpose.LEAVE)
    address = _address(visit, words)
    do, token = visit.form.get("do"), visit.request.path_params["token"]
    if do == "leave":
        if address is not None:
            _leave(visit, address, "the page's button")
        return visit.show("left.html", address=address, token=token)
    if do == "return" and address is not None:
        with visit.site.changing:
            back = leaving.come_back(visit.site.app.store, address, now=visit.site.app.clock())
        if back:
            return visit.show("back.html", address=address)
    raise HTTPException(400, "form")


def _one_click(visit: Visit) -> Response:
    """Done, done before, or nobody's: the provider gets the same answer, and nobody learns who is subscribed."""
    words = visit.site.tokens.read(Purpose.LEAVE, visit.request.path_params["token"], visit.site.app.clock())
    address = _address(visit, words) if words is not None else None
    if address is not None:
        _leave(visit, address, "one-click (RFC 8058)")
    return PlainTextResponse("You are unsubscribed.\n")


def _leave(visit: Visit, address: str, how: str) -> None:
    site, token = visit.site, visit.request.path_params["token"]
    evidence = f"{UNSUBSCRIBED} by {how}, link …{token[-8:]}"
    with site.changing:
        leaving.leave(site.app.store, address, now=site.app.clock(), evidence=evidence)


def _address(visit: Visit, words: tuple[str, ...]) -> str | None:
    """Whom the link is for; None where nothing would go to them."""
    subscription, mark = words
    app = visit.site.app
    to = (to for want in app.folder.wants if want.subscription.id == subscription for to in want.subscription.to)
    destinations = [each.options["address"] for each in to if each.channel == "email"]
    return leaving.named_by(app.store, subscription, mark, destinations)
