"""A change of address: asked for at the preferences, confirmed at the new one, told to the old one."""

from __future__ import annotations

import time

from starlette.responses import Response
from starlette.routing import Route

from digestbot.model.audit import Act
from digestbot.model.subscribers import Membership, SubscriberRecord, folded_address
from digestbot.platform.links import Purpose
from digestbot.web import forms, preferences, subscriber_access
from digestbot.web.request_context import RequestContext, form, no_link, page
from digestbot.web.signup import checked_mail
from digestbot.web.site import Site


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    return [
        page(site, "/preferences/{token}/address", show_form),
        form(site, "/preferences/{token}/address", ask),
        page(site, "/address/{token}", show),
        form(site, "/address/{token}", change),
    ]


def show_form(context: RequestContext) -> Response:
    """The form for a new address."""
    return _form(context, preferences.of(context), forms.Filled())


def ask(context: RequestContext) -> Response:
    """Write to the new address, to one that is subscribed already where its preferences are; the same page."""
    begun = time.monotonic()
    site, record, filled = context.site, preferences.of(context), forms.filled(context)
    forms.check_address(filled)
    if filled.wrong:
        return _form(context, record, filled, 422)
    now, new = site.app.clock(), filled.address
    if site.throttle.busy(context.client, now):
        return context.show("busy.html", 429)
    if site.throttle.may_have(new, now) and subscriber_access.suppression(site.app.store, new) is None:
        there = subscriber_access.active(site.app.store, new)
        if there is not None:
            site.letters.put("known", new, now, link=site.links.preferences(there.id, new, now))
        else:
            link = site.links.new_address(record.id, record.addresses[0], new, now)
            site.letters.put("address", new, now, link=link)
    return checked_mail(context, new, begun, asked="address")


def show(context: RequestContext) -> Response:
    """The button that makes it so."""
    record, new = _asked(context)
    return context.show("new_address.html", old=record.addresses[0], new=new)


def change(context: RequestContext) -> Response:
    """From now on digests go to the new address; the old one is told once."""
    site = context.site
    with site.changing:
        record, new = _asked(context)
        old = record.addresses[0]
        site.letters.put("moved", old, site.app.clock())
        theirs = [folded_address(each.get("address", "")) == old for each in record.wants["to"]]
        to = [{**each, "address": new} if own else each for own, each in zip(theirs, record.wants["to"], strict=True)]
        wants = {**record.wants, "to": to}
        subscriber_access.changed(site, record, Act.MOVED, wants, reference=old)
    link = site.links.preferences(record.id, new, site.app.clock())
    return context.show("moved.html", address=new, link=link)


def _asked(context: RequestContext) -> tuple[SubscriberRecord, str]:
    """Who moves, and where to: only from the address that it was asked for, and to one that mail may go to."""
    record = subscriber_access.of_token(context, Purpose.ADDRESS)
    *_, new = context.words(Purpose.ADDRESS)
    store = context.site.app.store
    moves = record.state is Membership.ACTIVE and subscriber_access.active(store, new) is None
    if not moves or subscriber_access.suppression(store, new) is not None:
        raise no_link()
    return record, new


def _form(context: RequestContext, record: SubscriberRecord, filled: forms.Filled, status: int = 200) -> Response:
    token = context.request.path_params["token"]
    return context.show("change_address.html", status, address=record.addresses[0], filled=filled, token=token)
