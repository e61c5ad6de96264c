"""All pages of the site put together behind one guard. A new room of pages is named here."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from digestbot.model.errors import StoreError, UsageError
from digestbot.web import (
    addresses,
    archive,
    confirming,
    feedback,
    leaving,
    login,
    operating,
    playground,
    preferences,
    rules_check,
    search,
    signup,
    static,
    topics,
    waiting,
)
from digestbot.web.guard import Guard
from digestbot.web.pools import Busy
from digestbot.web.request_context import broken, crowded, refused, unavailable
from digestbot.web.site import Site


def build(site: Site) -> ASGIApp:
    """The pages as one ASGI application."""
    rooms = (
        signup,
        confirming,
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
        static,
    )
    app = Starlette(
        routes=[route for room in rooms for route in room.routes(site)],
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
    return Guard(app, site)
