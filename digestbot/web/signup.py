"""Sign-up: a form, and a mail that asks whether it was meant; what is known of an address shows in nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from digestbot.model.audit import Act
from digestbot.model.subscribers import Membership, SubscriberRecord
from digestbot.web import forms, subscriber_access
from digestbot.web.request_context import RequestContext, form, page
from digestbot.web.rules_check import LONGEST_RULES
from digestbot.web.site import Site
from digestbot.web.throttle import EVERY

STEADY = 0.4  # seconds; every answer takes at least so long, so that none tells by its haste what was done


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    return [page(site, "/", show), form(site, "/join", join)]


def show(context: RequestContext) -> Response:
    """The empty form, or with what was handed on: rules by the playground, topics by their pages."""
    asked, known = context.request.query_params, context.site.app.topics
    topics = [each for each in dict.fromkeys(asked.getlist("topics")) if each in known]
    return _form(context, forms.Filled(topics=topics, rules=asked.get("rules", "")[:LONGEST_RULES]))


def join(context: RequestContext) -> Response:
    """Take a sign-up: the same page whether the address is new, known or suppressed."""
    begun = time.monotonic()
    site, filled = context.site, forms.filled(context)
    forms.check_address(filled)
    topics, now = site.app.topics, site.app.clock()
    kept = {"to": subscriber_access.to_address(filled.address), "first_run": "last 7 days"}
    wants = forms.wants_of(filled, topics, kept)
    forms.check_liked(filled, site.app.store)
    forms.check_whole(filled, wants, topics, now)
    if filled.wrong:
        return _form(context, filled, 422)
    if site.throttle.busy(context.client, now):
        return context.show("busy.html", 429)
    if not context.form.get("website"):  # a field nobody sees: who fills it is a program
        invite(site, filled.address, wants)
    return checked_mail(context, filled.address, begun)


def checked_mail(context: RequestContext, address: str, begun: float) -> Response:
    """The page that sends people to their mail, not before its time."""
    context.not_before = begun + STEADY
    return context.show("check_mail.html", address=address)


def invite(site: Site, address: str, wants: Mapping[str, Any]) -> None:
    """Keep a sign-up and write to the address; to one that is known, where its preferences are. Raises StoreError."""
    store, now, links = site.app.store, site.app.clock(), site.links
    with site.changing:
        may = site.throttle.may_have(address, now)
        if subscriber_access.suppression(store, address) is not None or not may:
            return
        found, there = subscriber_access.at(store, address), subscriber_access.active(store, address)
        if there is not None:
            site.letters.put("known", address, now, link=links.preferences(there.id, address, now))
            return
        if any(timedelta(0) <= now - each.changed_at < EVERY for each in found):
            return  # a mail went out before this process started
        added = found[0].added_at if found else now
        name = found[0].id if found else subscriber_access.new_id()
        record = SubscriberRecord(name, Membership.PENDING, wants, added, now)
        store.put_subscribers([record], noting=[subscriber_access.noted(site, Act.ASKED, address)])
        site.letters.put("confirm", address, now, link=links.confirm(name, address, now))


def _form(context: RequestContext, filled: forms.Filled, status: int = 200) -> Response:
    groups = forms.grouped(context.site.app.topics)
    return context.show("signup.html", status, filled=filled, groups=groups, zones=forms.zones(), every=forms.EVERY)
