"""Preferences: what a subscriber changes, pauses, takes along or ends, by the link in each mail."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from digestbot.model.audit import Act
from digestbot.model.feedback import Feedback, Liking
from digestbot.model.papers import LoggedPaper
from digestbot.model.subscribers import Membership, SubscriberRecord
from digestbot.platform.links import Purpose
from digestbot.subscribers.exporting import of_person
from digestbot.web import forms, preview, subscriber_access, uploads
from digestbot.web.request_context import RequestContext, form, no_link, page
from digestbot.web.signup import checked_mail
from digestbot.web.site import Site
from digestbot.web.topics import grouped

_AT = "/preferences/{token}"
MOST_SAID = 50
"""So many of the papers of which more was asked for, or less, are listed."""


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    return [
        page(site, "/preferences", ask),
        form(site, "/preferences", send_link),
        page(site, _AT, show),
        form(site, _AT, save, receive=uploads.receive),
        form(site, f"{_AT}/opinions", take_back),
        form(site, f"{_AT}/pause", pause),
        form(site, f"{_AT}/resume", resume),
        page(site, f"{_AT}/export", export),
        page(site, f"{_AT}/forget", forget_page),
        form(site, f"{_AT}/forget", forget),
    ]


def ask(context: RequestContext) -> Response:
    """The form of those who have no mail at hand."""
    return context.show("ask_link.html", filled=forms.Filled())


def send_link(context: RequestContext) -> Response:
    """Mail a fresh link to an address that is subscribed; the same page whether it is."""
    begun = time.monotonic()
    site, filled = context.site, forms.filled(context)
    forms.check_address(filled)
    if filled.wrong:
        return context.show("ask_link.html", 422, filled=filled)
    now, store = site.app.clock(), site.app.store
    if site.throttle.busy(context.client, now):
        return context.show("busy.html", 429)
    there, may = subscriber_access.active(store, filled.address), site.throttle.may_have(filled.address, now)
    if may and there is not None and subscriber_access.suppression(store, filled.address) is None:
        site.letters.put("link", filled.address, now, link=site.links.preferences(there.id, filled.address, now))
    return checked_mail(context, filled.address, begun, asked="link")


def of(context: RequestContext) -> SubscriberRecord:
    """Whose preferences the link leads to. Raises the answer to a link that does not work."""
    record = subscriber_access.of_token(context, Purpose.PREFERENCES)
    if record.state is Membership.PENDING:
        raise no_link()
    return record


def show(context: RequestContext) -> Response:
    """What is kept, ready to be changed; to those who left, the way back."""
    record = of(context)
    filled = forms.shown(record.wants)
    forms.name_liked(filled, context.site.app.store)
    uploads.add_library(context, filled, record)
    return _page(context, record, filled, done=_DONE.get(context.request.query_params.get("done", "")))


_DONE = {
    "saved": "Saved. Your next digest is made by it.",
    "taken": "Taken back: what you said of this paper counts no more.",
    "paused": "Paused. What comes meanwhile waits for you.",
    "resumed": "Digests come again.",
}


def save(context: RequestContext) -> Response:
    """Keep what was changed; or only show what it would bring."""
    site = context.site
    with site.changing:
        record = of(context)
        filled = forms.filled(context, kept=str(record.wants.get("cadence", "daily 08:00")))
        uploads.add_library(context, filled, record)
        topics = site.app.topics
        wants = forms.wants_of(filled, topics, record.wants)
        forms.check_liked(filled, site.app.store)
        forms.check_whole(filled, wants, topics, site.app.clock())
        if filled.wrong:
            return _page(context, record, filled, 422)
        if not context.wants_preview:
            if filled.library != forms.KEPT:
                site.app.store.put_library(record.id, filled.papers)
            subscriber_access.changed(site, record, Act.CHANGED, wants)
            return context.go(f"/preferences/{context.request.path_params['token']}?done=saved")
    liked = [*filled.papers, *(each.paper for each, liking in said(site, record.id) if liking is Liking.MORE)]
    return _page(context, record, filled, found=preview.of(context, wants, liked))


def take_back(context: RequestContext) -> Response:
    """What was said of a paper counts no more."""
    site, record, place = context.site, of(context), context.form.get("place", "")
    if place not in {str(each.sequence) for each, _ in said(site, record.id)}:
        raise HTTPException(400, "form")
    site.app.store.put_opinions([Feedback(record.id, int(place), Liking.NONE, site.app.clock())])
    return context.go(f"/preferences/{context.request.path_params['token']}?done=taken")


def said(site: Site, name: str) -> list[tuple[LoggedPaper, Liking]]:
    """The papers of which a subscriber wants more, or less, the last word first. Raises StoreError."""
    store = site.app.store
    told = sorted((each for each in store.opinions(name) if each.liking is not Liking.NONE), key=lambda each: each.at)
    papers = store.logged(each.place for each in told)
    return [(papers[each.place], each.liking) for each in reversed(told) if each.place in papers]


def pause(context: RequestContext) -> Response:
    """No digests until a day, or until they are asked for again."""
    until = context.form.get("until", "")
    site, pause = context.site, _until(until)
    with site.changing:
        record = of(context)
        if pause is None or (pause and pause < forms.soonest_end(site.app.clock())):
            filled = forms.shown(record.wants)
            uploads.add_library(context, filled, record)
            filled.object_to("until", "Choose a day from tomorrow on, or none.")
            return _page(context, record, filled, 422)
        paused = {"paused_until": pause} if pause else {"paused": True}
        subscriber_access.changed(site, record, Act.PAUSED, _unpaused(record) | paused)
    return context.go(f"/preferences/{context.request.path_params['token']}?done=paused")


def _until(written: str) -> str | None:
    """The day in ISO, empty for none, None for what is no day."""
    try:
        return date.fromisoformat(written).isoformat() if written else ""
    except ValueError:
        return None


def resume(context: RequestContext) -> Response:
    """Digests again, from the next turn on."""
    with context.site.changing:
        record = of(context)
        subscriber_access.changed(context.site, record, Act.CHANGED, _unpaused(record), detail="the pause was ended")
    return context.go(f"/preferences/{context.request.path_params['token']}?done=resumed")


def _unpaused(record: SubscriberRecord) -> dict[str, Any]:
    return {key: value for key, value in record.wants.items() if key not in ("paused", "paused_until")}


def export(context: RequestContext) -> Response:
    """Everything that is kept about a subscriber, as JSON."""
    record = of(context)
    body = orjson.dumps(of_person(context.site.app.store, record.addresses[0]), option=orjson.OPT_INDENT_2)
    name = f'attachment; filename="digestbot-{record.id}.json"'
    return Response(body, media_type="application/json", headers={"Content-Disposition": name})


def forget_page(context: RequestContext) -> Response:
    """What forgetting means, and the button."""
    return context.show("forget.html", address=of(context).addresses[0], token=context.request.path_params["token"])


def forget(context: RequestContext) -> Response:
    """Forget the subscriber; the page says so when it is done."""
    if context.form.get("sure") != "yes":
        return forget_page(context)
    with context.site.changing:
        subscriber_access.forget(context.site, of(context))
    return context.show("forgotten.html")


def _page(
    context: RequestContext,
    record: SubscriberRecord,
    filled: forms.Filled,
    status: int = 200,
    done: str | None = None,
    found: preview.Preview | None = None,
) -> Response:
    site, address = context.site, record.addresses[0]
    suppressed = subscriber_access.suppression(site.app.store, address)
    leave = site.links.leave_token(record.id, address)
    if suppressed is not None or record.state is Membership.LEFT:
        gone = subscriber_access.since(suppressed.since if suppressed else record.changed_at)
        return context.show(
            "gone.html", token=leave, since=gone, own=subscriber_access.own_will(suppressed), address=address
        )
    return context.show(
        "preferences.html",
        status,
        record=record,
        address=address,
        filled=filled,
        groups=grouped(site.app.topics),
        zones=forms.zones(),
        every=forms.EVERY,
        soonest=forms.soonest_end(site.app.clock()),
        token=context.request.path_params["token"],
        leave=leave,
        done=done,
        tried=found,
        said=said(site, record.id)[:MOST_SAID],
    )
