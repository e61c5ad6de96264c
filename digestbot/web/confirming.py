"""Confirming a sign-up: the link in the mail shows a button, and only the button does it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import Route

from digestbot.core.audit import Act
from digestbot.core.cadence import parse_cadence
from digestbot.core.subscribers import Membership, SubscriberRecord
from digestbot.links import Purpose
from digestbot.web import members, wishes
from digestbot.web.site import Site
from digestbot.web.visits import Visit, form, no_link, page


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    return [page(site, "/confirm/{token}", show), form(site, "/confirm/{token}", confirm)]


def show(visit: Visit) -> Response:
    """What was asked for, and the button; programs that look into mails follow links, and press nothing."""
    record = _waiting(visit)
    if record.state is Membership.ACTIVE:
        return _welcome(visit, record)
    topics = visit.site.app.topics
    titles = [topics.title(name) for name in record.wants.get("topics", ()) if name in topics]
    when = wishes.in_words(str(record.wants.get("cadence", "daily 08:00")))
    return visit.show("confirm.html", wants=record.wants, when=when, address=record.addresses[0], titles=titles)


def confirm(visit: Visit) -> Response:
    """From now on digests are made. A second time changes nothing."""
    site = visit.site
    with site.changing:
        record = _waiting(visit)
        if record.state is Membership.PENDING:
            site.app.store.register([record.id], now=site.app.clock())
            record = members.changed(site, record, Act.CONFIRMED, state=Membership.ACTIVE)
    return _welcome(visit, record)


def _waiting(visit: Visit) -> SubscriberRecord:
    """Whom the link is for, unless they left meanwhile."""
    record = members.of_token(visit, Purpose.CONFIRM)
    if record.state is Membership.LEFT or members.suppression(visit.site.app.store, record.addresses[0]) is not None:
        raise no_link()
    return record


def _welcome(visit: Visit, record: SubscriberRecord) -> Response:
    site, wants = visit.site, record.wants
    zone = ZoneInfo(str(wants.get("timezone", "UTC")))
    slots = parse_cadence(str(wants.get("cadence", "daily 08:00"))).upcoming(zone, after=site.app.clock(), count=1)
    turn = slots[0].at.astimezone(zone) if slots else None
    first = f"{turn:%A}, {members.since(turn)}, {turn:%H:%M}" if turn else ""
    link = site.links.preferences(record.id, record.addresses[0], site.app.clock())
    return visit.show("welcome.html", address=record.addresses[0], first=first, zone=str(zone), link=link)
