"""Preferences: what a subscriber changes, pauses, takes along or ends, by the link in each mail."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from digestbot.core.audit import Act
from digestbot.core.subscribers import Membership, SubscriberRecord
from digestbot.links import Purpose
from digestbot.web import forgetting, members, wishes
from digestbot.web.signup import checked_mail
from digestbot.web.site import Site
from digestbot.web.visits import Visit, form, no_link, page

_AT = "/preferences/{token}"


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    return [
        page(site, "/preferences", ask),
        form(site, "/preferences", send_link),
        page(site, _AT, show),
        form(site, _AT, save),
        form(site, f"{_AT}/pause", pause),
        form(site, f"{_AT}/resume", resume),
        page(site, f"{_AT}/export", export),
        page(site, f"{_AT}/forget", forget_page),
        form(site, f"{_AT}/forget", forget),
    ]


def ask(visit: Visit) -> Response:
    """The form of those who have no mail at hand."""
    return visit.show("ask_link.html", filled=wishes.Filled())


def send_link(visit: Visit) -> Response:
    """Mail a fresh link to an address that is subscribed; the same page whether it is."""
    begun = time.monotonic()
    site, filled = visit.site, wishes.filled(visit)
    wishes.check_address(filled)
    if filled.wrong:
        return visit.show("ask_link.html", 422, filled=filled)
    now, store = site.app.clock(), site.app.store
    if site.throttle.busy(visit.client, now):
        return visit.show("busy.html", 429)
    there, may = members.active(store, filled.address), site.throttle.may_have(filled.address, now)
    if may and there is not None and members.suppression(store, filled.address) is None:
        site.letters.put("link", filled.address, now, link=site.links.preferences(there.id, filled.address, now))
    return checked_mail(visit, filled.address, begun)


def of(visit: Visit) -> SubscriberRecord:
    """Whose preferences the link leads to. Raises the answer to a link that does not work."""
    record = members.of_token(visit, Purpose.PREFERENCES)
    if record.state is Membership.PENDING:
        raise no_link()
    return record


def show(visit: Visit) -> Response:
    """What is kept, ready to be changed; to those who left, the way back."""
    record = of(visit)
    return _page(visit, record, wishes.shown(record.wants), done=_DONE.get(visit.request.query_params.get("done", "")))


_DONE = {
    "saved": "Saved. Your next digest is made by it.",
    "paused": "Paused. What comes meanwhile waits for you.",
    "resumed": "Digests come again.",
}


def save(visit: Visit) -> Response:
    """Keep what was changed."""
    site = visit.site
    with site.changing:
        record = of(visit)
        filled = wishes.filled(visit, kept=str(record.wants.get("cadence", "daily 08:00")))
        topics = site.app.topics
        wants = wishes.wants_of(filled, topics, record.wants)
        wishes.check_whole(filled, wants, topics, site.app.clock())
        if filled.wrong:
            return _page(visit, record, filled, 422)
        members.changed(site, record, Act.CHANGED, wants)
    return visit.go(f"/preferences/{visit.request.path_params['token']}?done=saved")


def pause(visit: Visit) -> Response:
    """No digests until a day, or until they are asked for again."""
    until = visit.form.get("until", "")
    site, pause = visit.site, _until(until)
    with site.changing:
        record = of(visit)
        if pause is None or (pause and pause < wishes.soonest_end(site.app.clock())):
            filled = wishes.shown(record.wants)
            filled.object_to("until", "Choose a day from tomorrow on, or none.")
            return _page(visit, record, filled, 422)
        paused = {"paused_until": pause} if pause else {"paused": True}
        members.changed(site, record, Act.PAUSED, _unpaused(record) | paused)
    return visit.go(f"/preferences/{visit.request.path_params['token']}?done=paused")


def _until(written: str) -> str | None:
    """The day in ISO, empty for none, None for what is no day."""
    try:
        return date.fromisoformat(written).isoformat() if written else ""
    except ValueError:
        return None


def resume(visit: Visit) -> Response:
    """Digests again, from the next turn on."""
    with visit.site.changing:
        record = of(visit)
        members.changed(visit.site, record, Act.CHANGED, _unpaused(record), detail="the pause was ended")
    return visit.go(f"/preferences/{visit.request.path_params['token']}?done=resumed")


def _unpaused(record: SubscriberRecord) -> dict[str, Any]:
    return {key: value for key, value in record.wants.items() if key not in ("paused", "paused_until")}


def export(visit: Visit) -> Response:
    """Everything that is kept about a subscriber, as JSON."""
    record = of(visit)
    body = forgetting.everything(visit.site, record)
    name = f'attachment; filename="digestbot-{record.id}.json"'
    return Response(body, media_type="application/json", headers={"Content-Disposition": name})


def forget_page(visit: Visit) -> Response:
    """What forgetting means, and the button."""
    return visit.show("forget.html", address=of(visit).addresses[0], token=visit.request.path_params["token"])


def forget(visit: Visit) -> Response:
    """Forget the subscriber; the page says so when it is done."""
    if visit.form.get("sure") != "yes":
        return forget_page(visit)
    with visit.site.changing:
        forgetting.forget(visit.site, of(visit))
    return visit.show("forgotten.html")


def _page(
    visit: Visit, record: SubscriberRecord, filled: wishes.Filled, status: int = 200, done: str | None = None
) -> Response:
    site, address = visit.site, record.addresses[0]
    suppressed = members.suppression(site.app.store, address)
    leave = site.links.leave_token(record.id, address)
    if suppressed is not None or record.state is Membership.LEFT:
        gone = members.since(suppressed.since if suppressed else record.changed_at)
        return visit.show("gone.html", token=leave, since=gone, own=members.own_will(suppressed), address=address)
    return visit.show(
        "preferences.html",
        status,
        record=record,
        address=address,
        filled=filled,
        groups=wishes.grouped(site.app.topics),
        zones=wishes.zones(),
        every=wishes.EVERY,
        soonest=wishes.soonest_end(site.app.clock()),
        token=visit.request.path_params["token"],
        leave=leave,
        done=done,
    )
