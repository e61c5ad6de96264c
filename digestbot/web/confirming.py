"""Confirming a sign-up: the link in the mail shows a button, and only the button does it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import Route

from digestbot.model.audit import Act
from digestbot.model.cadence import parse_cadence
from digestbot.model.subscribers import Membership, SubscriberRecord
from digestbot.platform.links import Purpose
from digestbot.web import forms, subscriber_access
from digestbot.web.request_context import RequestContext, form, no_link, page
from digestbot.web.site import Site


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    return [page(site, "/confirm/{token}", show), form(site, "/confirm/{token}", confirm)]


def show(context: RequestContext) -> Response:
    """What was asked for, and the button; programs that look into mails follow links, and press nothing."""
    record = _waiting(context)
    if record.state is Membership.ACTIVE:
        return _welcome(context, record)
    topics = context.site.app.topics
    titles = [topics.title(name) for name in record.wants.get("topics", ()) if name in topics]
    when = forms.in_words(str(record.wants.get("cadence", "daily 08:00")))
    return context.show("confirm.html", wants=record.wants, when=when, address=record.addresses[0], titles=titles)


def confirm(context: RequestContext) -> Response:
    """From now on digests are made. A second time changes nothing."""
    site = context.site
    with site.changing:
        record = _waiting(context)
        if record.state is Membership.PENDING:
            site.app.store.register([record.id], now=site.app.clock())
            record = subscriber_access.changed(site, record, Act.CONFIRMED, state=Membership.ACTIVE)
    return _welcome(context, record)


def _waiting(context: RequestContext) -> SubscriberRecord:
    """Whom the link is for, unless they left meanwhile."""
    record = subscriber_access.of_token(context, Purpose.CONFIRM)
    if (
        record.state is Membership.LEFT
        or subscriber_access.suppression(context.site.app.store, record.addresses[0]) is not None
    ):
        raise no_link()
    return record


def _welcome(context: RequestContext, record: SubscriberRecord) -> Response:
    site, wants = context.site, record.wants
    zone = ZoneInfo(str(wants.get("timezone", "UTC")))
    slots = parse_cadence(str(wants.get("cadence", "daily 08:00"))).upcoming(zone, after=site.app.clock(), count=1)
    turn = slots[0].at.astimezone(zone) if slots else None
    first = f"{turn:%A}, {subscriber_access.since(turn)}, {turn:%H:%M}" if turn else ""
    link = site.links.preferences(record.id, record.addresses[0], site.app.clock())
    return context.show("welcome.html", address=record.addresses[0], first=first, zone=str(zone), link=link)
