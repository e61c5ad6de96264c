"""Opinions: the links under each paper of a mail ask for more like it, or less; looking changes nothing."""

from __future__ import annotations

from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from digestbot.core.opinions import Liking, Opinion
from digestbot.core.papers import LoggedPaper
from digestbot.core.subscriptions import Subscription
from digestbot.links import Purpose
from digestbot.people.liking import liked_by
from digestbot.web.site import Site
from digestbot.web.visits import Visit, form, no_link, page

_PATHS = {"more": Liking.MORE, "less": Liking.LESS}


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    shown = [page(site, f"/{path}/{{token}}", partial(show, asked=liking)) for path, liking in _PATHS.items()]
    return [*shown, *(form(site, f"/{path}/{{token}}", keep) for path in _PATHS)]


def show(visit: Visit, asked: Liking) -> Response:
    """The paper, and the button; programs that look into mails follow links, and press nothing."""
    subscription, logged = _meant(visit)
    return _page(visit, subscription, logged, asked)


def keep(visit: Visit) -> Response:
    """Keep what was pressed: it has its part in the order from the next digest on."""
    liking = visit.form.get("liking", "")
    if liking not in {each.value for each in Liking}:
        raise HTTPException(400, "form")
    subscription, logged = _meant(visit)
    app = visit.site.app
    app.store.put_opinions([Opinion(subscription.id, logged.sequence, Liking(liking), app.clock())])
    return _page(visit, subscription, logged, Liking(liking), done=True)


def _meant(visit: Visit) -> tuple[Subscription, LoggedPaper]:
    """What the link is about, as long as there is such a subscription and it wants to know."""
    name, place = visit.words(Purpose.OPINION)
    app = visit.site.app
    subscription = app.subscription(name)
    logged = app.store.logged([int(place)]).get(int(place))
    if subscription is None or not subscription.feedback or logged is None:
        raise no_link()
    return subscription, logged


def _page(
    visit: Visit, subscription: Subscription, logged: LoggedPaper, liking: Liking, *, done: bool = False
) -> Response:
    because = liked_by(subscription, visit.site.app.store).because(logged.paper) if done else []
    return visit.show("opinion.html", paper=logged.paper, liking=liking.value, done=done, because=because[:8])
