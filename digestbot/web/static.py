"""The pages' own style, script and icon: kept by browsers for a year, under an address that changes with them."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from digestbot.web.request_context import RequestContext, page
from digestbot.web.site import STATIC, Site

_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    files = {path.name: (path.read_bytes(), _KINDS[path.suffix]) for path in STATIC.iterdir()}

    def file(context: RequestContext) -> Response:
        found = files.get(context.request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        body, kind = found
        return Response(body, media_type=kind, headers={"Cache-Control": "public, max-age=31536000, immutable"})

    return [page(site, "/static/{name}", file)]
