"""The playground: rules and likes tried on the stored papers while one types them, before anybody subscribes."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from digestbot.model.subscriptions import PER_WEEK
from digestbot.web import forms, preview, uploads
from digestbot.web.request_context import RequestContext, form, page
from digestbot.web.signup import NOBODY
from digestbot.web.site import Site
from digestbot.web.subscriber_access import to_address

CARRIED = ("rules", "liked", "about", "per_week", "library")
"""What is tried here, and carried on to the sign-up."""


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    pool = site.pools.costly
    return [
        page(site, "/playground", show, pool=pool),
        form(site, "/playground", carry, receive=uploads.receive),
        page(site, "/playground/found", found, pool=pool),
    ]


def show(context: RequestContext) -> Response:
    """The boxes, and what the wishes in the address bring: it works without scripts, and can be passed on."""
    filled, tried = _tried(context)
    carried = {name: getattr(filled, name) for name in CARRIED} if tried else {}
    status = 422 if filled.wrong else 200
    return context.show("playground.html", status, filled=filled, tried=tried, carried=carried)


def carry(context: RequestContext) -> Response:
    """Take a library, and go on to the address that tries all; a library that cannot be read is told."""
    if context.many("library_wrong"):
        filled = forms.filled(context)
        uploads.add_library(context, filled)
        return context.show("playground.html", 422, filled=filled, tried=None, carried={})
    asked = {name: value for name in CARRIED if (value := context.form.get(name, "").strip())}
    return context.go(f"/playground?{urlencode(asked)}")


def found(context: RequestContext) -> Response:
    """``GET /playground/found?rules=...``: the same without the page around it; empty while something is wrong."""
    return context.show("found.html", tried=_tried(context)[1])


def _tried(context: RequestContext) -> tuple[forms.Filled, preview.Preview | None]:
    """The wishes in the address, and what they bring; nothing where there are none, or something is wrong."""
    context.fields = context.request.query_params.multi_items()
    filled, topics = forms.filled(context), context.site.app.topics
    filled.every, filled.per_week = "daily", filled.per_week or str(PER_WEEK)
    uploads.add_library(context, filled)
    if not (filled.rules.strip() or filled.liked.strip() or filled.about or filled.papers):
        return filled, None
    wants = forms.wants_of(filled, topics, {"to": to_address(NOBODY)})
    forms.check_liked(filled, context.site.app.store)
    forms.check_whole(filled, wants, topics, context.site.app.clock())
    return filled, preview.of(context, wants, filled.papers) if not filled.wrong else None
