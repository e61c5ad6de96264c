"""A change of address: asked for at the preferences, confirmed at the new one, told to the old one."""

from __future__ import annotations

import time

from starlette.responses import Response
from starlette.routing import Route

from digestbot.core.audit import Act
from digestbot.core.subscribers import Membership, SubscriberRecord, folded_address
from digestbot.links import Purpose
from digestbot.web import members, preferences, wishes
from digestbot.web.signup import checked_mail
from digestbot.web.site import Site
from digestbot.web.visits import Visit, form, no_link, page


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    return [
        page(site, "/preferences/{token}/address", show_form),
        form(site, "/preferences/{token}/address", ask),
        page(site, "/address/{token}", show),
        form(site, "/address/{token}", change),
    ]


def show_form(visit: Visit) -> Response:
    """The form for a new address."""
    return _form(visit, preferences.of(visit), wishes.Filled())


def ask(visit: Visit) -> Response:
    """Write to the new address, to one that is subscribed already where its preferences are; the same page."""
    begun = time.monotonic()
    site, record, filled = visit.site, preferences.of(visit), wishes.filled(visit)
    wishes.check_address(filled)
    if filled.wrong:
        return _form(visit, record, filled, 422)
    now, new = site.app.clock(), filled.address
    if site.throttle.busy(visit.client, now):
        return visit.show("busy.html", 429)
    if site.throttle.may_have(new, now) and members.suppression(site.app.store, new) is None:
        there = members.active(site.app.store, new)
        if there is not None:
            site.letters.put("known", new, now, link=site.links.preferences(there.id, new, now))
        else:
            link = site.links.new_address(record.id, record.addresses[0], new, now)
            site.letters.put("address", new, now, link=link)
    return checked_mail(visit, new, begun)


def show(visit: Visit) -> Response:
    """The button that makes it so."""
    record, new = _asked(visit)
    return visit.show("new_address.html", old=record.addresses[0], new=new)


def change(visit: Visit) -> Response:
    """From now on digests go to the new address; the old one is told once."""
    site = visit.site
    with site.changing:
        record, new = _asked(visit)
        old = record.addresses[0]
        site.letters.put("moved", old, site.app.clock())
        theirs = [folded_address(each.get("address", "")) == old for each in record.wants["to"]]
        to = [{**each, "address": new} if own else each for own, each in zip(theirs, record.wants["to"], strict=True)]
        wants = {**record.wants, "to": to}
        members.changed(site, record, Act.MOVED, wants, reference=old)
    link = site.links.preferences(record.id, new, site.app.clock())
    return visit.show("moved.html", address=new, link=link)


def _asked(visit: Visit) -> tuple[SubscriberRecord, str]:
    """Who moves, and where to: only from the address that it was asked for, and to one that mail may go to."""
    record = members.of_token(visit, Purpose.ADDRESS)
    *_, new = visit.words(Purpose.ADDRESS)
    store = visit.site.app.store
    moves = record.state is Membership.ACTIVE and members.active(store, new) is None
    if not moves or members.suppression(store, new) is not None:
        raise no_link()
    return record, new


def _form(visit: Visit, record: SubscriberRecord, filled: wishes.Filled, status: int = 200) -> Response:
    token = visit.request.path_params["token"]
    return visit.show("change_address.html", status, address=record.addresses[0], filled=filled, token=token)
