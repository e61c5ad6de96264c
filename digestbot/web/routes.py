"""All pages of the site put together behind one guard. A new room of pages is named here."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from digestbot.model.errors import StoreError, UsageError
from digestbot.web import (
    addresses,
    archive,
    feedback,
    leaving,
    login,
    operating,
    playground,
    preferences,
    rules_check,
    search,
    signup,
    topics,
    waiting,
)
from digestbot.web.guard import Guard
from digestbot.web.pools import Busy
from digestbot.web.request_context import RequestContext, broken, crowded, page, refused, unavailable
from digestbot.web.site import STATIC, Site


def build(site: Site) -> ASGIApp:
    """The pages as one ASGI application."""
    rooms = (
        signup,
        preferences,
        addresses,
        leaving,
        rules_check,
        playground,
        search,
        topics,
        archive,
        feedback,
        waiting,
        login,
        operating,
    )
    routes = [route for room in rooms for route in room.routes(site)] + _static(site)
    app = Starlette(
        routes=routes,
        exception_handlers={
            HTTPException: refused(site),
            Busy: crowded(site),
            StoreError: unavailable(site),
            UsageError: unavailable(site),  # a file of the operator's, such as the topics, cannot be read
            Exception: broken(site),
        },
    )
    # It would lead to whatever host the request names.
    app.router.redirect_slashes = False
    return Guard(app, site, routes)


_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


def _static(site: Site) -> list[Route]:
    """The pages' own style, script and icon: kept by browsers for a year, under an address that changes with them."""
    files = {path.name: (path.read_bytes(), _KINDS[path.suffix]) for path in STATIC.iterdir()}

    def file(context: RequestContext) -> Response:
        found = files.get(context.request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        body, kind = found
        return Response(body, media_type=kind, headers={"Cache-Control": "public, max-age=31536000, immutable"})

    return [page(site, "/static/{name}", file)]
