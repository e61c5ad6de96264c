"""Opinions: the links under each paper of a mail ask for more like it, or less; looking changes nothing."""

from __future__ import annotations

from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from digestbot.model.feedback import Feedback, Liking
from digestbot.model.papers import LoggedPaper
from digestbot.model.subscriptions import Subscription
from digestbot.platform.links import Purpose
from digestbot.subscribers.taste import liked_by
from digestbot.web.request_context import RequestContext, form, no_link, page
from digestbot.web.site import Site

_PATHS = {"more": Liking.MORE, "less": Liking.LESS}


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    shown = [page(site, f"/{path}/{{token}}", partial(show, asked=liking)) for path, liking in _PATHS.items()]
    return [*shown, *(form(site, f"/{path}/{{token}}", keep) for path in _PATHS)]


def show(context: RequestContext, asked: Liking) -> Response:
    """The paper, and the button; programs that look into mails follow links, and press nothing."""
    subscription, logged = _meant(context)
    return _page(context, subscription, logged, asked)


def keep(context: RequestContext) -> Response:
    """Keep what was pressed: it has its part in the order from the next digest on."""
    liking = context.form.get("liking", "")
    if liking not in {each.value for each in Liking}:
        raise HTTPException(400, "form")
    subscription, logged = _meant(context)
    app = context.site.app
    app.store.put_opinions([Feedback(subscription.id, logged.sequence, Liking(liking), app.clock())])
    return _page(context, subscription, logged, Liking(liking), done=True)


def _meant(context: RequestContext) -> tuple[Subscription, LoggedPaper]:
    """What the link is about, as long as there is such a subscription and it wants to know."""
    name, place = context.words(Purpose.OPINION)
    app = context.site.app
    subscription = app.directory.get(name)
    logged = app.store.logged([int(place)]).get(int(place))
    if subscription is None or not subscription.feedback or logged is None:
        raise no_link()
    return subscription, logged


def _page(
    context: RequestContext, subscription: Subscription, logged: LoggedPaper, liking: Liking, *, done: bool = False
) -> Response:
    because = liked_by(subscription, context.site.app.store).because(logged.paper) if done else []
    paper, place = logged.paper, logged.sequence
    return context.show("opinion.html", paper=paper, place=place, liking=liking.value, done=done, because=because[:8])
