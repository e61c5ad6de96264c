"""The archive: digests as pages and as a feed; public ones for everybody, others behind their subscriber's link."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from digestbot.core.digests import DigestRecord, Verdict
from digestbot.core.subscriptions import Subscription
from digestbot.links import Purpose
from digestbot.rendering.base import Envelope
from digestbot.rendering.feed import feed
from digestbot.web.search import number_of
from digestbot.web.site import Site
from digestbot.web.visits import Visit, no_link, page

ON_A_PAGE = 50
IN_THE_FEED = 20
LAST_PAGE = 1_000
# The archive's pages bring their own style; nothing else runs or is loaded.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
_PUBLIC = {"Cache-Control": "public, max-age=300"}


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    return [
        page(site, "/archive", every),
        page(site, "/archive/{subscription}", public_list),
        page(site, "/archive/{subscription}/feed.atom", public_feed),
        page(site, "/archive/{subscription}/{slot}", public_digest),
        page(site, "/mine/{token}", own_list),
        page(site, "/mine/{token}/feed.atom", own_feed),
        page(site, "/mine/{token}/{slot}", own_digest),
    ]


def every(visit: Visit) -> Response:
    """The public subscriptions."""
    public = sorted(_public(visit.site), key=lambda each: each.name.casefold())
    latest = {each.id: found[0] for each in public if (found := _newest(visit, each, 1))}
    return visit.show("archive.html", subscriptions=public, latest=latest)


def public_list(visit: Visit) -> Response:
    """A public subscription's digests, the newest first."""
    subscription = _asked(visit)
    return _list(visit, subscription, f"/archive/{subscription.id}")


def public_feed(visit: Visit) -> Response:
    """Their feed."""
    subscription = _asked(visit)
    return _feed(visit, subscription, f"{visit.site.public_url}/archive/{subscription.id}", _PUBLIC)


def public_digest(visit: Visit) -> Response:
    """One of them."""
    subscription = _asked(visit)
    return _digest(visit, subscription, f"{visit.site.public_url}/archive/{subscription.id}", _PUBLIC)


def own_list(visit: Visit) -> Response:
    """The digests of the subscription that the link is for, the newest first."""
    return _list(visit, _own(visit), f"/mine/{visit.request.path_params['token']}")


def own_feed(visit: Visit) -> Response:
    """Their feed."""
    subscription = _own(visit)
    return _feed(visit, subscription, visit.site.links.archive(subscription.id), {})


def own_digest(visit: Visit) -> Response:
    """One of them."""
    subscription = _own(visit)
    return _digest(visit, subscription, visit.site.links.archive(subscription.id), {})


def _public(site: Site) -> Sequence[Subscription]:
    """Those that say so: of files, since nobody makes somebody else's mail public from the web."""
    return [want.subscription for want in site.app.folder.wants if want.subscription.public]


def _asked(visit: Visit) -> Subscription:
    name = visit.request.path_params["subscription"]
    for each in _public(visit.site):
        if each.id == name:
            return each
    raise HTTPException(404)


def _own(visit: Visit) -> Subscription:
    """The subscription of the link, as long as there is one."""
    (name,) = visit.words(Purpose.ARCHIVE)
    subscription = visit.site.app.subscription(name)
    if subscription is None:
        raise no_link()
    return subscription


def _shown(record: DigestRecord) -> bool:
    """Whether it holds something to read."""
    return record.verdict is Verdict.SEND


def _newest(visit: Visit, subscription: Subscription, count: int) -> Sequence[DigestRecord]:
    """Its last digests that hold something, at most `count`, the newest first: those that do not may be many."""
    asked = max(count, 8)
    while True:
        records = visit.site.app.store.digests(subscription.id, newest=asked)
        shown = [each for each in records if _shown(each)]
        if len(shown) >= count or len(records) < asked:
            return shown[::-1][:count]
        asked *= 4


def _list(visit: Visit, subscription: Subscription, at: str) -> Response:
    number = number_of(visit.request.query_params.get("page", ""), LAST_PAGE)
    records = _newest(visit, subscription, number * ON_A_PAGE + 1)
    number = min(number, max(1, -(-len(records) // ON_A_PAGE)))
    shown, more = records[(number - 1) * ON_A_PAGE : number * ON_A_PAGE], len(records) > number * ON_A_PAGE
    return visit.show("digests.html", subscription=subscription, records=shown, at=at, number=number, more=more)


def _digest(visit: Visit, subscription: Subscription, listed: str, headers: dict[str, str]) -> Response:
    app = visit.site.app
    record = app.store.digest(f"{subscription.id}/{visit.request.path_params['slot']}")
    if record is None or not _shown(record):
        raise HTTPException(404)
    (part,) = app.writer.archived(record, subscription, listed).parts
    return _kept(visit, part.body, "text/html; charset=utf-8", {"Content-Security-Policy": _POLICY, **headers})


def _feed(visit: Visit, subscription: Subscription, at: str, headers: dict[str, str]) -> Response:
    app = visit.site.app
    records = _newest(visit, subscription, IN_THE_FEED)
    if not records:
        raise HTTPException(404)
    digests = [app.writer.digest(each) for each in records]
    envelope = Envelope("", app.settings.mail_from, visit.site.public_url, archive_url=at)
    body = feed(digests, envelope, address=f"{at}/feed.atom")
    return _kept(visit, body, "application/atom+xml; charset=utf-8", headers)


def _kept(visit: Visit, body: bytes, kind: str, headers: dict[str, str]) -> Response:
    """The bytes, or that they are what the asker has."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    if tag in visit.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"ETag": tag, **headers})
    return Response(body, media_type=kind, headers={"ETag": tag, **headers})
