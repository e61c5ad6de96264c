"""What waits for later digests: the link in a digest shows it, and only the button has it sent now."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from digestbot.delivery.control_channel import SEND_WAITING, Command, ControlChannel
from digestbot.delivery.operator_actions import sent_by_hand
from digestbot.digests import open_by_hand
from digestbot.model.errors import StoreError
from digestbot.model.papers import LoggedPaper
from digestbot.model.subscriptions import Subscription
from digestbot.platform.links import Purpose
from digestbot.rendering.links import paper_link
from digestbot.rendering.readable import readable_text
from digestbot.web.request_context import RequestContext, form, no_link, page
from digestbot.web.site import Site

WHO = "a reader on the web"
MOST_SHOWN = 200
_PATIENCE = 8.0  # seconds that a page waits for the daemon


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    return [page(site, "/waiting/{token}", show), form(site, "/waiting/{token}", send)]


def show(context: RequestContext) -> Response:
    """The titles, each a link, and the button; programs that look into mails follow links, and press nothing."""
    subscription = _meant(context)
    search = context.site.app.settings.title_search
    waiting = _waiting(context, subscription)
    titled = [(readable_text(each.paper.title), each) for each in waiting[:MOST_SHOWN]]
    rows = [(title, paper_link(each.paper, title, search), each.sequence) for title, each in titled]
    more = len(waiting) - len(rows)
    return context.show("waiting.html", subscription=subscription, rows=rows, more=more, done=False)


def send(context: RequestContext) -> Response:
    """Have one digest made of all that waits and of what has come in since; with nothing there, nothing is done."""
    subscription = _meant(context)
    with context.site.changing:
        done = bool(_waiting(context, subscription))
        if done:
            _send(context, subscription)
    return context.show("waiting.html", subscription=subscription, rows=[], more=0, done=done)


def _send(context: RequestContext, subscription: Subscription) -> None:
    """By the daemon where there is one; else it is opened here, and leaves with whoever delivers. Raises StoreError."""
    app, names = context.site.app, (subscription.id,)
    orders = ControlChannel(app.settings.home)
    try:
        order = Command(SEND_WAITING, names, WHO)
        answer = orders.ask(order, _PATIENCE, _impatient) if orders.is_attended() else None
    except _InHand:
        return
    if answer is not None:
        if answer.problem:
            raise StoreError(answer.problem)
        return
    now = app.clock()
    records = list(open_by_hand(app.wants(names), app.store, now, waiting=True))
    app.store.note(sent_by_hand(records, now, WHO))


class _InHand(Exception):
    """The daemon has the order, and comes to it later."""


def _impatient() -> None:
    raise _InHand


def _meant(context: RequestContext) -> Subscription:
    """The subscription of the link, as long as there is one."""
    (name,) = context.words(Purpose.WAITING)
    subscription = context.site.app.directory.get(name)
    if subscription is None:
        raise no_link()
    return subscription


def _waiting(context: RequestContext, subscription: Subscription) -> list[LoggedPaper]:
    """What was over the cap of its digests, the best of the last one first."""
    store = context.site.app.store
    cursor = store.cursor(subscription.id)
    papers = store.logged(cursor.carry) if cursor is not None else {}
    return [papers[place] for place in (cursor.carry if cursor else ()) if place in papers]
