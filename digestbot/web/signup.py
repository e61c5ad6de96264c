"""Sign-up: a form, and a mail that asks whether it was meant; only the button behind its link makes it so.

What is known of an address shows in nothing.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import Route

from digestbot.model.audit import Act
from digestbot.model.cadence import parse_cadence
from digestbot.model.papers import Paper
from digestbot.model.subscribers import Membership, SubscriberRecord
from digestbot.model.subscriptions import PER_WEEK
from digestbot.platform.links import Purpose
from digestbot.web import forms, preview, subscriber_access, uploads
from digestbot.web.request_context import RequestContext, form, no_link, page
from digestbot.web.rules_check import LONGEST_RULES
from digestbot.web.site import Site
from digestbot.web.throttle import EVERY
from digestbot.web.topics import grouped

STEADY = 0.4  # seconds; every answer takes at least so long, so that none tells by its haste what was done
STEADY_LIBRARY = 2.0  # seconds, where a library may have to be kept
NOBODY = "you@example.org"
"""Whom a preview is for."""


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    return [
        page(site, "/", show),
        form(site, "/join", join, receive=uploads.receive),
        page(site, "/confirm/{token}", show_confirm),
        form(site, "/confirm/{token}", confirm),
    ]


def show(context: RequestContext) -> Response:
    """The empty form, or with what was handed on: rules and likes by the playground, topics by their pages."""
    asked, known = context.request.query_params, context.site.app.topics
    filled = forms.Filled(
        topics=[each for each in dict.fromkeys(asked.getlist("topics")) if each in known],
        rules=asked.get("rules", "")[:LONGEST_RULES],
        liked=asked.get("liked", "")[:LONGEST_RULES],
        about=asked.get("about", "")[: forms.LONGEST_ABOUT],
        per_week=asked.get("per_week", "")[:5] or str(PER_WEEK),
        library=asked.get("library", "")[:64],
    )
    uploads.add_library(context, filled)
    return _form(context, filled)


def join(context: RequestContext) -> Response:
    """Take a sign-up, or show what it would bring: the same page whether the address is new, known or suppressed."""
    site, filled = context.site, forms.filled(context)
    uploads.add_library(context, filled)
    begun = time.monotonic()
    if not context.wants_preview:
        forms.check_address(filled)
    topics, now = site.app.topics, site.app.clock()
    to = subscriber_access.to_address(NOBODY if context.wants_preview else filled.address)
    wants = forms.wants_of(filled, topics, {"to": to, "first_run": "last 7 days"})
    forms.check_liked(filled, site.app.store)
    forms.check_whole(filled, wants, topics, now)
    if filled.wrong:
        return _form(context, filled, 422)
    if context.wants_preview:
        return _form(context, filled, found=preview.of(context, wants, filled.papers))
    if site.throttle.busy(context.client, now):
        return context.show("busy.html", 429)
    if not context.form.get("website"):  # a field nobody sees: who fills it is a program
        invite(site, filled.address, wants, filled.papers)
    return checked_mail(context, filled.address, begun, STEADY_LIBRARY if filled.papers else None)


def checked_mail(
    context: RequestContext, address: str, begun: float, steady: float | None = None, *, asked: str = "join"
) -> Response:
    """The page that sends people to their mail, not before its time; ``asked`` is what was asked for."""
    context.not_before = begun + (STEADY if steady is None else steady)
    return context.show("check_mail.html", address=address, asked=asked)


def invite(site: Site, address: str, wants: Mapping[str, Any], library: Sequence[Paper] = ()) -> None:
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
        store.put_library(name, library)
        site.letters.put("confirm", address, now, link=links.confirm(name, address, now))


def _form(
    context: RequestContext, filled: forms.Filled, status: int = 200, found: preview.Preview | None = None
) -> Response:
    groups = grouped(context.site.app.topics)
    return context.show(
        "signup.html", status, filled=filled, groups=groups, zones=forms.zones(), every=forms.EVERY, tried=found
    )


def show_confirm(context: RequestContext) -> Response:
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
