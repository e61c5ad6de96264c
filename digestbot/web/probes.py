"""Pages for machines that watch the bot: alive, ready, and what it counts; nothing in them is anybody's secret."""

from __future__ import annotations

import logging

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from digestbot.runtime.health.metrics import CONTENT_TYPE, Metrics
from digestbot.runtime.health.pulse import unready
from digestbot.runtime.reloader import Reloader
from digestbot.web.pools import Pool

log = logging.getLogger(__name__)

_UNAVAILABLE = 503


def watched(pages: ASGIApp | None, current: Reloader, watch: Metrics) -> ASGIApp:
    """The pages, if any, behind these: ``/live`` (the ticks show signs of life), ``/ready`` (the work is done)
    and ``/metrics`` (Prometheus's text)."""

    pool = Pool(threads=2, waiting=20)

    async def live(request: Request) -> Response:
        silence = round(watch.pulse.silence, 1)
        return _answer([f"no sign of the ticks for {silence} seconds"] if watch.pulse.late else [])

    async def ready(request: Request) -> Response:
        reasons = await pool.run(_reasons)
        if reasons:
            log.warning("not ready: %s", "; ".join(reasons))
        return _answer(reasons)

    def _reasons() -> list[str]:
        app = current.app
        return list(unready(watch.pulse, lambda: app.store, app.settings.home / "data", app.clock()))

    async def metrics(request: Request) -> Response:
        return Response(await pool.run(watch.text), headers={"Content-Type": CONTENT_TYPE})

    ours = {"/live": live, "/ready": ready, "/metrics": metrics}
    routes = [Route(path, page, methods=["GET"]) for path, page in ours.items()]
    return Router(routes, redirect_slashes=False, default=pages)


def _answer(reasons: list[str]) -> Response:
    state = {"ok": not reasons, "reasons": reasons}
    return JSONResponse(state, status_code=_UNAVAILABLE if reasons else 200, headers={"Cache-Control": "no-store"})
